#include "server/planning/plan.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/digest.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/budget/planner.h"
#include "server/clv/total_value.h"
#include "server/planning/appraisal.h"
#include "server/planning/base_value.h"
#include "server/planning/plan_report.h"
#include "server/planning/split.h"

namespace tenure::planning {
namespace {

constexpr int64_t kNoMax = std::numeric_limits<int64_t>::max();

absl::StatusOr<int32_t> BudgetIndex(const rules::RuleSet& rules, absl::string_view id) {
  for (size_t b = 0; b < rules.budgets.size(); ++b) {
    if (rules.budgets[b].id == id) return static_cast<int32_t>(b);
  }
  std::string message = absl::StrCat("no budget \"", id, "\" in rule set ", rules.name, "; it has");
  for (const rules::Budget& budget : rules.budgets) absl::StrAppend(&message, " ", budget.id);
  return absl::NotFoundError(message);
}

class Planner {
 public:
  Planner(const decision::World& world, const customers::Population& population,
          const PlanRequest& request, int32_t budget)
      : world_(world),
        population_(population),
        request_(request),
        index_(budget),
        budget_(world.rules->budgets[static_cast<size_t>(budget)]),
        limit_(request.limit_micros.value_or(budget_.limit_micros)),
        planned_(budget_.segments.size() - 1) {}

  absl::StatusOr<Plan> Run() {
    TENURE_ASSIGN_OR_RETURN(Window window,
                            CalendarWindow(request_.at_us, budget_.period, world_.rules->zone));
    if (request_.period.has_value()) window = *request_.period;
    AppraisalRequest appraisal_request;
    appraisal_request.budget = index_;
    appraisal_request.at_us = request_.at_us;
    appraisal_request.threads = request_.threads;
    appraisal_request.cancel = request_.cancel;
    appraisal_request.progress = request_.progress;
    TENURE_ASSIGN_OR_RETURN(appraisal_, Appraise(world_, population_, appraisal_request));
    const customers::Valuation& valuation = world_.valuation;
    TENURE_ASSIGN_OR_RETURN(
        customers_, BaseValue(valuation.models(), valuation.rules, population_, request_.at_us));
    ReadUsed();
    ShareTotal();
    input_ = Problem();
    TENURE_ASSIGN_OR_RETURN(result_, budget::Solve(input_, Options()));
    if (result_.status == budget::PlanStatus::kInfeasible) {
      return absl::InvalidArgumentError(
          absl::StrCat("budget ", budget_.id, ": ", result_.infeasible));
    }
    return Finish(window);
  }

 private:
  // What the segments and the whole have used already in this period.
  void ReadUsed() {
    used_.assign(budget_.segments.size(), 0);
    for (const auto& [path, micros] : request_.used_micros) {
      for (size_t s = 0; s < budget_.segments.size(); ++s) {
        if (path == absl::StrCat(budget_.id, "/", budget_.segments[s].id)) used_[s] += micros;
      }
    }
    int64_t spoken_for = std::max(budget_.unplanned_micros, used_.back());
    for (size_t s = 0; s < planned_; ++s) spoken_for += used_[s];
    available_ = std::max<int64_t>(0, limit_ - spoken_for);
  }

  Bounds BoundsOf(size_t s) const {
    const rules::BudgetSegment& segment = budget_.segments[s];
    const int64_t max = segment.max_micros.value_or(kNoMax);
    return {std::max<int64_t>(0, segment.min_micros - used_[s]),
            max == kNoMax ? kNoMax : std::max<int64_t>(0, max - used_[s])};
  }

  std::vector<Bounds> AllBounds() const {
    std::vector<Bounds> bounds;
    for (size_t s = 0; s < planned_; ++s) bounds.push_back(BoundsOf(s));
    return bounds;
  }

  // What each segment may still spend before the planner looks: all that is left where it shall
  // find the split itself.
  void ShareTotal() {
    std::vector<double> weights(planned_, 0);
    for (size_t i = 0; i < appraisal_.segment_of.size(); ++i) {
      const size_t s = appraisal_.segment_of[i];
      if (budget_.split == rules::Split::kProportionalCustomers) weights[s] += 1;
      if (budget_.split == rules::Split::kProportionalClv) weights[s] += appraisal_.clv[i];
    }
    switch (budget_.split) {
      case rules::Split::kOptimal:
        for (size_t s = 0; s < planned_; ++s) {
          caps_.push_back(std::min(available_, BoundsOf(s).max_micros));
        }
        return;
      case rules::Split::kFixed:
        for (size_t s = 0; s < planned_; ++s) {
          const int64_t fixed = budget_.segments[s].max_micros.value_or(0);
          caps_.push_back(std::max<int64_t>(0, fixed - used_[s]));
        }
        return;
      case rules::Split::kProportionalCustomers:
      case rules::Split::kProportionalClv:
        caps_ = SplitByWeight(available_, weights, AllBounds());
        return;
    }
  }

