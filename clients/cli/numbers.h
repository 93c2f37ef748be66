// Numbers from fields of a file or from options, with errors that name the place.
#ifndef TENURE_CLIENTS_CLI_NUMBERS_H_
#define TENURE_CLIENTS_CLI_NUMBERS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

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

// "r=0.24,alpha=4.41" in its order; INVALID_ARGUMENT naming the part.
absl::StatusOr<std::vector<std::pair<std::string, double>>> ParseParameters(absl::string_view text);

// The shortest text that reads back as the same double.
std::string FormatNumber(double value);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_NUMBERS_H_
