// Contracts that were and weren't renewed, counted by period: from cohorts' survivors or from
// customers' histories.
#ifndef TENURE_SERVER_CLV_RETENTION_COHORT_H_
#define TENURE_SERVER_CLV_RETENTION_COHORT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/clv/fit_report.h"
#include "server/clv/history.h"
#include "server/clv/log_prior.h"
#include "server/clv/model_kind.h"
#include "server/clv/summary.h"

namespace tenure::clv {

// Customers who began together.
struct RetentionCohort {
  std::string name;
  std::vector<double> survivors;  // active after 0, 1, … renewals
  // Empty, or as many: of the survivors after t renewals those of whom no more is known, for they
  // began later than others; they are not at risk at renewal t + 1.
  std::vector<double> censored;
};

// How a period's renewals went; the first entry of a vector of them is renewal 1.
struct RenewalTally {
  double renewed = 0;
  double lost = 0;
};

// Whether a contract with the last renewal at `recency` (0: the start) is active at `age`, both in
// periods: recency >= age − 1. A renewal that is due just now may still come, a period's grace; one
// that is overdue is lost.
bool IsActive(const History& history);

// Of rows (unscaled) of contracts. A row's renewals are its recency, an active one's last is where
// it is censored.
std::vector<RenewalTally> TallyOf(const Summary& summary);
// What keeps rows (unscaled) from being contracts, or empty: recency must be whole, at most
// kMostOccasions and the frequency: a contract that missed a renewal has ended.
std::string RenewalsProblem(const Summary& summary);

// INVALID_ARGUMENT naming cohort and period where survivors rise, are negative or no number, where
// more are censored than survive, for fewer than two periods, and where nobody or everybody was
// lost at the first renewal already.
absl::Status Validate(const RetentionCohort& cohort);
// The same customers as rows, half a period after the last renewal, for FitPurchaseModel. The
// cohort is valid.
std::vector<PurchaseRow> RowsOf(const RetentionCohort& cohort);
// Maximum likelihood, or of likelihood times prior, by `kind`, which is sbg or bdw.
// INVALID_ARGUMENT as Validate. `rows` are the customers.
absl::StatusOr<ModelFit> FitRetention(const ModelKind& kind, const RetentionCohort& cohort,
                                      const Prior* prior = nullptr);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_RETENTION_COHORT_H_
