#include "server/transactions/date_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "server/base/time.h"
#include "server/transactions/date_parts.h"

namespace tenure::transactions {
namespace {

constexpr size_t kRemembered = 100'000;
constexpr absl::string_view kRemedy =
    "write it like 2018-01-03 or 2018-01-03T10:00:00Z, or say --date-format, as in %m/%d/%Y";

bool AllDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

// Two digits at `text`; below 0 where they are none.
int TwoDigits(const char* text) {
  const auto tens = static_cast<unsigned char>(text[0] - '0');
  const auto units = static_cast<unsigned char>(text[1] - '0');
  return tens > 9 || units > 9 ? -1 : tens * 10 + units;
}

}  // namespace

DateReader::DateReader(absl::string_view format, absl::TimeZone zone)
    : format_(format), zone_(zone), utc_(zone == absl::UTCTimeZone()) {
  if (format.empty()) return;
  form_ = Form::kPattern;
  // The usual ones are read by hand, several times as fast.
  const struct {
    const char* pattern;
    Form form;
    char separator;
  } usual[] = {{"%Y-%m-%d", Form::kYearFirst, '-'},  {"%Y/%m/%d", Form::kYearFirst, '/'},
               {"%d/%m/%Y", Form::kDayFirst, '/'},   {"%d.%m.%Y", Form::kDayFirst, '.'},
               {"%d-%m-%Y", Form::kDayFirst, '-'},   {"%m/%d/%Y", Form::kMonthFirst, '/'},
               {"%m-%d-%Y", Form::kMonthFirst, '-'}, {"%Y%m%d", Form::kCompact, 0},
               {"%s", Form::kUnixSeconds, 0}};
  for (const auto& one : usual) {
    if (format != one.pattern) continue;
    form_ = one.form;
    separator_ = one.separator;
  }
}

bool DateReader::ReadUsual(absl::string_view text, int64_t* local_us) {
  if (form_ != Form::kYearFirst || text.size() != 10) return false;
  const char* const at = text.data();
  const int day = TwoDigits(at + 8);
  uint64_t year_month = 0;
  std::memcpy(&year_month, at, sizeof(year_month));
  static_assert(kMonths == 1 << 8);
  Month& month = months_[(year_month * 0x9E37'79B9'7F4A'7C15u) >> 56];
  if (month.text != year_month) {
    const int century = TwoDigits(at), year = TwoDigits(at + 2), number = TwoDigits(at + 5);
    if ((century | year | number) < 0 || at[4] != separator_ || at[7] != separator_) return false;
    const std::optional<int32_t> first = DayOfDate(century * 100 + year, number, 1);
    if (!first.has_value()) return false;
    int32_t length = 31;
    while (!DayOfDate(century * 100 + year, number, length).has_value()) --length;
    month = {year_month, *first, length};
  }
  if (day < 1 || day > month.length) return false;
  *local_us = (month.first_day + day - 1) * kMicrosPerDay;
  return true;
}

absl::StatusOr<std::optional<int64_t>> DateReader::Read(absl::string_view text) {
  if (form_ == Form::kPattern) return ReadPattern(text);
  if (AllDigits(text)) return ReadDigits(text);
  const std::optional<DateParts> parts = ParseDateParts(text);
  if (!parts.has_value()) return Refuse(text);
  const bool dotted = parts->separator == '.' && !parts->year_first;
  if (form_ == Form::kUnknown) {
    separator_ = parts->separator;
    form_ = parts->year_first ? Form::kYearFirst
            : dotted          ? Form::kDayFirst
                              : Form::kDayOrMonthFirst;
  }
  if (parts->year_first != (form_ == Form::kYearFirst) || parts->separator != separator_ ||
      form_ == Form::kCompact || form_ == Form::kUnixSeconds || form_ == Form::kUnixMillis) {
    return Refuse(text);
  }
  auto [a, b, c] = parts->numbers;
  std::optional<int32_t> day;
  if (ambiguous() && (a > 12) != (b > 12)) {
    day = a > 12 ? DayOfDate(c, b, a) : DayOfDate(c, a, b);
    if (!day.has_value()) return Refuse(text);
    form_ = a > 12 ? Form::kDayFirst : Form::kMonthFirst;
    evidence_ = std::string(text);
  }
  if (form_ == Form::kYearFirst) day = DayOfDate(a, b, c);
  if (form_ == Form::kMonthFirst) day = DayOfDate(c, a, b);
  if (form_ == Form::kDayFirst || ambiguous()) day = DayOfDate(c, b, a);
  if (!day.has_value()) return Refuse(text);
  if (ambiguous() && a != b) return std::nullopt;
  const int64_t clock_us = *day * kMicrosPerDay + parts->time_us;
  return parts->has_offset ? LocalOf(clock_us - parts->offset_us) : clock_us;
}

absl::StatusOr<std::optional<int64_t>> DateReader::ReadDigits(absl::string_view text) {
  if (form_ == Form::kUnknown) {
    form_ = text.size() == 8                         ? Form::kCompact
            : text.size() >= 9 && text.size() <= 11  ? Form::kUnixSeconds
            : text.size() == 12 || text.size() == 13 ? Form::kUnixMillis
                                                     : Form::kUnknown;
  }
  int64_t number = 0;
  if (text.size() > 15 || !absl::SimpleAtoi(text, &number)) return Refuse(text);
  if (form_ == Form::kCompact && text.size() == 8) {
    const auto year = static_cast<int>(number / 10'000);
    const auto month = static_cast<int>(number / 100 % 100);
    const auto day = DayOfDate(year, month, static_cast<int>(number % 100));
    if (day.has_value()) return *day * kMicrosPerDay;
  }
  if (form_ == Form::kUnixSeconds && text.size() >= 9 && text.size() <= 11) {
    return LocalOf(number * kMicrosPerSecond);
  }
  if (form_ == Form::kUnixMillis && text.size() >= 12 && text.size() <= 13) {
    return LocalOf(number * 1'000);
  }
  return Refuse(text);
}

absl::StatusOr<std::optional<int64_t>> DateReader::ReadPattern(absl::string_view text) {
  if (const auto found = remembered_.find(text); found != remembered_.end()) return found->second;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(format_, text, zone_, &time, &error)) return Refuse(text);
  const absl::civil_year_t year = absl::ToCivilYear(time, zone_).year();
  if (year < 1 || year > 9999) return Refuse(text);  // "infinite-future" among them
  const int64_t local_us = LocalOf(absl::ToUnixMicros(time));
  if (remembered_.size() < kRemembered) remembered_.emplace(std::string(text), local_us);
  return local_us;
}

int64_t DateReader::LocalOf(int64_t instant_us) const {
  if (utc_) return instant_us;
  return instant_us + zone_.At(absl::FromUnixMicros(instant_us)).offset * kMicrosPerSecond;
}

absl::Status DateReader::Refuse(absl::string_view text) const {
  if (text.empty()) return absl::InvalidArgumentError("is empty; every purchase needs its date");
  if (!format_.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", text, "` does not follow --date-format ", format_));
  }
  if (form_ == Form::kUnknown) {
    return absl::InvalidArgumentError(absl::StrCat("`", text, "` is not a date; ", kRemedy));
  }
  const std::string because = evidence_.empty() ? "" : absl::StrCat(", as `", evidence_, "` shows");
  return absl::InvalidArgumentError(
      absl::StrCat("`", text, "` is not a date of the form of the rows before it, ", form(),
                   because, "; mend it, or say --date-format"));
}

std::string DateReader::form() const {
  const std::string mark(1, separator_);
  switch (form_) {
    case Form::kUnknown:
      return "";
    case Form::kYearFirst:
      return absl::StrCat("yyyy", mark, "mm", mark, "dd");
    case Form::kDayOrMonthFirst:
      return absl::StrCat("dd", mark, "mm", mark, "yyyy or mm", mark, "dd", mark, "yyyy");
    case Form::kDayFirst:
      return absl::StrCat("dd", mark, "mm", mark, "yyyy");
    case Form::kMonthFirst:
      return absl::StrCat("mm", mark, "dd", mark, "yyyy");
    case Form::kCompact:
      return "yyyymmdd";
    case Form::kUnixSeconds:
      return "Unix seconds";
    case Form::kUnixMillis:
      return "Unix milliseconds";
    case Form::kPattern:
      return format_;
  }
  return "";
}

}  // namespace tenure::transactions