  // Nodes: the whole, then the planned segments. A campaign has no limit of its own within its
  // segment, so offers are charged to the segment, where the planner's prices are exact.
  budget::PlanInput Problem() const {
    budget::PlanInput input;
    input.customers = population_.size();
    input.nodes.push_back({budget_.id, -1, available_, 0});
    for (size_t s = 0; s < planned_; ++s) {
      const int64_t floor =
          budget_.split == rules::Split::kOptimal ? std::min(BoundsOf(s).min_micros, caps_[s]) : 0;
      input.nodes.push_back(
          {absl::StrCat(budget_.id, "/", budget_.segments[s].id), 0, caps_[s], floor});
    }
    input.candidates.reserve(appraisal_.candidates.size());
    for (const Appraised& a : appraisal_.candidates) {
      input.candidates.push_back({a.customer - 1, a.segment + 1,
                                  a.campaign * kOffersPerCampaign + a.offer, a.charge_micros,
                                  a.value});
    }
    return input;
  }

  budget::PlanOptions Options() const {
    budget::PlanOptions options;
    if (request_.deadline_monotonic_us > 0) options.deadline_us = request_.deadline_monotonic_us;
    options.cancel = request_.cancel;
    return options;
  }

  // What the planner left over goes to the segments in proportion to their planned spend, so that
  // the parts sum to the whole and a decision later in the period finds some slack.
  std::vector<int64_t> Limits() const {
    std::vector<int64_t> limits(budget_.segments.size(), 0);
    if (budget_.split == rules::Split::kOptimal) {
      std::vector<double> weights;
      std::vector<Bounds> bounds = AllBounds();
      int64_t left = available_;
      for (size_t s = 0; s < planned_; ++s) {
        const int64_t spend = result_.spend[s + 1];
        weights.push_back(static_cast<double>(spend));
        left -= spend;
        bounds[s].min_micros = std::max<int64_t>(0, bounds[s].min_micros - spend);
        if (bounds[s].max_micros != kNoMax) bounds[s].max_micros -= spend;
      }
      const std::vector<int64_t> slack = SplitByWeight(left, weights, bounds);
      for (size_t s = 0; s < planned_; ++s) limits[s] = result_.spend[s + 1] + slack[s];
    } else {
      for (size_t s = 0; s < planned_; ++s) limits[s] = caps_[s];
    }
    for (size_t s = 0; s < planned_; ++s) limits[s] += used_[s];
    limits.back() = budget_.unplanned_micros;
    return limits;
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
    record.achieved = result_.achieved;
    record.upper_bound = result_.upper_bound;
    record.gap = result_.gap;
    const std::vector<int64_t> limits = Limits();
    for (auto& node : decision::BudgetTree(*world_.rules, index_, limits)) {
      journal::PlanNodeRecord planned;
      planned.path = std::move(node.path);
      planned.parent = node.parent;
      planned.limit_micros = node.limit_micros;
      record.nodes.push_back(std::move(planned));
    }
    record.nodes[0].limit_micros = limit_;
    FillNodes(&record);
    for (const int32_t index : result_.choice) {
      if (index < 0) continue;
      const Appraised& a = appraisal_.candidates[static_cast<size_t>(index)];
      plan.choices.push_back({a.customer, a.campaign, a.offer, a.value, a.charge_micros});
    }
    record.report_json =
        PlanReport({&world_, &budget_, &appraisal_, &result_, &record, &customers_});
    record.id = Sha256Hex(journal::Encode(record)).substr(0, 16);
    return plan;
  }

  // Prices from the planner, sums from the choices, by path.
  void FillNodes(journal::PlanRecord* record) const {
    absl::flat_hash_map<absl::string_view, journal::PlanNodeRecord*> by_path;
    for (journal::PlanNodeRecord& node : record->nodes) by_path[node.path] = &node;
    for (size_t n = 0; n < input_.nodes.size(); ++n) {
      by_path.at(input_.nodes[n].id)->price = result_.price[n];
    }
    for (const int32_t index : result_.choice) {
      if (index < 0) continue;
      const Appraised& chosen = appraisal_.candidates[static_cast<size_t>(index)];
      const std::string leaf = decision::LeafPath(*world_.rules, chosen.campaign, chosen.segment);
      for (journal::PlanNodeRecord* node = by_path.at(leaf);;) {
        node->planned_spend_micros += chosen.charge_micros;
        node->planned_value += chosen.value;
        ++node->customers;
        if (node->parent < 0) break;
        node = &record->nodes[static_cast<size_t>(node->parent)];
      }
    }
  }

  static constexpr int32_t kOffersPerCampaign = 1 << 12;

  const decision::World& world_;
  const customers::Population& population_;
  const PlanRequest& request_;
  const int32_t index_;
  const rules::Budget& budget_;
  const int64_t limit_;   // of the period
  const size_t planned_;  // segments that the plan shares among: all but the unplanned
  Appraisal appraisal_;
  clv::TotalValue customers_;
  std::vector<int64_t> used_;  // by segment
  int64_t available_ = 0;
  std::vector<int64_t> caps_;  // by planned segment
  budget::PlanInput input_;
  budget::PlanResult result_;
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
