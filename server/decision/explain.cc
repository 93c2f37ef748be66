#include "server/decision/explain.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/decision/candidates.h"
#include "server/decision/charge.h"
#include "server/decision/walk.h"
#include "server/decision/words.h"

namespace tenure::decision {
namespace {

using journal::CandidateRecord;
using journal::Gate;
using journal::Outcome;

std::string Display(const ColumnView& column, size_t row) {
  switch (column.dtype) {
    case DType::kBool:
      return column.Bool(row) ? "true" : "false";
    case DType::kInt64:
      return absl::StrCat(column.Int64(row));
    case DType::kDouble:
      return absl::StrFormat("%.6g", column.Double(row));
    case DType::kString:
      return std::string(column.String(row));
    case DType::kTimestamp:
      return FormatInstant(column.Int64(row));
    case DType::kDuration:
      return absl::StrFormat("%.6gs", static_cast<double>(column.Int64(row)) / 1e6);
  }
  return "";
}

std::string Where(const rules::Mark& mark) {
  return absl::StrCat(mark.file, ":", mark.line, ":", mark.column);
}

class Explainer {
 public:
  Explainer(const rules::RuleSet& rules, const journal::DecisionRecord& record,
            const Batch& features)
      : rules_(rules), record_(record), features_(features) {}

  CandidateExplanation Candidate(const CandidateView& candidate) const {
    const rules::Campaign& campaign = rules_.campaigns[static_cast<size_t>(candidate.campaign)];
    CandidateExplanation explained;
    explained.campaign = campaign.id;
    if (candidate.offer >= 0) {
      explained.offer = campaign.offers[static_cast<size_t>(candidate.offer)].id;
    }
    explained.outcome = candidate.outcome;
    explained.gate = candidate.gate;
    explained.text = std::string(candidate.text);
    explained.rule = Where(campaign.mark);
    if (candidate.gate == Gate::kEligibility && campaign.eligible.program != nullptr) {
      Operands(campaign.eligible, &explained);
    }
    explained.sentence = Sentence(campaign, candidate, explained);
    return explained;
  }

 private:
  void Operands(const rules::Condition& condition, CandidateExplanation* explained) const {
    explained->rule = Where(condition.mark);
    explained->expression = condition.program->text();
    std::string missing;
    for (expression::Operand& operand : condition.program->Explain(features_, 0, &missing)) {
      explained->operands.push_back({std::move(operand.text), std::move(operand.value)});
    }
    if (!missing.empty() && explained->operands.empty()) {
      explained->operands.push_back({missing, "missing"});
    }
  }

  std::string Parts(const rules::Campaign& campaign, const CandidateRecord& c) const {
    std::string parts = absl::StrFormat("%.2f gross", c.gross_value);
    if (campaign.lever != 1)
      absl::StrAppend(&parts, absl::StrFormat(" × lever %.2f", campaign.lever));
    absl::StrAppend(&parts, absl::StrFormat(" − %.2f cost", c.expected_cost));
    if (c.budget_price != 0) {
      absl::StrAppend(&parts, absl::StrFormat(" − %.3f budget price × %s charged", c.budget_price,
                                              DisplayMicros(ChargeMicros(campaign, c))));
    }
    if (record_.slot_price != 0)
      absl::StrAppend(&parts, absl::StrFormat(" − %.2f slot price", record_.slot_price));
    return absl::StrCat(parts, absl::StrFormat(" = %.2f", c.score));
  }

