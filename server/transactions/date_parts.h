// What stands in a date as a file writes it, before anybody says which number is the month.
#ifndef TENURE_SERVER_TRANSACTIONS_DATE_PARTS_H_
#define TENURE_SERVER_TRANSACTIONS_DATE_PARTS_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace tenure::transactions {

// Days from 1970-01-01 of a date of the Gregorian calendar; nothing where there is no such day.
// Years 1 to 9999. Thread-safe.
std::optional<int32_t> DayOfDate(int year, int month, int day);

// The month of a day: 2018 and 1.
struct YearMonth {
  int year, month;
};
YearMonth MonthOf(int32_t day);

// "2018-01-03", "3/1/2018 10:15 pm", "2018-01-03T10:00:00.5+01:00".
struct DateParts {
  int numbers[3];     // as they stand
  bool year_first;    // else the third is the year; it has four digits
  char separator;     // - / .
  int64_t time_us;    // since midnight
  bool has_offset;    // from UTC
  int64_t offset_us;  // east of Greenwich is above 0
};

// Nothing where the text is of no such form; the numbers may still be no date. Thread-safe.
std::optional<DateParts> ParseDateParts(absl::string_view text);

}  // namespace tenure::transactions

#endif  // TENURE_SERVER_TRANSACTIONS_DATE_PARTS_H_
