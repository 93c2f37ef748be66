#include "server/planning/plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/budget/plan_reasons.h"
#include "server/budget/planner.h"
#include "server/clv/total_value.h"
#include "server/planning/appraisal.h"
#include "server/planning/base_value.h"
#include "server/planning/contact_slots.h"
#include "server/planning/demand.h"
#include "server/planning/envelopes.h"
#include "server/planning/plan_report.h"

namespace tenure::planning {
namespace {

constexpr int kArrivalRounds = 2;  // prices rank a customer's campaigns, and follow from the ranks

absl::StatusOr<int32_t> BudgetIndex(const rules::RuleSet& rules, absl::string_view id) {
  for (size_t b = 0; b < rules.budgets.size(); ++b) {
    if (rules.budgets[b].id == id) return static_cast<int32_t>(b);
  }
  std::string message = absl::StrCat("no budget \"", id, "\" in rule set ", rules.name, "; it has");
  for (const rules::Budget& budget : rules.budgets) absl::StrAppend(&message, " ", budget.id);
  return absl::NotFoundError(message);
}

bool IsOrIsBelow(absl::string_view path, absl::string_view above) {
  return path.substr(0, above.size()) == above &&
         (path.size() == above.size() || path[above.size()] == '/');
}

class Planner {
 public:
  Planner(const decision::World& world, const customers::Population& population,
          const PlanRequest& request, int32_t budget)
      : world_(world),
        population_(population),
        request_(request),
        index_(budget),
        budget_(world.rules->budgets[static_cast<size_t>(budget)]) {}

  absl::StatusOr<Plan> Run() {
    TENURE_ASSIGN_OR_RETURN(Window window,
                            CalendarWindow(request_.at_us, budget_.period, world_.rules->zone));
    if (request_.period.has_value()) window = *request_.period;
    AppraisalRequest appraisal_request;
    appraisal_request.budget = index_;
    appraisal_request.at_us = request_.at_us;
    appraisal_request.threads = request_.threads;
    appraisal_request.cancel = request_.cancel;
    appraisal_request.progress = Part(0, kAppraised);
    TENURE_ASSIGN_OR_RETURN(appraisal_, Appraise(world_, population_, appraisal_request));
    const customers::Valuation& valuation = world_.valuation;
    TENURE_ASSIGN_OR_RETURN(
        customers_, BaseValue(valuation.models(), valuation.rules, population_, request_.at_us));
    envelopes_.emplace(EnvelopesOf(LimitMicros()));
    TENURE_RETURN_IF_ERROR(SolveByArrivals(window));
    TENURE_ASSIGN_OR_RETURN(floor_costs_, FloorCosts());
    return Finish(window);
  }

 private:
  static constexpr double kAppraised = 0.6, kSolved = 0.9;

  int64_t LimitMicros() const { return request_.limit_micros.value_or(budget_.limit_micros); }

  Envelopes EnvelopesOf(int64_t limit_micros) const {
    return Envelopes(budget_, limit_micros, request_.used_micros, request_.last_spend_micros,
                     appraisal_);
  }

  // Where a bit more of the budget would go: shares of it, of the planned ones together and by
  // segment, the latter where the split and not the planner says it.
  NextUnit WhereMoreGoes() const {
    constexpr int64_t kBitMicros = 10'000;
    const Envelopes more = EnvelopesOf(LimitMicros() + kBitMicros);
    const auto share = [](int64_t from, int64_t to) {
      return static_cast<double>(to - from) / kBitMicros;
    };
    NextUnit next;
    next.planned = share(envelopes_->available_micros(), more.available_micros());
    if (budget_.split == rules::Split::kOptimal) return next;
    for (size_t s = 0; s < envelopes_->planned(); ++s) {
      next.segments.push_back(share(envelopes_->cap_micros(s), more.cap_micros(s)));
    }
    return next;
  }

  // Progress of a part of the whole.
  std::function<void(double)> Part(double from, double to) const {
    if (!request_.progress) return {};
    return [this, from, to](double done) { request_.progress(from + (to - from) * done); };
  }

  // Only the last of several rounds is searched to the end: of the others the prices are taken.
  absl::Status Solve(Demand demand, bool last) {
    demand_ = std::move(demand);
    input_ = Problem();
    budget::PlanOptions options = Options();
    options.start_prices = result_.path_price;
    if (!last) options.search_states = 0;
    TENURE_ASSIGN_OR_RETURN(result_, budget::Solve(input_, options));
    if (result_.status == budget::PlanStatus::kInfeasible) {
      return absl::InvalidArgumentError(
          absl::StrCat("budget ", budget_.id, ": ", result_.infeasible));
    }
    return absl::OkStatus();
  }

