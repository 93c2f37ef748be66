#include "server/planning/strategies.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/random.h"
#include "server/base/status.h"
#include "server/decision/charge.h"
#include "server/decision/evaluate.h"
#include "server/decision/gates.h"
#include "server/decision/score.h"
#include "server/planning/plan.h"
#include "server/rules/features.h"

namespace tenure::planning {
namespace {

constexpr uint32_t kChunk = decision::kRowsTogether;
using Key = std::tuple<uint32_t, int32_t, int32_t>;  // customer, campaign, offer

// An offer a customer may get, with what it is really worth.
struct Judged {
  uint32_t customer = 0;
  int64_t charge_micros = 0;
  double p_treated = 0;
  double true_value = 0;
  double true_cost = 0;
};

// VALUE's features with the customer's latent rates in place of a posterior. While alive, purchases
// come at rate λ and each ends the relationship with probability p, so that a purchase at time t is
// expected at rate λ·exp(−λ·p·t).
class TrueFeatures {
 public:
  explicit TrueFeatures(const clv::ValueOptions& options)
      : horizon_(options.horizon_days),
        window_(options.response_window_days),
        discount_(std::log1p(options.discount_per_year) / 365.25) {}

  void Fill(const Truth& truth, size_t row, Batch* features) const {
    const double alive = truth.alive ? 1 : 0;
    const double ending = truth.rate_per_day * truth.dropout;
    const double decay = ending + discount_;
    const double sum = decay > 0 ? -std::expm1(-decay * horizon_) / decay : horizon_;
    const double value = truth.order_margin * truth.rate_per_day * sum;
    features->SetDouble(rules::kPAlive, row, alive);
    features->SetDouble(rules::kClv, row, alive * value);
    features->SetDouble(rules::kVAlive, row, value);
    features->SetDouble(rules::kVRevived, row, value);
    features->SetDouble(rules::kPPurchaseW, row,
                        -alive * std::expm1(-truth.rate_per_day * window_));
    features->SetDouble(rules::kAtRiskW, row,
                        alive * truth.order_margin * AtRisk(truth.rate_per_day, ending));
    features->SetDouble(rules::kMarginNext, row, truth.order_margin);
    features->SetDouble(rules::kSpendNext, row, truth.order_revenue);
  }

 private:
  // Purchases that dropouts inside the window W cost: ∫ min(u, W) e^(−δu) λ² p e^(−λpu) du over the
  // horizon H, which is λ·λp·[∫_0^W u e^(−cu) du + W ∫_W^H e^(−cu) du] with c = λp + δ.
  double AtRisk(double rate, double ending) const {
    const double decay = ending + discount_;
    const double window = std::min(window_, horizon_), x = decay * window;
    const double inside = x > 1e-4 ? (-std::expm1(-x) - x * std::exp(-x)) / (decay * decay)
                                   : window * window * (0.5 - x / 3);
    const double rest = horizon_ - window;
    const double beyond = decay > 0 ? std::exp(-x) * -std::expm1(-decay * rest) / decay : rest;
    return rate * ending * (inside + window * beyond);
  }

  const double horizon_, window_, discount_;
};

}  // namespace

void FillTruth(const Truth& truth, const clv::ValueOptions& options, size_t row, Batch* features) {
  TrueFeatures(options).Fill(truth, row, features);
}

namespace {

class Judge {
 public:
  Judge(const decision::World& world, const customers::Population& population,
        absl::Span<const Truth> truth, const StrategiesRequest& request)
      : world_(world), population_(population), truth_(truth), request_(request) {}

  // Every offer that a policy values for somebody, true value beside it.
  absl::Status Run() {
    const TrueFeatures true_features(world_.valuation.model->options());
    const uint32_t customers = population_.size();
    for (uint32_t first = 1; first <= customers; first += kChunk) {
      TENURE_RETURN_IF_ERROR(
          JudgeChunk(first, std::min(kChunk, customers - first + 1), true_features));
    }
    return absl::OkStatus();
  }

  const std::map<Key, Judged>& offers() const { return offers_; }
  const std::vector<double>& clv() const { return clv_; }
  const std::vector<double>& p_alive() const { return p_alive_; }

