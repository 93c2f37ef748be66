// What a validation means, and what to do about it: rules with named thresholds.
#ifndef TENURE_SERVER_VALIDATION_VERDICT_H_
#define TENURE_SERVER_VALIDATION_VERDICT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/validation/holdout.h"
#include "server/validation/tracking.h"

namespace tenure::validation {

// Below these there is no verdict, only figures.
inline constexpr double kFewestCustomers = 100;
inline constexpr double kFewestPurchases = 50;  // seen in the holdout
// |expected / actual − 1| of a total: up to the first good, above the second poor.
inline constexpr double kGoodBias = 0.10;
inline constexpr double kPoorBias = 0.25;
// What chance alone explains is no finding: a difference below this many standard errors.
inline constexpr double kChance = 2;
// The same where many groups are looked at (bins, deciles), one of which chance singles out.
inline constexpr double kChanceOfMany = 3;
// Relative error of a frequency bin's mean that is a finding.
inline constexpr double kBinBias = 0.25;
// A decile that is actually better than the one above it by more than this share of the overall
// mean breaks the order.
inline constexpr double kDecileBreak = 0.25;
// Normalised Gini gain: from the first on good, below the second poor.
inline constexpr double kGoodGain = 0.40;
inline constexpr double kPoorGain = 0.15;
// Change of actual / expected from the first half of the holdout to the second that is a drift.
inline constexpr double kDrift = 0.15;
// Spread of actual / expected over blocks of four weeks, beyond chance, that is a season.
inline constexpr double kSeason = 0.20;
// Share of the calibration's purchases by which its own tracking misses at the split.
inline constexpr double kTrackingBias = 0.05;

enum class Grade { kGood, kFair, kPoor, kUnknown };
// "GOOD", "FAIR", "POOR", "UNKNOWN".
const char* GradeName(Grade grade);

struct Finding {
  std::string code;  // stable: "PURCHASES_BIAS"
  Grade grade = Grade::kGood;
  std::string what;    // a sentence with its figures
  std::string remedy;  // what to do; empty where there is nothing to do
};

struct Verdict {
  Grade grade = Grade::kUnknown;  // the worst of the findings
  std::string summary;            // one sentence
  std::string first_step;         // the remedy of the worst finding; what to do with a good model
  std::vector<Finding> findings;  // the worst first
};

// None after all, of a holdout that ends so many days after the last there are records of; what was
// found stays.
Verdict BeyondRecords(double missing_days, Verdict judged);

// `model` is a name as in docs/clv.md; `tracking` may be null. Deterministic, thread-safe.
Verdict Judge(const Validation& validation, const Tracking* tracking, absl::string_view model);

}  // namespace tenure::validation

#endif  // TENURE_SERVER_VALIDATION_VERDICT_H_