  absl::Status SolveByArrivals(const Window& window) {
    const size_t stages =
        1 + (world_.rules->tracks.empty() ? 0 : world_.rules->tracks.front().stages.size());
    std::vector<int64_t> customers(stages, 0);
    for (const uint16_t stage : appraisal_.stage_of) ++customers[stage];
    arrivals_ = FindArrivals(*world_.rules, request_.arrivals, customers);
    const bool once = arrivals_.source == ArrivalSource::kUnknown;
    TENURE_RETURN_IF_ERROR(Solve(OnceEach(appraisal_, stages), once));
    if (request_.progress) request_.progress(kSolved);
    if (once) return absl::OkStatus();
    TENURE_ASSIGN_OR_RETURN(
        const ContactSlots slots,
        ContactSlots::Create(*world_.rules, arrivals_, std::max(window.start_us, request_.at_us),
                             window.end_us));
    for (int round = 0; round < kArrivalRounds; ++round) {
      const auto prices = absl::MakeConstSpan(result_.path_price).subspan(1);
      TENURE_RETURN_IF_ERROR(Solve(ByArrivals(appraisal_, slots, prices, demand_.slot_price),
                                   round + 1 == kArrivalRounds));
    }
    return absl::OkStatus();
  }

  // Nodes: the whole, then the planned segments. A campaign has no limit of its own within its
  // segment, so offers are charged to the segment, where the planner's prices are exact.
  budget::PlanInput Problem() {
    budget::PlanInput input;
    input.customers = demand_.groups;
    input.nodes.push_back({budget_.id, -1, envelopes_->available_micros(), 0});
    for (size_t s = 0; s < envelopes_->planned(); ++s) {
      input.nodes.push_back({absl::StrCat(budget_.id, "/", budget_.segments[s].id), 0,
                             envelopes_->cap_micros(s), envelopes_->floor_micros(s)});
    }
    input.candidates = std::move(demand_.candidates);
    return input;
  }

  budget::PlanOptions Options() const {
    budget::PlanOptions options;
    if (request_.deadline_monotonic_us > 0) options.deadline_us = request_.deadline_monotonic_us;
    options.cancel = request_.cancel;
    options.threads = request_.threads;
    return options;
  }

  // What each floor costs: the optimum without it minus with it. A floor that the plan exceeds
  // anyway costs nothing; without time to find out, nothing is said. Shares by weight are no
  // optimum: there a floor may also bring something, and costs less than nothing.
  absl::StatusOr<std::vector<std::optional<double>>> FloorCosts() {
    std::vector<std::optional<double>> costs(envelopes_->planned(), 0.0);
    const bool optimal = budget_.split == rules::Split::kOptimal;
    for (size_t s = 0; s < costs.size(); ++s) {
      const std::vector<budget::PlanNode> nodes = input_.nodes;
      if (!(optimal ? DropFloor(s) : DropMinimum(s))) continue;
      budget::PlanOptions options = Options();
      options.search_states = 0;  // the bounds are compared, which no search moves
      TENURE_ASSIGN_OR_RETURN(const budget::PlanResult free, budget::Solve(input_, options));
      input_.nodes = nodes;
      costs[s] = free.upper_bound - result_.upper_bound;
      if (optimal) costs[s] = std::max(0.0, *costs[s]);
      if (free.stopped) costs[s].reset();
    }
    return costs;
  }

  // Takes a segment's floor out of the input; false where it does not bind.
  bool DropFloor(size_t s) {
    const bool slack =
        result_.spend[s + 1] > envelopes_->floor_micros(s) && result_.price[s + 1] >= 0;
    if (slack || envelopes_->floor_micros(s) == 0) return false;
    input_.nodes[s + 1].floor_micros = 0;
    return true;
  }

  // Shares the money anew without a segment's minimum; false where all get the same.
  bool DropMinimum(size_t s) {
    if (budget_.segments[s].min_micros == 0) return false;
    rules::Budget without = budget_;
    without.segments[s].min_micros = 0;
    const Envelopes shared(without, request_.limit_micros.value_or(budget_.limit_micros),
                           request_.used_micros, request_.last_spend_micros, appraisal_);
    bool moves = false;
    for (size_t k = 0; k < envelopes_->planned(); ++k) {
      moves = moves || shared.cap_micros(k) != envelopes_->cap_micros(k);
      input_.nodes[k + 1].cap_micros = shared.cap_micros(k);
    }
    return moves;
  }