 private:
  absl::Status JudgeChunk(uint32_t first, uint32_t count, const TrueFeatures& true_features) {
    std::vector<uint32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), first);
    Batch features(world_.rules->schema, count);
    std::vector<customers::Profile> profiles;
    population_.Gather(numbers, request_.at_us, world_.valuation, &features, &profiles);
    const std::vector<uint64_t> seeds(count, request_.seed);
    decision::EvaluateOptions options;
    options.planning = true;
    decision::Evaluation evaluation;
    decision::Evaluate(world_, features, profiles, seeds, request_.at_us, options, &evaluation);
    std::vector<absl::Span<const journal::CandidateRecord>> rows(count);  // by row: who is served
    for (uint32_t r = 0; r < count; ++r) {
      if (!decision::InGlobalHoldout(*world_.rules, profiles[r].id)) {
        rows[r] = evaluation.candidates(r);
      }
      clv_.push_back(Read(features, rules::kClv, r));
      p_alive_.push_back(Read(features, rules::kPAlive, r));
      true_features.Fill(truth_[numbers[r] - 1], r, &features);
    }
    for (size_t c = 0; c < world_.rules->campaigns.size(); ++c) {
      TENURE_RETURN_IF_ERROR(JudgeCampaign(c, features, profiles, seeds, rows));
    }
    return absl::OkStatus();
  }

  absl::Status JudgeCampaign(size_t c, const Batch& features,
                             const std::vector<customers::Profile>& profiles,
                             const std::vector<uint64_t>& seeds,
                             absl::Span<const absl::Span<const journal::CandidateRecord>> rows) {
    const rules::Campaign& campaign = world_.rules->campaigns[c];
    if (campaign.budget != request_.budget || world_.policies[c] == nullptr) {
      return absl::OkStatus();
    }
    const size_t offers = campaign.offers.size();
    std::vector<uint8_t> mask(rows.size() * offers, 0);
    for (size_t r = 0; r < rows.size(); ++r) {
      for (const journal::CandidateRecord& candidate : rows[r]) {
        if (candidate.campaign != c || !Valued(candidate)) continue;
        mask[r * offers + static_cast<size_t>(candidate.offer)] = 1;
      }
    }
    TENURE_RETURN_IF_ERROR(
        world_.policies[c]->Propose(features, mask, seeds, request_.at_us, 0, &proposals_));
    for (size_t r = 0; r < rows.size(); ++r) {
      if (decision::InCampaignHoldout(*world_.rules, campaign, profiles[r].id)) continue;
      const uint32_t customer = profiles[r].customer;
      for (const journal::CandidateRecord& candidate : rows[r]) {
        if (candidate.campaign != c || !Valued(candidate)) continue;
        const plugin_host::Proposal truth = proposals_.at(r, static_cast<size_t>(candidate.offer));
        if (truth.status != plugin_host::ProposalStatus::kOk) continue;
        offers_[{customer, candidate.campaign, candidate.offer}] = {
            customer, decision::ChargeMicros(campaign, candidate), candidate.p_treated,
            truth.gross_value - truth.expected_cost, truth.expected_cost};
      }
    }
    return absl::OkStatus();
  }

  static bool Valued(const journal::CandidateRecord& candidate) {
    return decision::IsLive(candidate) || candidate.gate == journal::Gate::kScore;
  }

  static double Read(const Batch& features, size_t column, size_t row) {
    const ColumnView view = features.column(column);
    return view.IsValid(row) ? view.Double(row) : 0;
  }

  const decision::World& world_;
  const customers::Population& population_;
  const absl::Span<const Truth> truth_;
  const StrategiesRequest& request_;
  std::map<Key, Judged> offers_;
  std::vector<double> clv_, p_alive_;  // by customer
  plugin_host::Proposals proposals_;
};

