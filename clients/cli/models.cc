// `tenure models list`, `show`, `fit`, `activate`, `compare` and `drift`
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/client.h"
#include "clients/cli/command.h"
#include "clients/cli/server_commands.h"
#include "clients/cli/table.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "tenure/v1/model_service.pb.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

struct FitOptions {
  std::string request_id;
  int32_t holdout_days = 0;
  bool dry_run = false;
  bool candidate = false;
};

struct NameOptions {
  std::string name, other, reason, request_id;
  int32_t days = 0;
};

std::string Day(const google::protobuf::Timestamp& at) {
  return FormatInstant(at.seconds() * kMicrosPerSecond);
}

// Enough of a name to tell it from others.
std::string Short(const std::string& name) {
  constexpr size_t kShown = 12;
  return name.substr(0, absl::string_view("models/").size() + kShown);
}

std::string ParametersText(const v1::PopulationModel& population) {
  std::string text;
  for (const v1::Parameter& parameter : population.parameters()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", parameter.name(), " ",
                    absl::StrFormat("%.4g", parameter.estimate()));
  }
  return text;
}

void PrintPopulations(const v1::Model& model) {
  if (model.populations().empty()) return;
  Table table({"population", "customers", "model", "unit", "horizon", "discount", "margin rate",
               "parameters"});
  for (const v1::PopulationModel& population : model.populations()) {
    if (population.kind().empty()) continue;
    table.Add({population.name(), absl::StrCat(population.customers()), population.kind(),
               absl::StrCat(population.time_unit_days(), " d"),
               absl::StrCat(population.horizon_days(), " d"),
               absl::StrFormat("%.3g %%", 100 * population.discount_per_year()),
               absl::StrFormat("%.4f", population.margin_rate()), ParametersText(population)});
  }
  table.Print();
  for (const v1::PopulationModel& population : model.populations()) {
    std::cout << population.name() << ": " << population.text() << "\n";
  }
}

std::string BasisName(v1::ValueBasis basis) {
  return basis == v1::VALUE_BASIS_MARGIN ? "margin" : "revenue";
}

void PrintModel(const v1::Model& model) {
  std::cout << model.name()
            << (model.in_force()            ? ", in force"
                : model.has_activate_time() ? ", not in force any more"
                : model.has_create_time()   ? ", a candidate"
                                            : ", not recorded")
            << "\n";
  if (model.has_create_time()) {
    std::cout << "recorded " << Day(model.create_time()) << " for " << model.caller()
              << (model.reason().empty() ? "" : ": ") << model.reason() << "\n";
  }
  std::cout << model.customers() << " customers with " << model.purchases()
            << " purchases; values over " << model.horizon_days() << " days, discounted "
            << absl::StrFormat("%.3g %% a year, margin rate %.4f (%s)\n",
                               model.discount_per_year() * 100, model.margin_rate(),
                               model.margin_rate_source());
  std::cout << absl::StrFormat("values are %s; tiers: high from %.2f, medium from %.2f\n",
                               BasisName(model.value_basis()), model.tier_high_from(),
                               model.tier_medium_from());
  Table table({"model", "parameter", "estimate", "std. error", "log-likelihood", "verdict"});
  for (const v1::FittedModel& fit : model.fits()) {
    bool first = true;
    for (const v1::Parameter& parameter : fit.parameters()) {
      table.Add(
          {first ? fit.kind() : "", parameter.name(), absl::StrFormat("%.6g", parameter.estimate()),
           parameter.has_standard_error() ? absl::StrFormat("%.3g", parameter.standard_error())
                                          : "-",
           first ? absl::StrFormat("%.3f", fit.log_likelihood()) : "",
           first ? v1::FitVerdict_Name(fit.verdict()).substr(12) : ""});
      first = false;
    }
  }
  table.Print();
  for (const v1::FittedModel& fit : model.fits()) {
    if (!fit.note().empty()) std::cout << fit.kind() << ": " << fit.note() << "\n";
  }
  std::cout << "chosen: " << model.chosen_kind() << ": " << model.why() << "\n";
  if (!model.fallback().empty()) std::cout << "fallback: " << model.fallback() << "\n";
  if (model.purchase_days_after_contact() > 0) {
    std::cout << absl::StrFormat(
        "learnt from `%s`: of %d days with a purchase soon after a contact %d were left out\n",
        model.learn_from(), model.purchase_days_after_contact(), model.purchase_days_left_out());
  }
  PrintPopulations(model);
  for (const v1::HoldoutCheck& check : model.holdout()) {
    std::cout << absl::StrFormat(
        "holdout of %.0f days, %s%s%s: %.1f purchases expected, %.0f seen, mean absolute error "
        "%.3f a "
        "customer\n",
        check.days(), check.population(), check.population().empty() ? "" : " by ", check.kind(),
        check.expected(), check.actual(), check.mean_absolute_error());
  }
}

