// What a numeric option may be: for check() of CLI11, whose own checks let "-3" wrap around in a
// whole number and let NaN through.
#ifndef TENURE_CLIENTS_CLI_OPTION_RANGE_H_
#define TENURE_CLIENTS_CLI_OPTION_RANGE_H_

#include <CLI/CLI.hpp>
#include <cstdint>

namespace tenure::cli {

// A whole number from `low` to `high`.
CLI::Validator WholeIn(int64_t low, int64_t high);
// A finite number from `low` to `high`.
CLI::Validator NumberIn(double low, double high);

inline constexpr double kMostDays = 36'500;
inline constexpr double kMostWeeks = 5'200;

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_OPTION_RANGE_H_
