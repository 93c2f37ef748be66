#include "server/planning/plan_report.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/money.h"
#include "server/plugin_host/proposals.h"

namespace tenure::planning {
namespace {

using nlohmann::ordered_json;

constexpr double kNormal95 = 1.959963984540054;

// What the choices add up to, per planned segment.
struct SegmentSums {
  int64_t customers = 0;
  int64_t offers = 0;
  double value = 0, value_stderr = 0;
};

class Reporter {
 public:
  explicit Reporter(const PlanReportInput& input)
      : in_(input), sums_(input.budget->segments.size()) {}

  ordered_json Report() {
    for (const uint8_t s : in_.appraisal->segment_of) ++sums_[s].customers;
    AddChoices();
    ordered_json report;
    report["status"] = std::string(budget::PlanStatusName(in_.result->status));
    report["stopped"] = in_.record->stopped;
    report["achieved"] = in_.result->achieved;
    report["upper_bound"] = in_.result->upper_bound;
    report["gap"] = in_.result->gap;
    report["held_out"] = in_.appraisal->held_out;
    // Priors err together, so their errors add up instead of averaging out.
    report["value_stderr"] = stderr_;
    report["value_low"] = value_ - kNormal95 * stderr_;
    report["value_high"] = value_ + kNormal95 * stderr_;
    report["assumed_share"] = Share(plugin_host::ProposalBasis::kAssumed);
    report["pooled_share"] = Share(plugin_host::ProposalBasis::kPooled);
    report["measured_share"] = Share(plugin_host::ProposalBasis::kMeasured);
    report["basis"] = in_.world->valuation.models().basis();
    report["model"] = in_.record->model;
    report["customer_values"] = CustomerValues();
    report["assumptions"] = Assumptions();
    report["unvalued"] = ordered_json::array();
    for (const auto& [campaign, unvalued] : in_.appraisal->unvalued) {
      report["unvalued"].push_back(
          {{"campaign", in_.world->rules->campaigns[static_cast<size_t>(campaign)].id},
           {"candidates", unvalued.candidates},
           {"why", unvalued.why}});
    }
    report["segments"] = ordered_json::array();
    for (size_t s = 0; s + 1 < sums_.size(); ++s) report["segments"].push_back(Segment(s));
    report["one_more_unit"] = OneMoreUnitOfTheWhole();
    const int64_t unassigned = in_.record->unassigned_micros;
    report["unassigned"] = FormatMicros(unassigned);
    if (unassigned > 0) report["unassigned_why"] = WhyUnassigned();
    if (in_.envelopes->former_micros() > 0) {
      report["former_segments"] = FormatMicros(in_.envelopes->former_micros());
    }
    report["over"] = FormatMicros(in_.record->over_micros);
    report["arrivals"] = std::string(ArrivalSourceName(in_.arrivals->source));
    report["stages"] = Stages();
    return report;
  }

 private:
  void AddChoices() {
    for (const int32_t index : in_.result->choice) {
      if (index < 0) continue;
      const auto candidate = static_cast<size_t>(index);
      const Appraised& a = in_.appraisal->candidates[in_.demand->source[candidate]];
      const double uses = in_.demand->uses[candidate];
      SegmentSums& sums = sums_[static_cast<size_t>(a.segment)];
      ++sums.offers;
      sums.value += uses * a.value;
      sums.value_stderr += uses * a.value_stderr;
      value_ += uses * a.value;
      stderr_ += uses * a.value_stderr;
      if (a.basis < value_of_.size()) value_of_[a.basis] += uses * a.value;
    }
  }

  double Share(plugin_host::ProposalBasis basis) const {
    return value_ > 0 ? value_of_[static_cast<size_t>(basis)] / value_ : 0;
  }

  ordered_json CustomerValues() const {
    const clv::TotalValue& all = *in_.customers;
    return {{"clv", all.clv},
            {"clv_mean_low", all.clv_mean_low},
            {"clv_mean_high", all.clv_mean_high},
            {"clv_predictive_low", all.clv_predictive_low},
            {"clv_predictive_high", all.clv_predictive_high}};
  }

  ordered_json Segment(size_t s) const {
    const SegmentSums& sums = sums_[s];
    const journal::PlanNodeRecord& node = in_.record->nodes[s + 1];
    ordered_json segment;
    segment["id"] = in_.budget->segments[s].id;
    segment["customers"] = sums.customers;
    segment["offers"] = sums.offers;
    segment["limit"] = FormatMicros(node.limit_micros);
    segment["spend"] = FormatMicros(node.planned_spend_micros);
    segment["value"] = sums.value;
    segment["value_stderr"] = sums.value_stderr;
    segment["price"] = in_.result->path_price[s + 1];
    segment["one_more_unit"] = OneMoreUnit(s + 1);
    segment["marginal_value"] = MarginalValue(s);
    segment["unspent"] = std::string(budget::UnspentName(in_.result->unspent[s + 1]));
    if (in_.budget->segments[s].min_micros > 0 && in_.floor_costs[s].has_value()) {
      segment["floor_cost"] = *in_.floor_costs[s];
    }
    segment["why"] = Why(s);
    if (const auto& next = in_.reasons[s + 1].best_unfunded) {
      const auto to = static_cast<size_t>(next->to);
      const Appraised& a = in_.appraisal->candidates[in_.demand->source[to]];
      const rules::Campaign& campaign =
          in_.world->rules->campaigns[static_cast<size_t>(a.campaign)];
      segment["best_not_funded"] = {{"campaign", campaign.id},
                                    {"offer", campaign.offers[static_cast<size_t>(a.offer)].id},
                                    {"value", next->value},
                                    {"charge", FormatMicros(next->charge_micros)}};
    }
    return segment;
  }