absl::Status Print(const Session& session, const v1::Model& model) {
  if (session.json) return PrintMessage(model);
  PrintModel(model);
  return absl::OkStatus();
}

void PrintComparison(const v1::ModelComparison& comparison) {
  std::cout << Short(comparison.model()) << " against " << Short(comparison.base()) << "\n";
  if (comparison.unchecked().empty()) {
    Table table({"last days", "purchases expected", "seen", "mean abs. error", "knew the period"});
    for (const auto& [name, check] : {std::pair<std::string, const v1::PeriodCheck*>{
                                          comparison.base(), &comparison.base_check()},
                                      {comparison.model(), &comparison.model_check()}}) {
      table.Add({Short(name), absl::StrFormat("%.1f", check->expected()),
                 absl::StrFormat("%.0f", comparison.actual()),
                 absl::StrFormat("%.4f", check->mean_absolute_error()),
                 check->knew_period() ? "yes" : "no"});
    }
    std::cout << absl::StrFormat("the last %.0f days:\n", comparison.days());
    table.Print();
  } else {
    std::cout << "no period was checked: " << comparison.unchecked() << "\n";
  }
  Table table({"tier before", "after", "customers"});
  for (const v1::TierChange& change : comparison.tier_changes()) {
    table.Add({change.from(), change.to(), absl::StrCat(change.customers())});
  }
  table.Print();
  std::cout << absl::StrFormat("%d customers change tier\n", comparison.customers_changing());
  Table totals({"all customers' value", "by", "expected", "mean, 95 %", "outcome, 95 %"});
  for (const auto& [name, total] :
       {std::pair<std::string, const v1::TotalValue*>{comparison.base(), &comparison.base_total()},
        {comparison.model(), &comparison.model_total()}}) {
    totals.Add(
        {BasisName(total->basis()), Short(name), absl::StrFormat("%.2f", total->value()),
         absl::StrFormat("%.2f to %.2f", total->mean_low(), total->mean_high()),
         absl::StrFormat("%.2f to %.2f", total->predictive_low(), total->predictive_high())});
  }
  totals.Print();
}

// Every version, newest first.
absl::Status ReadAll(Client* client, v1::ListModelsResponse* all) {
  v1::ListModelsRequest request;
  v1::ListModelsResponse page;
  do {
    TENURE_RETURN_IF_ERROR(client->Call("ModelService/ListModels", request, &page));
    all->mutable_models()->MergeFrom(page.models());
    request.set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty());
  return absl::OkStatus();
}

// The full name; a part is enough where it tells.
absl::StatusOr<std::string> FullName(Client* client, const std::string& given) {
  constexpr size_t kFull = 64 + 7;
  const std::string name = WithPrefix("models/", given);
  if (name == "models/active" || name.size() >= kFull) return name;
  v1::ListModelsResponse all;
  TENURE_RETURN_IF_ERROR(ReadAll(client, &all));
  std::string found;
  for (const v1::Model& model : all.models()) {
    if (!absl::StartsWith(model.name(), name)) continue;
    if (!found.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(name, " begins the names of several: ", found,
                                                     ", ", model.name(), "; write more of it"));
    }
    found = model.name();
  }
  // What there is, the server says.
  return found.empty() ? name : found;
}

