#include "server/transactions/date_parts.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "server/base/time.h"

namespace tenure::transactions {
namespace {

constexpr int kDaysBefore[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

bool IsLeap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int32_t DaysBeforeYear(int year) {  // from 1970-01-01
  const int y = year - 1;
  return y * 365 + y / 4 - y / 100 + y / 400 - 719'162;
}

// Takes from the front of a text.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  char TakeOneOf(absl::string_view chars) {
    if (rest_.empty() || chars.find(rest_.front()) == absl::string_view::npos) return 0;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  // Up to `most` digits; how many there were.
  int Number(int most, int* value) {
    int digits = 0;
    *value = 0;
    while (digits < most && !rest_.empty() && absl::ascii_isdigit(Front())) {
      *value = *value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
      ++digits;
    }
    return digits;
  }
  bool TakeWord(absl::string_view word) {
    if (!absl::StartsWithIgnoreCase(rest_, word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

 private:
  unsigned char Front() const { return static_cast<unsigned char>(rest_.front()); }
  absl::string_view rest_;
};

// ".5" as 500,000; decimals beyond the sixth are left out.
bool TakeDecimals(Scanner* text, int64_t* micros) {
  *micros = 0;
  if (text->TakeOneOf(".,") == 0) return true;
  int64_t unit = kMicrosPerSecond;
  int digit = 0, count = 0;
  for (; text->Number(1, &digit) == 1; ++count) {
    unit /= 10;
    *micros += unit * digit;
  }
  return count > 0;
}

// "10:15", "10:15:30.5", "10:15 pm".
bool TakeTime(Scanner* text, int64_t* time_us) {
  int hour = 0, minute = 0, second = 0;
  int64_t micros = 0;
  if (text->Number(2, &hour) == 0 || !text->Take(':') || text->Number(2, &minute) != 2) {
    return false;
  }
  if (text->Take(':') && (text->Number(2, &second) != 2 || !TakeDecimals(text, &micros))) {
    return false;
  }
  text->Take(' ');
  const bool pm = text->TakeWord("pm");
  if (pm || text->TakeWord("am")) {
    if (hour < 1 || hour > 12) return false;
    hour = hour % 12 + (pm ? 12 : 0);
  }
  if (hour > 23 || minute > 59 || second > 60) return false;  // a leap second is the next minute's
  *time_us = (hour * int64_t{3'600} + minute * 60 + second) * kMicrosPerSecond + micros;
  return true;
}

// "Z", "+01:00", "-0500", "+01", or nothing.
bool TakeOffset(Scanner* text, DateParts* parts) {
  parts->has_offset = false;
  parts->offset_us = 0;
  if (text->done()) return true;
  parts->has_offset = true;
  if (text->TakeOneOf("Zz") != 0) return text->done();
  const char sign = text->TakeOneOf("+-");
  int hours = 0, minutes = 0;
  if (sign == 0 || text->Number(2, &hours) != 2) return false;
  text->Take(':');
  if (!text->done() && text->Number(2, &minutes) != 2) return false;
  parts->offset_us = (hours * 60 + minutes) * 60 * kMicrosPerSecond * (sign == '-' ? -1 : 1);
  return text->done() && hours < 24 && minutes < 60;
}

}  // namespace

std::optional<int32_t> DayOfDate(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return std::nullopt;
  const int leap = IsLeap(year) ? 1 : 0;
  const int length = kDaysBefore[month] - kDaysBefore[month - 1] + (month == 2 ? leap : 0);
  if (day > length) return std::nullopt;
  return DaysBeforeYear(year) + kDaysBefore[month - 1] + (month > 2 ? leap : 0) + day - 1;
}

YearMonth MonthOf(int32_t day) {
  int year = day < 0 ? 1969 + day / 365 : 1970 + day / 366;  // or a few years before
  while (DaysBeforeYear(year + 1) <= day) ++year;
  int month = 1;
  while (month < 12 && *DayOfDate(year, month + 1, 1) <= day) ++month;
  return {year, month};
}

std::optional<DateParts> ParseDateParts(absl::string_view text) {
  Scanner scanner(text);
  DateParts parts{};
  const int first = scanner.Number(4, &parts.numbers[0]);
  parts.separator = scanner.TakeOneOf("-/.");
  if (parts.separator == 0) return std::nullopt;
  const int second = scanner.Number(2, &parts.numbers[1]);
  if (second == 0 || !scanner.Take(parts.separator)) return std::nullopt;
  const int third = scanner.Number(4, &parts.numbers[2]);
  parts.year_first = first == 4;
  if (parts.year_first ? third != 1 && third != 2 : third != 4 || first == 0 || first > 2) {
    return std::nullopt;
  }
  if (!scanner.done()) {
    if (scanner.TakeOneOf("Tt ") == 0 || !TakeTime(&scanner, &parts.time_us)) return std::nullopt;
  }
  if (!TakeOffset(&scanner, &parts)) return std::nullopt;
  return parts;
}

}  // namespace tenure::transactions
