// A value model against a holdout, from data to verdict and page: what the shell and the server
// share.
#ifndef TENURE_SERVER_VALIDATION_MODEL_VALIDATION_H_
#define TENURE_SERVER_VALIDATION_MODEL_VALIDATION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/clv/total_value.h"
#include "server/clv/value_model.h"
#include "server/validation/holdout.h"
#include "server/validation/report.h"
#include "server/validation/tracking.h"
#include "server/validation/verdict.h"

namespace tenure::validation {

// One entry of each vector a customer, but for repeat_days.
struct HoldoutData {
  std::vector<clv::Observation> observations;  // as of the split
  std::vector<double> actual_purchases;        // repeat purchase days in the holdout
  std::vector<double> actual_spend;            // in the holdout; empty where it is unknown
  std::vector<double> weights;                 // that many customers alike; empty: 1 each
  double holdout_days = 0;
  // For tracking, where has_days; days counted from 1970-01-01.
  bool has_days = false;
  std::vector<int64_t> first_days;
  std::vector<int64_t> repeat_days;  // of all of them, up to the holdout's end
  int64_t split_day = 0;
  int64_t end_day = 0;
  // Of the last purchase of anybody, where it is known: records may end before the holdout.
  std::optional<int64_t> last_day;
  double entry_age_days = 0;  // T of who came on the split day: 0, or 1 where days count whole
  std::vector<std::pair<std::string, std::string>> facts;  // for the page: what, value
};

// Where the model comes from, for the page.
struct ModelOrigin {
  std::string text;               // "fitted to the data before the split"
  std::string fallback;           // empty where there is none
  std::string version;            // the model's name where it is kept; empty: its hash
  std::vector<TriedModel> tried;  // empty where nothing was fitted
};
// Of a fit to the observations of `data`. Fit without its holdout: the automatic choice would go by
// it, and a model that was chosen by a holdout is not validated by it. What the others expected is
// found here.
ModelOrigin OriginOf(const clv::FittedValue& fitted, const HoldoutData& data);

struct ModelValidation {
  ReportFacts facts;
  Validation figures;
  std::optional<Tracking> tracking;
  Verdict verdict;
  // What was expected of everybody's spend, with both its intervals; none without spend.
  std::optional<clv::TotalValue> spend_total;

  const Tracking* tracking_or_null() const { return tracking.has_value() ? &*tracking : nullptr; }
  std::string ToHtml() const { return RenderReport(facts, figures, tracking_or_null(), verdict); }
};

// INVALID_ARGUMENT for data that Validate or Track refuse, vectors of different lengths, or a
// holdout of no days. Deterministic, thread-safe.
absl::StatusOr<ModelValidation> ValidateModel(const clv::ValueModel& model, HoldoutData data,
                                              ModelOrigin origin);

// A model for some of the customers.
struct PartModel {
  std::string name;  // of the population, for the page
  std::shared_ptr<const clv::ValueModel> model;
  bool is_own = true;  // fitted to these customers alone: its errors are its own
};
// The same where customer i is of parts[part_of[i]]: all of them together. Tracking takes each
// part's share of the customers for its share of those who came on each day.
absl::StatusOr<ModelValidation> ValidateModels(absl::Span<const PartModel> parts,
                                               absl::Span<const size_t> part_of, HoldoutData data,
                                               ModelOrigin origin);

}  // namespace tenure::validation

#endif  // TENURE_SERVER_VALIDATION_MODEL_VALIDATION_H_