  // Of a unit spent on the last step that was funded; 0 where nothing that costs was.
  double MarginalValue(size_t s) const {
    const auto& last = in_.reasons[s + 1].last_funded;
    return last.has_value() && last->charge_micros > 0 ? last->value_per_unit : 0;
  }

  // What the best step that is not funded would earn a unit; 0: there is none that costs.
  double BestUnfunded(size_t node) const {
    const auto& best = in_.reasons[node].best_unfunded;
    return best.has_value() && best->charge_micros > 0 ? best->value_per_unit : 0;
  }

  // What one more unit would add in that envelope, were offers divisible. Its price may be what the
  // unit would earn in another one of the budget.
  double OneMoreUnit(size_t node) const {
    return std::max(0.0, std::min(in_.reasons[node].one_more_unit, BestUnfunded(node)));
  }

  double OneMoreUnitOfTheWhole() const {
    if (in_.next_unit.segments.empty()) return in_.next_unit.planned * OneMoreUnit(0);
    double sum = 0;
    for (size_t s = 0; s < in_.next_unit.segments.size(); ++s) {
      sum += in_.next_unit.segments[s] * OneMoreUnit(s + 1);
    }
    return sum;
  }

  std::string WhyUnassigned() const {
    return in_.budget->split == rules::Split::kFixed
               ? "the segments' fixed amounts are together less than the limit"
               : "every segment is at its max";
  }

  // Why the segment got what it got.
  std::string Why(size_t s) const {
    const budget::NodeReasons& reasons = in_.reasons[s + 1];
    if (reasons.customers == 0) {
      return in_.arrivals->source == ArrivalSource::kUnknown
                 ? "nobody here can be made an offer that is worth its cost"
                 : "nobody here who is expected to come can be made an offer that is worth its "
                   "cost";
    }
    const double here = OneMoreUnit(s + 1), best = BestUnfunded(s + 1);
    const double elsewhere = OneMoreUnit(0);
    if (here <= 0) {
      std::string why = "whoever can be made an offer that is worth its cost is made one";
      if (elsewhere > 0) {
        absl::StrAppend(&why,
                        absl::StrFormat("; a unit at the margin earns %.4g elsewhere", elsewhere));
      }
      return why;
    }
    std::string why = absl::StrFormat("a unit at the margin earns %.4g here", here);
    if (elsewhere > here) absl::StrAppend(&why, absl::StrFormat(", %.4g elsewhere", elsewhere));
    if (MarginalValue(s) > 0) {
      absl::StrAppend(
          &why, absl::StrFormat(", the last that is funded earns %.4g a unit", MarginalValue(s)));
    }
    if (best > here) {
      absl::StrAppend(&why, absl::StrFormat(", the best that is not %.4g", best));
    }
    return why;
  }

  ordered_json Stages() const {
    ordered_json stages = ordered_json::array();
    if (in_.world->rules->tracks.empty()) return stages;
    const std::vector<rules::Stage>& of_rules = in_.world->rules->tracks.front().stages;
    for (size_t s = 0; s < of_rules.size(); ++s) {
      const StageArrivals& arrivals = in_.arrivals->stages[s];
      const double price = in_.demand->slot_price[s];
      ordered_json stage;
      stage["id"] = of_rules[s].id;
      stage["customers"] = arrivals.customers;
      if (in_.arrivals->source != ArrivalSource::kUnknown) {
        stage["arrivals_per_week"] = 7 * arrivals.per_day;
      }
      stage["slot_price"] = price;
      if (arrivals.per_day > 0) {
        stage["why"] = price > 0
                           ? "for half of those with an offer the caps keep out one worth this"
                           : "for most of those with an offer the caps keep out nothing";
      }
      stages.push_back(std::move(stage));
    }
    return stages;
  }

  std::string ArrivalsAssumed() const {
    switch (in_.arrivals->source) {
      case ArrivalSource::kUnknown:
        return "each customer is decided for once in the period, and contact slots cost nothing: "
               "too few decisions were counted, and the rules' `arrivals` says nothing";
      case ArrivalSource::kDeclared:
        return "customers are decided for as often as the rules' `arrivals` says, at random";
      case ArrivalSource::kMeasured:
        return "customers are decided for as often as others of their stage were of late, at "
               "random";
    }
    return "";
  }

  std::vector<std::string> Assumptions() const {
    std::vector<std::string> sentences = {
        ArrivalsAssumed(),
        "a hold reserves the most an offer can cost, so budgets bind on that; where it is held at "
        "redemption they bind on its expected cost",
        "the value's standard error is the effects'; customers' figures count as known"};
    if (in_.record->over_micros > 0) {
      sentences.push_back(absl::StrCat(
          DisplayMicros(in_.record->over_micros),
          " more is used than the limit: nothing is planned, and each envelope is what it has "
          "used"));
    } else if (in_.envelopes->reserves_are_cut()) {
      sentences.push_back(
          "what is left does not cover what the rules reserve: each reserve is cut in proportion");
    }
    if (in_.envelopes->no_last_spend()) {
      sentences.push_back(
          "nothing was spent in the period before, so the split is by customers for once");
    }
    if (Share(plugin_host::ProposalBasis::kAssumed) > 0) {
      sentences.insert(sentences.begin(), "uplifts are the policies' priors, not measured here");
    }
    return sentences;
  }

  const PlanReportInput& in_;
  std::vector<SegmentSums> sums_;
  double value_ = 0, stderr_ = 0;
  std::array<double, 4> value_of_{};  // by plugin_host::ProposalBasis
};

}  // namespace

std::string PlanReport(const PlanReportInput& input) {
  return Reporter(input).Report().dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace tenure::planning
