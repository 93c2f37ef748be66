// Whether the model in force still fits: its calibration over the last weeks and the population's
// drift since its fit.
#ifndef TENURE_SERVER_PLANNING_MODEL_HEALTH_H_
#define TENURE_SERVER_PLANNING_MODEL_HEALTH_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/customers/population.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

// Limits where the rule set's `value.refit` states none.
inline constexpr double kIndexToWatch = 0.1;
inline constexpr double kIndexToRefit = 0.25;
inline constexpr double kOffToWatch = 0.1;
inline constexpr double kOffToRefit = 0.2;

struct Shift {
  std::string population;  // of whom; empty: of everybody
  std::string quantity;
  double index = 0;                     // population stability index
  double by_chance = 0;                 // of it, where nothing has moved
  std::vector<double> ends, then, now;  // the bins and their shares, see Distribution
  // Whether it counts: of one population only beyond what chance gives the worst of as many.
  bool counts = true;

  double drift() const { return counts ? index - by_chance : 0; }
};

struct CalibrationBin {
  std::string frequency;  // "0", "4 to 6", "7 or more" repeat purchases before the window
  int64_t customers = 0;
  double expected = 0, actual = 0;  // purchases
};

// Of the customers of one population.
struct PopulationCalibration {
  std::string name;
  std::string text;  // where its model comes from, for a person
  int64_t customers = 0;
  double expected = 0, actual = 0;  // purchases
  double standard_error = 0;        // of actual
  double off_by = 0;                // |actual − expected| / expected
  bool significant = false;         // beyond what chance gives the worst of as many populations
};

enum class HealthVerdict : uint8_t { kStable, kWatch, kRefit };

struct ModelHealth {
  std::string model;  // hash
  int64_t at_us = 0;
  // Of everybody, then of each population that the fit knew; empty where it kept no distribution.
  std::vector<Shift> shifts;
  double window_days = 0;  // 0: nobody had bought before it
  std::vector<CalibrationBin> bins;
  std::vector<PopulationCalibration> populations;  // of the rule set, the rest last; or none
  std::vector<std::string> changed;  // populations that are not those of the fit any more
  double expected = 0, actual = 0;
  double standard_error = 0;  // of actual, from the customers' own errors
  double off_by = 0;          // |actual − expected| / expected
  bool significant = false;   // beyond two standard errors
  bool knew_window = false;   // the window is in what the model was fitted to
  HealthVerdict verdict = HealthVerdict::kStable;
  std::string why;     // a sentence; what speaks for the verdict
  std::string remedy;  // what to do; empty where nothing is
};

// By the rule set's response window and limits. A drift counts by what it is above chance, a
// calibration where it is significant, so that few customers raise no alarm; everybody is judged,
// and each population by its own. A population whose condition has changed since the fit
// (ChangedPopulations) asks for a fit whatever the figures. DATA_LOSS when the record can't be
// read. Thread-safe.
absl::StatusOr<ModelHealth> CheckHealth(const std::shared_ptr<const rules::RuleSet>& rules,
                                        const customers::Population& population,
                                        const journal::ModelRecord& record, int64_t at_us);

// Whether a refit is due by the settings' limits, which may be none, on these figures of everybody
// or of a population. Thread-safe.
bool IsRefitDue(const rules::RefitSettings& refit, const ModelHealth& health);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_MODEL_HEALTH_H_
