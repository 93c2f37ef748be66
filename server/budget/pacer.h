// Corrects the price of an envelope's money so that its spend follows a target: projected dual
// descent. Prices rise first; only where they can't rise further are customers turned away.
#ifndef TENURE_SERVER_BUDGET_PACER_H_
#define TENURE_SERVER_BUDGET_PACER_H_

#include <cstdint>

namespace tenure::budget {

inline constexpr double kMaxPriceFactor = 8;  // and the least is 1 / 8
inline constexpr double kMinPassShare = 1.0 / 128;

// What has been measured since the last correction, in micros of currency.
struct PaceMeasure {
  double limit_micros = 0;         // of the envelope, for the whole period
  double spent_micros = 0;         // held and committed since; less than 0 where more came back
  double target_micros = 0;        // that should have been spent since
  double typical_hold_micros = 0;  // mean size of a hold so far; 0: unknown
};

// How hard an envelope's spend is pressed down: the logarithm of its price's factor as long as
// the price can carry it, and beyond that of the share of customers turned away.
struct Pace {
  double pressure = 0;
  // Multiplies the planned price; in [1/8, 8], 1 where there is none.
  double factor = 1;
  // Share of customers whom an offer can still reach today; in [1/128, 1].
  double pass_share = 1;
};

// One step, `priced` where the plan has a price for the envelope (else nothing is there that a
// factor could raise):
//
//   pressure ← project(pressure + g · (spent − target) / limit)
//
// which is dual mirror descent (entropic) on the price of money: the gradient of the dual is what
// was spent beyond the target (Balseiro, Lu and Mirrokni, "The best of many worlds: dual mirror
// descent for online allocation problems", 2020, algorithm 1). The gain g is the number of pieces
// of the period by which it must be right: fifty, fewer where a piece would hold less than
// twenty holds and chance would rule. A single step at most doubles or halves. Pure.
Pace Correct(const Pace& pace, const PaceMeasure& measure, bool priced);

// The pace at a given pressure, projected to what it may be.
Pace PaceAt(double pressure, bool priced);

// Whether a customer may be reached on a day by an envelope that lets `pass_share` of them pass:
// by hash, so that the same customer is told the same all day and another day another.
// `day` is any number that names the day. Thread-safe.
bool Passes(double pass_share, uint64_t customer_hash, int64_t day);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PACER_H_
