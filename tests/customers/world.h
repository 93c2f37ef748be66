// A small world for these tests: a rule set built by hand, a model with CDNOW's published
// parameters, and events.
#ifndef TENURE_TESTS_CUSTOMERS_WORLD_H_
#define TENURE_TESTS_CUSTOMERS_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/random.h"
#include "server/base/time.h"
#include "server/customers/population.h"

namespace tenure::customers {

inline constexpr int64_t kDay = kMicrosPerDay;
inline constexpr int64_t kStart = 17'532 * kMicrosPerDay;  // 2018-01-01

struct StageText {
  std::string id, enter, exit;
  int64_t min_dwell_us = 0, cool_down_us = 0;
};
struct RulesText {
  std::vector<std::pair<std::string, std::vector<StageText>>> tracks;
  std::vector<std::pair<std::string, DType>> attributes;
  std::vector<std::pair<std::string, std::string>> segments;          // id, when
  std::vector<std::pair<std::string, std::string>> populations = {};  // name, when
};
// Conditions are compiled; a text that does not compile ends the test run.
std::shared_ptr<const rules::RuleSet> MakeRules(const RulesText& text);

// BG/NBD with the parameters of Fader, Hardie and Lee (2005), table 2, and Gamma-Gamma of Fader,
// Hardie (2013), both for CDNOW, in weeks; the margin is `margin_rate` of revenue.
std::shared_ptr<const clv::ValueModel> MakeModel(double margin_rate = 0.25);

// A model of its own for each of the names; the pooled one is MakeModel's.
std::shared_ptr<const clv::PopulationModels> MakePopulations(
    const std::vector<std::pair<std::string, std::shared_ptr<const clv::ValueModel>>>& models);
// Contracts of 31 days (sbg) of a margin of 0.6.
std::shared_ptr<const clv::ValueModel> MakeContracts();

journal::EventRecord Bought(int64_t at_us, int64_t micros, absl::string_view category = "");
journal::EventRecord Refunded(int64_t at_us, int64_t micros);
journal::EventRecord Engagement(int64_t at_us);
journal::EventRecord ConsentEvent(int64_t at_us, absl::string_view channel,
                                  absl::string_view purpose, journal::ConsentState state);
journal::EventRecord AttributeEvent(int64_t at_us, absl::string_view name,
                                    journal::AttributeValue value);
// Any kind of event within two years from kStart, no two of the same instant.
std::vector<journal::EventRecord> RandomEvents(size_t count, Random* random);

// Applies and publishes in one change; the customer's number.
uint32_t ApplyAll(const std::string& id, const std::vector<journal::EventRecord>& events,
                  const Valuation& valuation, Population* population);
// One event at its own time, with the stages evaluated then.
void ApplyOne(const std::string& id, const journal::EventRecord& event, const Valuation& valuation,
              Population* population);

// The features of one customer.
Batch FeaturesOf(const Population& population, uint32_t customer, int64_t at_us,
                 const Valuation& valuation);
// "missing", or the value as text; doubles with nine digits.
std::string ValueOf(const Batch& batch, absl::string_view column, size_t row = 0);

}  // namespace tenure::customers

#endif  // TENURE_TESTS_CUSTOMERS_WORLD_H_
