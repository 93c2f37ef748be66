#include "server/clv/retention_cohort.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/beta_bernoulli.h"
#include "server/clv/purchase_fit.h"

namespace tenure::clv {
namespace {

constexpr double kRounding = 1e-9;

double CensoredAt(const RetentionCohort& cohort, size_t t) {
  return cohort.censored.empty() ? 0 : cohort.censored[t];
}

// Of those at risk at renewal t, who didn't renew.
double LostAt(const RetentionCohort& cohort, size_t t) {
  return cohort.survivors[t - 1] - CensoredAt(cohort, t - 1) - cohort.survivors[t];
}

}  // namespace

bool IsActive(const History& history) {
  return history.recency + kRounding * (1 + history.age) >= history.age - 1;
}

std::string RenewalsProblem(const Summary& summary) {
  for (const PurchaseRow& row : summary.rows()) {
    const char* why = nullptr;
    if (row.recency > kMostOccasions) {
      why = "more than 100,000 renewals";
    } else if (std::abs(row.recency - std::round(row.recency)) > kRounding * (1 + row.age)) {
      why = "recency must be whole: it is the period of the last renewal";
    } else if (std::abs(row.recency - row.frequency) > 0.5) {
      why = "frequency and recency must be equal: a contract that missed a renewal has ended";
    }
    if (why != nullptr) {
      return absl::StrCat("frequency ", row.frequency, ", recency ", row.recency, ", T ", row.age,
                          ": ", why);
    }
  }
  return "";
}

std::vector<RenewalTally> TallyOf(const Summary& summary) {
  std::vector<RenewalTally> tally;
  for (const PurchaseRow& row : summary.rows()) {
    const auto renewals = static_cast<size_t>(std::llround(row.recency));
    if (tally.size() < renewals + 1) tally.resize(renewals + 1);
    if (renewals > 0) tally[renewals - 1].renewed += row.weight;
    if (!IsActive({row.frequency, row.recency, row.age})) tally[renewals].lost += row.weight;
  }
  for (size_t i = tally.size(); i-- > 1;) tally[i - 1].renewed += tally[i].renewed;
  return tally;
}

absl::Status Validate(const RetentionCohort& cohort) {
  const std::vector<double>& survivors = cohort.survivors;
  const auto refuse = [&](size_t t, const std::string& why) {
    return absl::InvalidArgumentError(
        absl::StrCat("cohort ", cohort.name, ", period ", t, ": ", why));
  };
  if (survivors.size() < 3) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cohort ", cohort.name, " needs the survivors of periods 0, 1 and 2 at least"));
  }
  if (!cohort.censored.empty() && cohort.censored.size() != survivors.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cohort ", cohort.name, ": censored must have an entry for each period"));
  }
  for (size_t t = 0; t < survivors.size(); ++t) {
    if (!std::isfinite(survivors[t]) || survivors[t] < 0) {
      return refuse(t, "survivors must be 0 or more");
    }
    const double censored = CensoredAt(cohort, t);
    if (!(censored >= 0 && censored <= survivors[t])) {
      return refuse(t, "censored must be 0 to the survivors");
    }
    if (t > 0 && LostAt(cohort, t) < 0) return refuse(t, "more survivors than before");
  }
  if (!(survivors[1] > 0)) return refuse(1, "nobody renewed, so nothing shows how long they stay");
  double lost = 0;
  for (size_t t = 1; t < survivors.size(); ++t) lost += LostAt(cohort, t);
  if (lost > 0) return absl::OkStatus();
  return refuse(survivors.size() - 1, "nobody was lost, so nothing shows how they leave");
}

std::vector<PurchaseRow> RowsOf(const RetentionCohort& cohort) {
  const size_t last = cohort.survivors.size() - 1;
  const double end = static_cast<double>(last) + 0.5;
  std::vector<PurchaseRow> rows;
  const auto add = [&rows](size_t renewals, double age, double weight) {
    const auto x = static_cast<double>(renewals);
    if (weight > 0) rows.push_back({x, x, age, weight});
  };
  for (size_t t = 1; t <= last; ++t) {
    add(t - 1, static_cast<double>(t - 1) + 0.5, CensoredAt(cohort, t - 1));
    add(t - 1, end, LostAt(cohort, t));
  }
  add(last, end, cohort.survivors[last]);
  return rows;
}

absl::StatusOr<ModelFit> FitRetention(const ModelKind& kind, const RetentionCohort& cohort,
                                      const Prior* prior) {
  TENURE_RETURN_IF_ERROR(Validate(cohort));
  TENURE_ASSIGN_OR_RETURN(const Summary summary, Summary::Create(RowsOf(cohort)));
  FitOptions options;
  if (prior != nullptr) options.prior = *prior;
  ModelFit fit = FitPurchaseModel(kind, summary, options);
  fit.rows = std::llround(cohort.survivors[0]);
  return fit;
}

}  // namespace tenure::clv
