#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/decision/candidates.h"
#include "server/decision/walk.h"
#include "server/decision/words.h"

namespace tenure::decision {
namespace {

using journal::CandidateRecord;
using journal::Outcome;

std::string Name(const rules::RuleSet& rules, int campaign, int offer) {
  const rules::Campaign& of = rules.campaigns[static_cast<size_t>(campaign)];
  if (offer < 0) return of.id;
  return absl::StrCat(of.id, "/", of.offers[static_cast<size_t>(offer)].id);
}
std::string Name(const rules::RuleSet& rules, const CandidateRecord& candidate) {
  return Name(rules, candidate.campaign, candidate.offer);
}

// The best candidate of another campaign that lost its place.
const CandidateRecord* RunnerUp(const journal::DecisionRecord& record, int32_t campaign) {
  const CandidateRecord* best = nullptr;
  for (const CandidateRecord& candidate : record.candidates) {
    if (candidate.outcome != Outcome::kLost || candidate.campaign == campaign) continue;
    if (best == nullptr || candidate.score > best->score) best = &candidate;
  }
  return best;
}

std::string Nothing(const rules::RuleSet& rules, const journal::DecisionRecord& record) {
  if (!record.ghosts.empty()) {
    const auto index = static_cast<size_t>(record.ghosts[0].candidate);
    return absl::StrCat("held out: would have been ", Name(rules, record.candidates[index]));
  }
  // The candidate that got furthest tells most: gates are numbered in the order they are asked.
  const std::vector<CandidateView> candidates = ViewCandidates(record);
  const auto furthest = std::max_element(
      candidates.begin(), candidates.end(),
      [](const CandidateView& a, const CandidateView& b) { return a.gate < b.gate; });
  if (furthest == candidates.end()) return "nothing: the rule set has no campaign";
  std::string why = absl::StrCat(
      "nothing: ", Name(rules, furthest->campaign, furthest->offer),
      furthest->outcome == Outcome::kPaced ? " stopped by pacing of the " : " stopped by ",
      GateName(furthest->gate));
  if (furthest->gate == journal::Gate::kScore) {
    absl::StrAppend(&why, absl::StrFormat(" (%.2f after prices)", furthest->record->score));
  } else if (!furthest->text.empty()) {
    absl::StrAppend(&why, " (", furthest->text, ")");
  }
  return why;
}

}  // namespace

std::string Why(const rules::RuleSet& rules, const journal::DecisionRecord& record) {
  if (record.selections.empty()) return Nothing(rules, record);
  std::string why;
  for (const journal::SelectionRecord& selection : record.selections) {
    const CandidateRecord& chosen = record.candidates[static_cast<size_t>(selection.candidate)];
    absl::StrAppend(&why, why.empty() ? "" : "; ", Name(rules, chosen));
    absl::StrAppend(&why, absl::StrFormat(": worth %.2f for %.2f cost", chosen.gross_value,
                                          chosen.expected_cost));
    if (chosen.budget_price != 0 || record.slot_price != 0) {
      absl::StrAppend(&why, absl::StrFormat(", %.2f after prices", chosen.score));
    }
    if (selection.lot_probability > 0) {
      absl::StrAppend(&why, absl::StrFormat("; given by lot, which falls on it in %.2g %% of "
                                            "decisions",
                                            100 * selection.lot_probability));
      continue;
    }
    const CandidateRecord* other = RunnerUp(record, chosen.campaign);
    if (other != nullptr && &selection == &record.selections.front()) {
      absl::StrAppend(&why, absl::StrFormat("; beat %s (%.2f)", Name(rules, *other), other->score));
    }
  }
  return why;
}

}  // namespace tenure::decision