absl::Status List(const Session& session) {
  Client client(session);
  v1::ListModelsResponse all;
  TENURE_RETURN_IF_ERROR(ReadAll(&client, &all));
  if (session.json) return PrintMessage(all);
  if (all.models().empty()) {
    std::cout << "no model was fitted yet; `tenure models fit` does\n";
    return absl::OkStatus();
  }
  Table table({"model", "recorded", "by", "kind", "customers", "state"});
  for (const v1::Model& model : all.models()) {
    const int populations = model.populations_size();
    table.Add({Short(model.name()), Day(model.create_time()), model.caller(),
               populations == 0
                   ? model.chosen_kind()
                   : absl::StrCat(model.chosen_kind(), ", ", populations, " populations"),
               absl::StrCat(model.customers()),
               model.in_force()            ? "in force"
               : model.has_activate_time() ? absl::StrCat("was, ", Day(model.activate_time()))
                                           : "candidate"});
  }
  table.Print();
  return absl::OkStatus();
}

absl::Status Activate(const Session& session, const NameOptions& options) {
  Client client(session);
  v1::ActivateModelRequest request;
  request.set_request_id(RequestId(options.request_id));
  TENURE_ASSIGN_OR_RETURN(*request.mutable_name(), FullName(&client, options.name));
  request.set_reason(options.reason);
  v1::ActivateModelResponse response;
  TENURE_RETURN_IF_ERROR(
      client.Call("ModelService/ActivateModel", request, &response, kLongCallMs));
  if (session.json) return PrintMessage(response.model());
  std::cout << response.model().name() << " is in force\n";
  return absl::OkStatus();
}

absl::Status Compare(const Session& session, const NameOptions& options) {
  Client client(session);
  v1::CompareModelsRequest request;
  TENURE_ASSIGN_OR_RETURN(*request.mutable_model(), FullName(&client, options.name));
  if (!options.other.empty()) {
    TENURE_ASSIGN_OR_RETURN(*request.mutable_base(), FullName(&client, options.other));
  }
  request.set_days(options.days);
  v1::CompareModelsResponse response;
  TENURE_RETURN_IF_ERROR(
      client.Call("ModelService/CompareModels", request, &response, kLongCallMs));
  if (session.json) return PrintMessage(response.comparison());
  PrintComparison(response.comparison());
  return absl::OkStatus();
}

absl::Status Drift(const Session& session) {
  Client client(session);
  v1::GetModelHealthResponse response;
  TENURE_RETURN_IF_ERROR(client.Call("ModelService/GetModelHealth", v1::GetModelHealthRequest(),
                                     &response, kLongCallMs));
  const v1::ModelHealth& health = response.health();
  if (session.json) return PrintMessage(health);
  std::cout << Short(health.model()) << ": " << v1::ModelVerdict_Name(health.verdict()).substr(14)
            << ": " << health.why() << "\n";
  if (!health.remedy().empty()) std::cout << "what to do: " << health.remedy() << "\n";
  if (health.shifts().empty()) {
    std::cout << "the fit kept no distributions; a new one does\n";
  } else {
    Table table({"quantity", "stability index", "by chance"});
    for (const v1::Shift& shift : health.shifts()) {
      table.Add({shift.quantity(), absl::StrFormat("%.4f", shift.stability_index()),
                 absl::StrFormat("%.4f", shift.by_chance())});
    }
    table.Print();
  }
  if (health.window_days() == 0) return absl::OkStatus();
  Table table({"repeat purchases", "customers", "expected", "seen"});
  for (const v1::CalibrationBin& bin : health.bins()) {
    table.Add({bin.frequency(), absl::StrCat(bin.customers()),
               absl::StrFormat("%.1f", bin.expected()), absl::StrFormat("%.0f", bin.actual())});
  }
  table.Print();
  if (!health.populations().empty()) {
    Table populations({"population", "customers", "expected", "seen", "model"});
    for (const v1::PopulationCalibration& population : health.populations()) {
      populations.Add({population.population(), absl::StrCat(population.customers()),
                       absl::StrFormat("%.1f", population.expected()),
                       absl::StrFormat("%.0f", population.actual()), population.text()});
    }
    populations.Print();
  }
  std::cout << absl::StrFormat(
      "in the last %.0f days %.0f purchases were seen (standard error %.1f), %.1f expected%s\n",
      health.window_days(), health.actual(), health.standard_error(), health.expected(),
      health.knew_window() ? "; the model was fitted to some of them" : "");
  return absl::OkStatus();
}

