// The units in which files count time.
#ifndef TENURE_CLIENTS_CLI_TIME_UNIT_H_
#define TENURE_CLIENTS_CLI_TIME_UNIT_H_

#include <string>
#include <vector>

namespace tenure::cli {

inline std::vector<std::string> TimeUnits() { return {"day", "week", "month", "year"}; }

// Of one of TimeUnits, in days; a year has 365.25, a month a twelfth of it.
inline double UnitDays(const std::string& unit) {
  if (unit == "week") return 7;
  if (unit == "month") return 365.25 / 12;
  return unit == "year" ? 365.25 : 1;
}

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_TIME_UNIT_H_
