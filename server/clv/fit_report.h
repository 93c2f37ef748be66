// What a fit says about itself: estimates, their uncertainty, and whether to believe them.
#ifndef TENURE_SERVER_CLV_FIT_REPORT_H_
#define TENURE_SERVER_CLV_FIT_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

namespace tenure::clv {

enum class Verdict {
  kConverged,
  kBoundary,       // a maximum with a parameter run off: the best is a simpler model
  kNotIdentified,  // the data say nothing about a part of the model
  kFailed,         // no optimum was found
};

// "CONVERGED", "BOUNDARY", "NOT_IDENTIFIED", "FAILED".
const char* VerdictName(Verdict verdict);

// One model tried. Parameters in the order of docs/clv.md, in the fit's time unit.
struct ModelFit {
  std::string model;  // as in docs/clv.md, or gamma_gamma
  std::vector<std::string> parameter_names;
  std::vector<double> parameters;
  std::vector<double> standard_errors;  // empty where the Hessian gives none
  std::vector<double> log_covariance;   // of the logs of the parameters, row by row; may be empty
  double log_likelihood = 0;            // of all rows, weights counted
  Verdict verdict = Verdict::kFailed;
  std::string explanation;  // what the verdict means here; empty when CONVERGED
  // Largest |d log-likelihood / d log parameter| / sum of weights, of those not held at a bound.
  double gradient_norm = 0;
  int iterations = 0;
  int64_t rows = 0;
  int64_t distinct_rows = 0;
  double seconds = 0;  // set by the caller, who owns a clock

  // A boundary is a maximum too, of a simpler model: used, and called a fallback.
  bool usable() const { return verdict == Verdict::kConverged || verdict == Verdict::kBoundary; }
  // "CONVERGED" or "NOT_IDENTIFIED: dropout …".
  std::string VerdictText() const;
};

// Purchases expected and seen over a holdout period, all customers together.
struct HoldoutCheck {
  std::string model;
  double days = 0;
  double expected = 0;
  double actual = 0;
  double mean_absolute_error = 0;  // per customer
  double standard_error = 0;       // of the actual total, by each customer's error
};

struct FitReport {
  std::vector<ModelFit> purchase;          // each model tried
  ModelFit spend;                          // spend.model is empty where no customer has a spend
  int64_t spend_rows_left_out = 0;         // repeat buyers without a positive mean spend
  double frequency_spend_correlation = 0;  // over the spend model's rows; it assumes 0
  std::string chosen;                      // the purchase model used
  std::string why;                         // one sentence for a person
  std::string fallback;                    // empty, or why simple estimates are used
  std::vector<HoldoutCheck> holdout;       // empty, or one for each usable model tried
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_FIT_REPORT_H_
