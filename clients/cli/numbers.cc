#include "clients/cli/numbers.h"

#include <charconv>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/status.h"

namespace tenure::cli {

absl::StatusOr<double> ParseNumber(absl::string_view text, const std::string& where) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return absl::InvalidArgumentError(
        text.empty() ? absl::StrCat(where, ": is empty; write a number like 1234.5")
                     : absl::StrCat(where, ": `", text, "` is not a number; write it like 1234.5"));
  }
  return value;
}

absl::StatusOr<double> NumberField(const CsvReader& reader,
                                   const std::vector<absl::string_view>& fields, size_t column) {
  double value = 0;
  const absl::string_view text = fields[column];
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && std::isfinite(value)) {
    return value;
  }
  return ParseNumber(text, reader.Where(column));
}

absl::StatusOr<std::vector<std::pair<std::string, double>>> ParseParameters(
    absl::string_view text) {
  std::vector<std::pair<std::string, double>> parameters;
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::vector<absl::string_view> sides = absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (sides.size() != 2) {
      return absl::InvalidArgumentError(
          absl::StrCat("`", part, "` is not NAME=NUMBER, as in r=0.24,alpha=4.41"));
    }
    TENURE_ASSIGN_OR_RETURN(const double value, ParseNumber(sides[1], std::string(sides[0])));
    parameters.emplace_back(sides[0], value);
  }
  return parameters;
}

std::string FormatNumber(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof(text), value);
  return error == std::errc() ? std::string(text, end) : "nan";
}

}  // namespace tenure::cli
