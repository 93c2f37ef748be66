#include "server/budget/arrival_curve.h"

namespace tenure::budget {
namespace {

constexpr double kPriorHours = 1;
// What an hour of the week remembers of itself, in hours: as many weeks, since it comes once in
// each.
constexpr double kMemoryHours = 12;

struct Sum {
  double arrivals = 0;
  double watched = 0;
};

// How much more than on average comes there; 1 where nothing was watched.
double Relative(const Sum& part, double mean) {
  return (part.arrivals + kPriorHours * mean) / ((part.watched + kPriorHours) * mean);
}

}  // namespace

void ArrivalCurve::Watch(int hour, double share) {
  const auto h = static_cast<size_t>(hour);
  const double kept = 1 - share / kMemoryHours;
  hours_.arrivals[h] *= kept;
  hours_.watched[h] = hours_.watched[h] * kept + share;
}

bool ArrivalCurve::known() const {
  for (size_t h = 0; h < kHoursOfWeek; ++h) {
    if (hours_.arrivals[h] > 0 && hours_.watched[h] > 0) return true;
  }
  return false;
}

std::array<double, kHoursOfWeek> ArrivalCurve::Rates() const {
  std::array<double, kHoursOfWeek> rates;
  rates.fill(1);
  if (!known()) return rates;
  Sum all;
  std::array<Sum, kHoursOfDay> by_hour = {};
  std::array<Sum, kDaysOfWeek> by_day = {};
  for (size_t h = 0; h < kHoursOfWeek; ++h) {
    // Before an hour was watched its arrivals say nothing about how many come in an hour.
    if (hours_.watched[h] <= 0) continue;
    for (Sum* sum : {&all, &by_hour[h % kHoursOfDay], &by_day[h / kHoursOfDay]}) {
      sum->arrivals += hours_.arrivals[h];
      sum->watched += hours_.watched[h];
    }
  }
  const double mean = all.arrivals / all.watched;
  for (size_t h = 0; h < kHoursOfWeek; ++h) {
    const double expected =
        mean * Relative(by_hour[h % kHoursOfDay], mean) * Relative(by_day[h / kHoursOfDay], mean);
    const bool watched = hours_.watched[h] > 0;
    rates[h] = ((watched ? hours_.arrivals[h] : 0) + kPriorHours * expected) /
               (hours_.watched[h] + kPriorHours);
  }
  return rates;
}

}  // namespace tenure::budget
