// Dates of one column, in a form that is stated or found out from the column itself, never guessed:
// where no row tells day from month, there is no date.
#ifndef TENURE_SERVER_TRANSACTIONS_DATE_READER_H_
#define TENURE_SERVER_TRANSACTIONS_DATE_READER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace tenure::transactions {

// Not thread-safe: remembers the form of the rows before.
class DateReader {
 public:
  // `format` as strptime's ("%d/%m/%Y"), or empty: found out. Times without an offset are `zone`'s,
  // and days are its days.
  DateReader(absl::string_view format, absl::TimeZone zone);

  // Microseconds of the zone's own clock since its 1970-01-01T00:00; DayOf of that is the day. Of
  // a date alone, its midnight. Nothing as long as no row tells day from month: read it again once
  // ambiguous() is over. INVALID_ARGUMENT with the remedy.
  absl::StatusOr<std::optional<int64_t>> Read(absl::string_view text);

  // The usual rows of a column whose form is known, inline; false: call Read.
  bool ReadUsual(absl::string_view text, int64_t* local_us);

  bool ambiguous() const { return form_ == Form::kDayOrMonthFirst; }
  // The form, for people: "dd/mm/yyyy"; "" before the first row.
  std::string form() const;
  // The first date that told day from month; empty where none had to.
  const std::string& evidence() const { return evidence_; }

 private:
  enum class Form {
    kUnknown,
    kYearFirst,  // ISO 8601, RFC 3339, and the same with / or .
    kDayOrMonthFirst,
    kDayFirst,
    kMonthFirst,
    kCompact,  // 20180103
    kUnixSeconds,
    kUnixMillis,
    kPattern  // strptime's
  };

  absl::Status Refuse(absl::string_view text) const;
  absl::StatusOr<std::optional<int64_t>> ReadDigits(absl::string_view text);
  absl::StatusOr<std::optional<int64_t>> ReadPattern(absl::string_view text);
  int64_t LocalOf(int64_t instant_us) const;

  const std::string format_;  // as stated
  const absl::TimeZone zone_;
  const bool utc_;
  Form form_ = Form::kUnknown;
  char separator_ = '/';
  std::string evidence_;
  // Of usual rows, by their year and month: a month that has been read is not worked out again.
  struct Month {
    uint64_t text = 0;  // its first 8 bytes, separators included
    int32_t first_day = 0;
    int32_t length = 0;
  };
  static constexpr size_t kMonths = 256;
  std::array<Month, kMonths> months_;
  absl::flat_hash_map<std::string, int64_t> remembered_;  // of patterns, which are slow
};

}  // namespace tenure::transactions

#endif  // TENURE_SERVER_TRANSACTIONS_DATE_READER_H_
