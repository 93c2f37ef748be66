// A validation as one readable, self-contained HTML page.
#ifndef TENURE_SERVER_VALIDATION_REPORT_H_
#define TENURE_SERVER_VALIDATION_REPORT_H_

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "server/validation/forecast.h"
#include "server/validation/holdout.h"
#include "server/validation/tracking.h"
#include "server/validation/verdict.h"

namespace tenure::validation {

// A model of purchases that was fitted to the same data; NaN where its fit is not usable.
struct TriedModel {
  std::string model;
  std::string verdict;
  double log_likelihood;
  double expected = std::numeric_limits<double>::quiet_NaN();  // purchases of the holdout
  double mean_absolute_error = std::numeric_limits<double>::quiet_NaN();
};

// What the page says beside the figures.
struct ReportFacts {
  std::string model;         // the purchase model's name
  std::string version;       // hash of the model
  std::string model_origin;  // "fitted to the data before the split"
  std::string fit_verdict;   // as the fit said it
  std::string spend_verdict;
  std::string fallback;  // empty where there is none
  std::string basis;     // "revenue, undiscounted"
  double time_unit_days = 7;
  std::vector<ParameterEstimate> parameters;
  std::vector<TriedModel> tried;                          // empty where nothing was fitted
  std::vector<std::pair<std::string, std::string>> data;  // "customers": "2357", in this order
  std::string no_tracking;  // why there is no tracking, where there is none
};

// Well-formed XML as well as HTML; no scripts, no outside resources, everything escaped; the same
// bytes for the same input. `tracking` may be null. Thread-safe.
std::string RenderReport(const ReportFacts& facts, const Validation& validation,
                         const Tracking* tracking, const Verdict& verdict);

}  // namespace tenure::validation

#endif  // TENURE_SERVER_VALIDATION_REPORT_H_
