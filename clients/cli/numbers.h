// Numbers and dates from fields of a file or from options, with errors that name the place.
#ifndef TENURE_CLIENTS_CLI_NUMBERS_H_
#define TENURE_CLIENTS_CLI_NUMBERS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/cli/csv.h"

namespace tenure::cli {

// A finite decimal number, the whole text, no spaces. INVALID_ARGUMENT "WHERE: `12,5` is not a
// number".
absl::StatusOr<double> ParseNumber(absl::string_view text, const std::string& where);

// The same for a field of the reader's last record.
absl::StatusOr<double> NumberField(const CsvReader& reader,
                                   const std::vector<absl::string_view>& fields, size_t column);

// Reads a column of dates; remembers what it has seen, since dates repeat. Not thread-safe.
class DateColumn {
 public:
  DateColumn(const CsvReader* reader, size_t column) : reader_(reader), column_(column) {}
  // "2018-01-03" or RFC 3339: the UTC day, counted from 1970-01-01. INVALID_ARGUMENT naming the
  // place.
  absl::StatusOr<int64_t> Day(const std::vector<absl::string_view>& fields);

 private:
  static constexpr size_t kRemembered = 100'000;
  const CsvReader* const reader_;
  const size_t column_;
  absl::flat_hash_map<std::string, int64_t> days_;
};

// "r=0.24,alpha=4.41" in its order; INVALID_ARGUMENT naming the part.
absl::StatusOr<std::vector<std::pair<std::string, double>>> ParseParameters(absl::string_view text);

// The shortest text that reads back as the same double.
std::string FormatNumber(double value);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_NUMBERS_H_
