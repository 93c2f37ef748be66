// Discount rates with their time unit said: what an interest a year, a month or without end of
// compounding is as the annual effective rate that is meant where none is said.
#ifndef TENURE_SERVER_BASE_DISCOUNT_H_
#define TENURE_SERVER_BASE_DISCOUNT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tenure {

// A year has 365.25 days, a month a twelfth of it, a quarter a fourth, a week 7 days.
struct Discount {
  enum class Scheme {
    kPerPeriod,   // `rate` is earned each period and earns itself: 1 % a month
    kNominal,     // `rate` a period, of which each compounding period earns its part: 12 % a year
                  // compounded monthly is 1 % a month
    kContinuous,  // a force of interest: a value at time t counts e^(−rate t)
  };
  double rate = 0;  // a period: 0.01 for 1 %
  double periods_per_year = 1;
  Scheme scheme = Scheme::kPerPeriod;
  double compoundings_per_year = 1;  // of kNominal

  // The annual effective rate: of kPerPeriod a year the rate itself, to the last digit.
  double PerYear() const;
};

// RATE[%][/UNIT [continuous | compounded daily|weekly|monthly|quarterly|yearly]] with UNIT one of
// day, week, month, quarter, year: "0.1" and "10%" are a year, effective; "1%/month",
// "12%/year compounded monthly", "0.0027/week continuous". INVALID_ARGUMENT saying which part is
// wrong, also for a rate below 0, above 1 without its % sign, or of more than 1,000 % a year.
// Thread-safe.
absl::StatusOr<Discount> ParseDiscount(absl::string_view text);
// Whether it names a unit.
bool NamesUnit(absl::string_view discount);

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_DISCOUNT_H_