absl::Status Fit(const Session& session, const FitOptions& options) {
  v1::FitModelRequest request;
  request.set_request_id(RequestId(options.request_id));
  request.set_holdout_days(options.holdout_days);
  request.set_validate_only(options.dry_run);
  if (options.candidate) request.set_activate(false);
  v1::FitModelResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("ModelService/FitModel", request, &response, kLongCallMs));
  if (session.json) return PrintMessage(response.model());
  PrintModel(response.model());
  if (response.has_comparison()) PrintComparison(response.comparison());
  return absl::OkStatus();
}

absl::Status Show(const Session& session, const std::string& name) {
  Client client(session);
  v1::GetModelRequest request;
  TENURE_ASSIGN_OR_RETURN(*request.mutable_name(),
                          FullName(&client, name.empty() ? "active" : name));
  v1::GetModelResponse response;
  TENURE_RETURN_IF_ERROR(client.Call("ModelService/GetModel", request, &response));
  return Print(session, response.model());
}

}  // namespace

void AddModels(const Command& app, Session* session) {
  const Command group = app.Group("models", "the value model of the server's population");
  auto options = std::make_shared<FitOptions>();
  group.Add(session, "list", "every version, newest first", [=] { return List(*session); });
  auto shown = std::make_shared<NameOptions>();
  const Command show = group.Add(session, "show", "a version, or the model in force",
                                 [=] { return Show(*session, shown->name); });
  show.AddOption("model", shown->name,
                 "its name or the beginning of it; without: the one in force");
  const Command fit = group.Add(session, "fit", "fit a new version and put it in force",
                                [=] { return Fit(*session, *options); });
  fit.AddOption("--holdout-days", options->holdout_days,
                "also predict the last days from what came before")
      .WholeIn(0, 36'500);
  fit.AddOption("--request-id", options->request_id, "makes a retry by hand safe");
  fit.AddFlag("--candidate", options->candidate, "record the version, but don't put it in force");
  fit.AddFlag("--dry-run", options->dry_run, "fit, but record nothing");
  auto activated = std::make_shared<NameOptions>();
  const Command activate =
      group.Add(session, "activate", "put a version in force: a candidate, or an earlier one again",
                [=] { return Activate(*session, *activated); });
  activate.AddOption("model", activated->name, "its name or the beginning of it").Required();
  activate.AddOption("--reason", activated->reason, "why, for who reads the list later");
  activate.AddOption("--request-id", activated->request_id, "makes a retry by hand safe");
  auto compared = std::make_shared<NameOptions>();
  const Command compare =
      group.Add(session, "compare", "hold a version against another: who would change tier",
                [=] { return Compare(*session, *compared); });
  compare.AddOption("model", compared->name, "its name or the beginning of it").Required();
  compare.AddOption("--base", compared->other, "against this one; without: the one in force");
  compare
      .AddOption("--days", compared->days,
                 "both predict so many last days; without: the response window")
      .WholeIn(1, 3'650);
  group.Add(session, "drift", "whether the model in force still fits, and what to do",
            [=] { return Drift(*session); });
}

}  // namespace tenure::cli
