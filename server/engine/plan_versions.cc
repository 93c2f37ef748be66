#include "server/engine/plan_versions.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/engine/engine.h"

namespace tenure::engine {

std::string PlanId(uint64_t seq) { return DecisionId(seq); }

uint64_t PlanOfId(absl::string_view id) { return ParseDecisionId(id).value_or(0); }

absl::StatusOr<PlanVersion> ReadPlan(const journal::Journal& journal, uint64_t seq) {
  const absl::StatusOr<journal::Entry> entry = journal.Read(seq);
  if (absl::IsNotFound(entry.status()) || (entry.ok() && entry->kind != journal::Kind::kPlan)) {
    return absl::NotFoundError(
        absl::StrCat("there is no plans/", PlanId(seq), "; `tenure plan list` shows all"));
  }
  if (!entry.ok()) return entry.status();
  PlanVersion version;
  version.seq = seq;
  version.at_us = entry->at_us;
  TENURE_ASSIGN_OR_RETURN(version.record, journal::Decode<journal::PlanRecord>(entry->payload));
  return version;
}

absl::StatusOr<PlanPage> ReadPlans(const journal::Journal& journal, absl::string_view budget,
                                   uint64_t from, size_t most) {
  PlanPage page;
  page.next = from;
  while (page.next != 0 && page.versions.size() < most) {
    absl::StatusOr<PlanVersion> version = ReadPlan(journal, page.next);
    const bool other = version.ok() && !budget.empty() && version->record.budget != budget;
    if (absl::IsNotFound(version.status()) || other) {
      return absl::InvalidArgumentError(
          absl::StrCat("entry ", page.next, " is no plan of this list; begin at its first page"));
    }
    if (!version.ok()) return version.status();
    journal::PlanRecord& record = version->record;
    page.next = budget.empty() ? record.previous_seq : record.previous_of_budget_seq;
    // A byte a customer, a hundred times over.
    record.segment_of = std::string();
    page.versions.push_back(*std::move(version));
  }
  return page;
}

}  // namespace tenure::engine