// What a plan's choices are really worth.
absl::StatusOr<StrategyResult> JudgePlan(const std::string& name, const decision::World& world,
                                         const customers::Population& population,
                                         const StrategiesRequest& request, const Judge& judge) {
  PlanRequest plan_request;
  plan_request.budget = request.budget;
  plan_request.at_us = request.at_us;
  TENURE_ASSIGN_OR_RETURN(const Plan plan, MakePlan(world, population, plan_request));
  StrategyResult result;
  result.name = name;
  for (const Choice& choice : plan.choices) {
    const auto it = judge.offers().find({choice.customer, choice.campaign, choice.offer});
    // The oracle may choose what the fitted model leaves in another stage or tier: worth nothing
    // here, since its eligibility is the server's.
    if (it == judge.offers().end()) continue;
    result.value += it->second.true_value;
    result.claimed += choice.value;
    result.charge_micros += choice.charge_micros;
    result.expected_cost += it->second.true_cost;
    ++result.offers;
  }
  return result;
}

// Serves customers in the given order, each with the offer that is likeliest to be answered of
// those that hold at most `most_micros`.
StrategyResult Serve(const std::string& name, const std::vector<uint32_t>& order,
                     int64_t most_micros, int64_t budget_micros, const Judge& judge) {
  StrategyResult result;
  result.name = name;
  for (const uint32_t customer : order) {
    const Judged* best = nullptr;
    for (auto it = judge.offers().lower_bound({customer, 0, 0});
         it != judge.offers().end() && std::get<0>(it->first) == customer; ++it) {
      if (it->second.charge_micros > most_micros) continue;
      if (best == nullptr || it->second.p_treated > best->p_treated) best = &it->second;
    }
    if (best == nullptr || result.charge_micros + best->charge_micros > budget_micros) continue;
    result.value += best->true_value;
    result.expected_cost += best->true_cost;
    result.charge_micros += best->charge_micros;
    ++result.offers;
  }
  return result;
}

// A rule of thumb in its best light: with the dearest kind of offer that turns out best for it.
StrategyResult JudgeOrder(const std::string& name, const std::vector<uint32_t>& order,
                          int64_t budget_micros, const Judge& judge) {
  std::set<int64_t> charges;
  for (const auto& [key, offer] : judge.offers()) charges.insert(offer.charge_micros);
  StrategyResult best;
  best.name = name;
  for (const int64_t most : charges) {
    StrategyResult result = Serve(name, order, most, budget_micros, judge);
    if (result.value > best.value || best.offers == 0) best = std::move(result);
  }
  return best;
}

std::vector<uint32_t> OrderBy(const std::vector<double>& key) {
  std::vector<uint32_t> order(key.size());
  std::iota(order.begin(), order.end(), 1);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return key[a - 1] > key[b - 1]; });
  return order;
}

}  // namespace

absl::StatusOr<std::vector<StrategyResult>> CompareStrategies(
    const decision::World& world, const decision::World& oracle,
    const customers::Population& population, absl::Span<const Truth> truth,
    const StrategiesRequest& request) {
  if (truth.size() != population.size()) {
    return absl::InvalidArgumentError(absl::StrCat("the truth is known of ", truth.size(),
                                                   " customers, the population has ",
                                                   population.size()));
  }
  if (world.valuation.model == nullptr) {
    return absl::FailedPreconditionError("no value model is active: fit one first");
  }
  int64_t budget_micros = 0;
  for (const rules::Budget& budget : world.rules->budgets) {
    if (budget.id == request.budget) budget_micros = budget.limit_micros - budget.unplanned_micros;
  }
  Judge judge(world, population, truth, request);
  TENURE_RETURN_IF_ERROR(judge.Run());
  std::vector<StrategyResult> results;
  results.push_back({kNothing});
  TENURE_ASSIGN_OR_RETURN(StrategyResult plan, JudgePlan(kPlan, world, population, request, judge));
  results.push_back(std::move(plan));
  TENURE_ASSIGN_OR_RETURN(StrategyResult best,
                          JudgePlan(kBayesOracle, oracle, population, request, judge));
  results.push_back(std::move(best));
  results.push_back(JudgeOrder("top clv", OrderBy(judge.clv()), budget_micros, judge));
  std::vector<double> dead = judge.p_alive();
  for (double& p : dead) p = -p;
  results.push_back(JudgeOrder("lowest p_alive", OrderBy(dead), budget_micros, judge));
  Random random(request.seed);
  std::vector<double> chance(population.size());
  for (double& x : chance) x = random.Uniform();
  results.push_back(JudgeOrder("random", OrderBy(chance), budget_micros, judge));
  return results;
}

}  // namespace tenure::planning