  Plan Finish(const Window& window) {
    Plan plan;
    journal::PlanRecord& record = plan.record;
    record.budget = budget_.id;
    record.rule_set = world_.rules->hash;
    record.model = world_.model_hash;
    record.start_us = window.start_us;
    record.end_us = window.end_us;
    record.segment_of.assign(appraisal_.segment_of.begin(), appraisal_.segment_of.end());
    record.population = std::move(appraisal_.population);
    record.achieved = result_.achieved;
    record.upper_bound = result_.upper_bound;
    record.gap = result_.gap;
    const auto spend = absl::MakeConstSpan(result_.spend).subspan(1);
    const std::vector<int64_t> limits = envelopes_->Limits(spend);
    for (auto& node : decision::BudgetTree(*world_.rules, index_, limits)) {
      journal::PlanNodeRecord planned;
      planned.path = std::move(node.path);
      planned.parent = node.parent;
      planned.limit_micros = node.limit_micros;
      if (IsOrIsBelow(planned.path, decision::ExplorationPath(budget_.id))) {
        planned.limit_micros = envelopes_->exploration_micros();
      }
      record.nodes.push_back(std::move(planned));
    }
    record.nodes[0].limit_micros = LimitMicros();
    record.stopped = result_.stopped;
    record.unassigned_micros = envelopes_->UnassignedMicros(limits);
    record.over_micros = envelopes_->over_micros();
    record.declared_unplanned_micros = budget_.unplanned_micros;
    if (budget_.exploration.has_value()) {
      record.declared_exploration_micros = budget_.exploration->limit_micros;
    }
    FillNodes(&record);
    for (const int32_t index : result_.choice) {
      if (index < 0) continue;
      const auto chosen = static_cast<size_t>(index);
      const Appraised& a = appraisal_.candidates[demand_.source[chosen]];
      plan.choices.push_back(
          {a.customer, a.campaign, a.offer, a.value, a.charge_micros, demand_.uses[chosen]});
    }
    if (!world_.rules->tracks.empty()) {
      const std::vector<rules::Stage>& stages = world_.rules->tracks.front().stages;
      for (size_t s = 0; s < stages.size(); ++s) {
        if (demand_.slot_price[s] > 0) {
          record.slot_prices.emplace_back(stages[s].id, demand_.slot_price[s]);
        }
      }
    }
    const std::vector<budget::NodeReasons> reasons = budget::FindReasons(input_, result_);
    record.report_json =
        PlanReport({&world_, &budget_, &appraisal_, &demand_, &result_, reasons, &record,
                    &customers_, &arrivals_, floor_costs_, &*envelopes_, WhereMoreGoes()});
    return plan;
  }

  // Prices from the planner, sums from the choices, by path.
  void FillNodes(journal::PlanRecord* record) const {
    absl::flat_hash_map<absl::string_view, size_t> by_path;
    for (size_t n = 0; n < record->nodes.size(); ++n) by_path[record->nodes[n].path] = n;
    record->nodes[0].price = result_.price[0];
    for (size_t s = 0; s < envelopes_->planned(); ++s) {
      record->nodes[s + 1].price = result_.price[s + 1];
    }
    std::vector<uint32_t> last(record->nodes.size(), 0);  // by node: the customer counted last
    for (const int32_t index : result_.choice) {
      if (index < 0) continue;
      const auto candidate = static_cast<size_t>(index);
      const Appraised& chosen = appraisal_.candidates[demand_.source[candidate]];
      const std::string leaf = decision::LeafPath(*world_.rules, chosen.campaign, chosen.segment);
      for (size_t n = by_path.at(leaf);;) {
        journal::PlanNodeRecord& node = record->nodes[n];
        node.planned_spend_micros += input_.candidates[candidate].charge_micros;
        node.planned_value += input_.candidates[candidate].value;
        node.customers += last[n] != chosen.customer;
        last[n] = chosen.customer;
        if (node.parent < 0) break;
        n = static_cast<size_t>(node.parent);
      }
    }
  }

  const decision::World& world_;
  const customers::Population& population_;
  const PlanRequest& request_;
  const int32_t index_;
  const rules::Budget& budget_;
  Appraisal appraisal_;
  clv::TotalValue customers_;
  std::optional<Envelopes> envelopes_;
  Arrivals arrivals_;
  Demand demand_;  // its candidates are the input's
  budget::PlanInput input_;
  budget::PlanResult result_;
  std::vector<std::optional<double>> floor_costs_;  // by planned segment
};

}  // namespace

absl::StatusOr<Plan> MakePlan(const decision::World& world, const customers::Population& population,
                              const PlanRequest& request) {
  TENURE_ASSIGN_OR_RETURN(const int32_t budget, BudgetIndex(*world.rules, request.budget));
  if (population.size() == 0) {
    return absl::FailedPreconditionError(
        "there are no customers to plan for; import events first (`tenure import events`)");
  }
  if (world.valuation.model == nullptr) {
    return absl::FailedPreconditionError(
        "no value model is active, so no offer has a value; fit one first (`tenure models fit`)");
  }
  return Planner(world, population, request, budget).Run();
}

}  // namespace tenure::planning
