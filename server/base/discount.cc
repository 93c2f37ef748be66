#include "server/base/discount.h"

#include <cmath>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace tenure {
namespace {

constexpr double kDaysPerYear = 365.25;
constexpr double kMostPerYear = 10;

struct Unit {
  const char* name;
  const char* adverb;
  double per_year;
};
constexpr Unit kUnits[] = {{"day", "daily", kDaysPerYear},
                           {"week", "weekly", kDaysPerYear / 7},
                           {"month", "monthly", 12},
                           {"quarter", "quarterly", 4},
                           {"year", "yearly", 1}};

std::optional<double> PeriodsOf(absl::string_view word, const char* Unit::*name) {
  for (const Unit& unit : kUnits) {
    if (word == unit.*name) return unit.per_year;
  }
  return std::nullopt;
}

absl::Status Refuse(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("`", text, "` is not a discount: ", why));
}

// What comes after the unit.
absl::Status ReadScheme(absl::string_view text, const std::vector<absl::string_view>& words,
                        Discount* discount) {
  if (words.size() == 1) return absl::OkStatus();
  if (words.size() == 2 && words[1] == "continuous") {
    discount->scheme = Discount::Scheme::kContinuous;
    return absl::OkStatus();
  }
  if (words[1] != "compounded" || words.size() > 3) {
    return Refuse(
        text, absl::StrCat("after the unit comes nothing, `continuous` or `compounded monthly`, "
                           "not `",
                           words[1] == "compounded" ? words.back() : words[1], "`"));
  }
  const std::optional<double> periods =
      words.size() == 3 ? PeriodsOf(words[2], &Unit::adverb) : std::nullopt;
  if (!periods.has_value()) {
    return Refuse(text, "it is compounded daily, weekly, monthly, quarterly or yearly");
  }
  discount->scheme = Discount::Scheme::kNominal;
  discount->compoundings_per_year = *periods;
  return absl::OkStatus();
}

}  // namespace

double Discount::PerYear() const {
  const auto compounded = [](double each, double times) {
    return times == 1 ? each : std::expm1(times * std::log1p(each));
  };
  switch (scheme) {
    case Scheme::kContinuous:
      return std::expm1(rate * periods_per_year);
    case Scheme::kNominal:
      return compounded(rate * periods_per_year / compoundings_per_year, compoundings_per_year);
    case Scheme::kPerPeriod:
      break;
  }
  return compounded(rate, periods_per_year);
}

absl::StatusOr<Discount> ParseDiscount(absl::string_view text) {
  Discount discount;
  const size_t slash = text.find('/');
  absl::string_view rate = absl::StripAsciiWhitespace(text.substr(0, slash));
  const bool is_percent = absl::ConsumeSuffix(&rate, "%");
  if (!absl::SimpleAtod(rate, &discount.rate) || !std::isfinite(discount.rate)) {
    return Refuse(text, absl::StrCat("the rate `", rate,
                                     "` must be a number, as in 0.1, 10%/year or 1%/month"));
  }
  if (discount.rate < 0) return Refuse(text, "the rate must be 0 or more");
  if (!is_percent && discount.rate > 1) {
    return Refuse(text, absl::StrCat("without a % sign the rate is a fraction, and ", rate, " is ",
                                     100 * discount.rate, " %; write ", rate, "%",
                                     slash == absl::string_view::npos ? "" : text.substr(slash),
                                     " if that is meant"));
  }
  if (is_percent) discount.rate /= 100;
  if (slash != absl::string_view::npos) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(text.substr(slash + 1), absl::ByAnyChar(" \t"), absl::SkipEmpty());
    const absl::string_view unit = words.empty() ? "" : words[0];
    const std::optional<double> periods = PeriodsOf(unit, &Unit::name);
    if (!periods.has_value()) {
      return Refuse(
          text, absl::StrCat("the unit `", unit, "` must be day, week, month, quarter or year"));
    }
    discount.periods_per_year = *periods;
    if (const absl::Status status = ReadScheme(text, words, &discount); !status.ok()) return status;
  }
  if (!(discount.PerYear() <= kMostPerYear)) {
    return Refuse(text, absl::StrCat("it is ", std::round(100 * discount.PerYear()),
                                     " % a year, and 1,000 % is the most; is the unit right?"));
  }
  return discount;
}

bool NamesUnit(absl::string_view discount) { return discount.find('/') != absl::string_view::npos; }

}  // namespace tenure