  std::string Sentence(const rules::Campaign& campaign, const CandidateView& c,
                       const CandidateExplanation& explained) const {
    switch (c.outcome) {
      case Outcome::kSelected:
        return absl::StrCat("selected: ", Parts(campaign, *c.record));
      case Outcome::kLost:
        return absl::StrCat("lost to ", Winner(*c.record), ": ", Parts(campaign, *c.record));
      case Outcome::kHeldOut:
        return c.gate == Gate::kGlobalHoldout
                   ? "held out: this customer gets no marketing, so that its effect can be measured"
                   : "held out of this campaign, so that its effect can be measured";
      case Outcome::kDeferred:
        return absl::StrCat("deferred by quiet hours until ",
                            FormatInstant(record_.quiet_until_us));
      case Outcome::kPaced:
        return absl::StrCat("paced: ", c.text, "; ", Parts(campaign, *c.record));
      case Outcome::kError:
        return absl::StrCat("error: ", c.text);
      case Outcome::kFiltered:
        return Filtered(campaign, c, explained);
    }
    return "";
  }

  std::string Winner(const CandidateRecord& loser) const {
    const CandidateRecord* const winner = WinnerOver(record_, loser);
    if (winner == nullptr) return "another";
    return absl::StrCat(rules_.campaigns[winner->campaign].id,
                        absl::StrFormat(" (%.2f)", winner->score));
  }

  std::string Filtered(const rules::Campaign& campaign, const CandidateView& c,
                       const CandidateExplanation& explained) const {
    switch (c.gate) {
      case Gate::kSchedule:
        return "filtered: outside its schedule";
      case Gate::kConsent:
        return absl::StrCat("filtered: no marketing consent for ", campaign.channel);
      case Gate::kReentry:
        return "filtered: it has reached this customer already and may not come again yet";
      case Gate::kStage:
        return absl::StrCat("filtered: stage is ",
                            record_.stage.empty() ? "not known" : record_.stage, ", not ",
                            absl::StrJoin(campaign.stages, " or "));
      case Gate::kEligibility: {
        std::vector<std::string> operands;
        for (const OperandValue& operand : explained.operands) {
          operands.push_back(absl::StrCat(operand.text, " is ", operand.value));
        }
        return absl::StrCat("filtered: `", explained.expression,
                            "` does not hold: ", absl::StrJoin(operands, ", "));
      }
      case Gate::kQuietHours:
        return "filtered: quiet hours";
      case Gate::kPolicy:
        return absl::StrCat("filtered by ", campaign.plugin, ": ", c.text);
      case Gate::kScore:
        return absl::StrCat("filtered: not worth its price: ", Parts(campaign, *c.record));
      case Gate::kExclusivity:
        return absl::StrCat("filtered: another campaign of group ", c.text, " was chosen");
      case Gate::kCap:
        return absl::StrCat("filtered: cap ", c.text, " is full");
      case Gate::kBudget:
        return absl::StrCat("filtered: budget ", c.text, " has no ",
                            DisplayMicros(HeldMicros(campaign, *c.record)), " left; ",
                            Parts(campaign, *c.record));
      case Gate::kNone:
      case Gate::kGlobalHoldout:
        break;
    }
    return absl::StrCat("filtered: ", GateName(c.gate));
  }

  const rules::RuleSet& rules_;
  const journal::DecisionRecord& record_;
  const Batch& features_;
};

}  // namespace

absl::StatusOr<Explanation> Explain(const rules::RuleSet& rules,
                                    const journal::DecisionRecord& record) {
  if (rules.hash != record.rule_set) {
    return absl::FailedPreconditionError(
        absl::StrCat("the decision was taken by rule set ", record.rule_set, ", not ", rules.hash));
  }
  TENURE_ASSIGN_OR_RETURN(const Batch features, DecodeFeatures(rules, record.features));
  Explanation explanation;
  explanation.headline = Why(rules, record);
  for (size_t c = 0; c < features.schema().size(); ++c) {
    const ColumnView column = features.column(c);
    if (!column.IsValid(0)) continue;
    explanation.features.emplace_back(features.schema().field(c).name, Display(column, 0));
  }
  const Explainer explainer(rules, record, features);
  for (const CandidateView& candidate : ViewCandidates(record)) {
    explanation.candidates.push_back(explainer.Candidate(candidate));
  }
  return explanation;
}

}  // namespace tenure::decision
