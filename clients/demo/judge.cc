// `tenure-demo-judge`: what ways of spending a budget really earn on a simulated shop, whose truth
// is known. Prints one JSON document.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/value_parameters.h"
#include "clients/demo/simulated_shop.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/clv/model_document.h"
#include "server/clv/value_model.h"
#include "server/customers/population.h"
#include "server/decision/plugin_catalog.h"
#include "server/decision/world.h"
#include "server/planning/model_fit.h"
#include "server/planning/strategies.h"
#include "server/plugin_host/default_folder.h"
#include "server/plugin_host/registry.h"
#include "server/rules/compiler.h"

namespace tenure::demo {
namespace {

struct Options {
  std::string orders, truth, rules, plugins = plugin_host::DefaultFolder();
  std::string at, budget;
  std::string model, params;
  double margin_rate = 1;
  uint64_t seed = 1;
};

absl::StatusOr<std::shared_ptr<const rules::RuleSet>> CompileRules(
    const std::string& folder, std::shared_ptr<const plugin_host::Registry> plugins) {
  TENURE_ASSIGN_OR_RETURN(std::vector<rules::Source> sources, rules::ReadFolder(folder));
  const decision::RegistryCatalog catalog(std::move(plugins));
  const rules::Compiled compiled = rules::Compile(std::move(sources), catalog);
  if (compiled.rule_set != nullptr) return compiled.rule_set;
  std::string problems;
  for (const rules::Problem& problem : compiled.problems) {
    absl::StrAppend(&problems, "\n", rules::Render(problem));
  }
  return absl::InvalidArgumentError(absl::StrCat(folder, ":", problems));
}

// The fitted model's valuation, and everybody's stage by it: what activating it does in a server.
absl::StatusOr<customers::Valuation> FitAndStage(std::shared_ptr<const rules::RuleSet> rules,
                                                 int64_t at_us, std::string* hash,
                                                 customers::Population* population) {
  TENURE_ASSIGN_OR_RETURN(const journal::ModelRecord record,
                          planning::FitPopulation(rules, *population, {at_us, 0}));
  TENURE_ASSIGN_OR_RETURN(clv::ModelDocument models, clv::ReadModelDocument(record.model_json));
  customers::Valuation valuation{std::move(rules), std::move(models.model), record.cut_points,
                                 std::move(models.populations)};
  customers::Change change(population);
  change.Tick(at_us, valuation);
  change.Publish();
  *hash = record.hash;
  return valuation;
}

// The same shop seen by who knows the parameters that it was made with.
absl::StatusOr<customers::Valuation> TrueValuation(const Options& options,
                                                   const customers::Valuation& fitted,
                                                   int64_t at_us,
                                                   const customers::Population& population) {
  TENURE_ASSIGN_OR_RETURN(clv::ValueParameters parameters,
                          cli::ParseValueParameters(options.model, options.params));
  clv::ValueOptions value = fitted.model->options();
  value.margin_rate = options.margin_rate;
  customers::Valuation valuation{fitted.rules, nullptr, journal::CutPoints()};
  TENURE_ASSIGN_OR_RETURN(valuation.model, clv::ValueModel::Create(std::move(parameters), value));
  valuation.cut_points = population.CutPointsAt(at_us, valuation);
  return valuation;
}

// Null where the oracle itself gains nothing: there is nothing to be a share of.
nlohmann::ordered_json Score(double gain, double possible) {
  if (!(possible > 0)) return nullptr;
  return gain / possible;
}

nlohmann::ordered_json ToJson(const std::vector<planning::StrategyResult>& results) {
  double nothing = 0, oracle = 0;
  for (const planning::StrategyResult& result : results) {
    if (result.name == planning::kNothing) nothing = result.value;
    if (result.name == planning::kBayesOracle) oracle = result.value;
  }
  nlohmann::ordered_json strategies = nlohmann::ordered_json::array();
  for (const planning::StrategyResult& result : results) {
    strategies.push_back({{"name", result.name},
                          {"value", result.value},
                          {"claimed", result.claimed},
                          {"held", FormatMicros(result.charge_micros)},
                          {"expected_cost", result.expected_cost},
                          {"offers", result.offers},
                          {"score", Score(result.value - nothing, oracle - nothing)}});
  }
  return strategies;
}

absl::Status Run(const Options& options) {
  TENURE_ASSIGN_OR_RETURN(const int64_t at_us, ParseInstant(options.at));
  TENURE_ASSIGN_OR_RETURN(plugin_host::Registry loaded,
                          plugin_host::Registry::LoadFolder(options.plugins));
  const auto plugins = std::make_shared<const plugin_host::Registry>(std::move(loaded));
  TENURE_ASSIGN_OR_RETURN(const auto rules, CompileRules(options.rules, plugins));
  customers::Population population;
  TENURE_RETURN_IF_ERROR(FoldOrders(options.orders, rules, at_us, &population));
  TENURE_ASSIGN_OR_RETURN(const std::vector<planning::Truth> truth,
                          ReadTruth(options.truth, population, options.margin_rate));
  std::string hash;
  TENURE_ASSIGN_OR_RETURN(const customers::Valuation fitted,
                          FitAndStage(rules, at_us, &hash, &population));
  TENURE_ASSIGN_OR_RETURN(const customers::Valuation known,
                          TrueValuation(options, fitted, at_us, population));
  const auto world = decision::MakeWorld(fitted, hash, {}, *plugins, options.seed);
  const auto oracle = decision::MakeWorld(known, "truth", {}, *plugins, options.seed);
  TENURE_ASSIGN_OR_RETURN(const std::vector<planning::StrategyResult> results,
                          planning::CompareStrategies(*world, *oracle, population, truth,
                                                      {options.budget, at_us, options.seed}));
  nlohmann::ordered_json document;
  document["customers"] = population.size();
  document["model"] = fitted.model->model();
  document["model_hash"] = hash;
  document["strategies"] = ToJson(results);
  std::cout << document.dump(2) << "\n";
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("Judges ways of spending a budget by the truth of a simulated shop.",
               "tenure-demo-judge");
  Options options;
  app.add_option("--orders", options.orders, "orders of `tenure simulate`")->required();
  app.add_option("--truth", options.truth, "its --truth file")->required();
  app.add_option("--rules", options.rules, "folder of the rule set")->required();
  app.add_option("--plugins", options.plugins, "folder of policies")->capture_default_str();
  app.add_option("--at", options.at, "the moment of planning")->required();
  app.add_option("--budget", options.budget, "id of the budget to spend")->required();
  app.add_option("--model", options.model,
                 "true model: nbd, bg_nbd, mbg_nbd or another of docs/clv.md")
      ->required();
  app.add_option("--params", options.params, "its true parameters, with p, q and v of the spend")
      ->required();
  app.add_option("--margin-rate", options.margin_rate, "true margin per amount")->required();
  app.add_option("--seed", options.seed, "of the random strategy")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return 2;
  }
  const absl::Status status = Run(options);
  if (status.ok()) return 0;
  std::cerr << "tenure-demo-judge: " << status.message() << std::endl;
  return 1;
}

}  // namespace
}  // namespace tenure::demo

int main(int argc, char** argv) { return tenure::demo::Main(argc, argv); }
