#include "clients/cli/option_range.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/numbers.h"

namespace tenure::cli {

CLI::Validator WholeIn(int64_t low, int64_t high) {
  const std::string range = absl::StrCat("a whole number from ", low, " to ", high);
  return CLI::Validator(
      [low, high, range](const std::string& text) -> std::string {
        int64_t value = 0;
        if (absl::SimpleAtoi(text, &value) && value >= low && value <= high) return "";
        return absl::StrCat("`", text, "` is not ", range);
      },
      "");
}

CLI::Validator NumberIn(double low, double high) {
  const std::string range =
      absl::StrCat("a number from ", FormatNumber(low), " to ", FormatNumber(high));
  return CLI::Validator(
      [low, high, range](const std::string& text) -> std::string {
        const absl::StatusOr<double> value = ParseNumber(text, "");
        if (value.ok() && *value >= low && *value <= high) return "";
        return absl::StrCat("`", text, "` is not ", range);
      },
      "");
}

}  // namespace tenure::cli
