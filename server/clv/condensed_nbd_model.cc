#include "server/clv/condensed_nbd_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/clv/beta_geometric_model.h"
#include "server/clv/draw.h"
#include "server/clv/rising.h"

namespace tenure::clv {

std::string CondensedName(Dropout dropout, int k) {
  if (k == 1) return BetaGeometricModel(dropout, 1, 1, 1, 1).name();
  const char* prefix = dropout == Dropout::kNever         ? ""
                       : dropout == Dropout::kAfterRepeat ? "bg_"
                                                          : "mbg_";
  return absl::StrCat(prefix, "cnbd_", k);
}

CondensedNbdModel::CondensedNbdModel(Dropout dropout, int k, double r, double alpha, double a,
                                     double b)
    : PurchaseModel(CondensedName(dropout, k), dropout == Dropout::kNever
                                                   ? std::vector<double>{r, alpha}
                                                   : std::vector<double>{r, alpha, a, b}),
      dropout_(dropout),
      k_(k),
      r_(r),
      alpha_(alpha),
      a_(dropout == Dropout::kNever ? 0 : a),
      b_(dropout == Dropout::kNever ? 1 : b) {}

double CondensedNbdModel::TimeScale(const History& h) const { return alpha_ + h.age; }

CondensedFuture CondensedNbdModel::Alive(const History& h) const {
  const double rate = alpha_ + h.age;
  return {k_, r_ + k_ * h.frequency,     rate,
          a_, b_ + Chances(h.frequency), (h.age - h.recency) / rate};
}

double CondensedNbdModel::LogOddsDead(const History& h) const {
  const double n = Chances(h.frequency);
  if (n <= 0) return -std::numeric_limits<double>::infinity();
  const double shape = r_ + k_ * h.frequency;
  return std::log(a_ / (b_ + n - 1)) +
         shape * std::log1p((h.age - h.recency) / (alpha_ + h.recency)) -
         StageSum::LogAt(k_, shape, (h.age - h.recency) / (alpha_ + h.age));
}

double CondensedNbdModel::RowLogLikelihood(const History& h) const {
  const double n = Chances(h.frequency);
  const double shape = r_ + k_ * h.frequency;
  const double z = LogOddsDead(h);
  return LogRisingValue(r_, k_ * h.frequency) - h.frequency * LogGamma(k_) + LogRisingValue(b_, n) -
         LogRisingValue(a_ + b_, n) - k_ * h.frequency * std::log(alpha_) -
         shape * std::log1p(h.age / alpha_) +
         StageSum::LogAt(k_, shape, (h.age - h.recency) / (alpha_ + h.age)) + std::max(z, 0.0) +
         std::log1p(std::exp(-std::abs(z)));
}

double CondensedNbdModel::PAliveAfter(const History& history, double t) const {
  return PAlive(history) * Alive(history).StillThere(t);
}

// 5 % of the intervals after the last purchase are longer.
double CondensedNbdModel::RhythmLimit(const History& h) const {
  const CondensedFuture after{k_, r_ + k_ * h.frequency, alpha_ + h.recency, a_, b_, 0};
  const double target = std::log(0.05);
  double low = 0, high = after.rate;
  while (after.LogNoPurchase(high) > target && high < 1e12) high *= 2;
  while (high - low > 1e-12 * high) {
    const double middle = low + (high - low) / 2;
    (after.LogNoPurchase(middle) > target ? low : high) = middle;
  }
  return high;
}

double CondensedNbdModel::ExpectedPurchases(const History& history, double t) const {
  return PAlive(history) * Alive(history).ExpectedCount(t);
}

void CondensedNbdModel::CountProbabilities(const History& history, double t,
                                           absl::Span<double> out) const {
  const double alive = PAlive(history);
  Alive(history).CountProbabilities(t, out);
  for (double& each : out) each *= alive;
  if (!out.empty()) out[0] += 1 - alive;
}

double CondensedNbdModel::ExpectedDiscounted(const History& history, double discount) const {
  // Beyond it discounting leaves e^−45 of anything.
  const double forever = 45 / discount;
  return PAlive(history) * ValueIfAlive(history, Grid(history, forever, forever, discount));
}

Outlook CondensedNbdModel::OutlookIfAlive(const History& history, const TimeGrid& grid) const {
  return Alive(history).OutlookOver(grid);
}

double CondensedNbdModel::ValueIfAlive(const History& history, const TimeGrid& grid) const {
  return Alive(history).ValueOver(grid);
}

double CondensedNbdModel::ValueIfRevived(const History& h, const TimeGrid& grid) const {
  const double n = Chances(h.frequency);
  if (n <= 0) return ValueIfAlive(h, grid);
  const CondensedFuture back{k_, r_ + k_ * h.frequency, alpha_ + h.recency, a_ + 1, b_ + n - 1, 0};
  return back.ValueOver(grid);
}

void CondensedNbdModel::Draw(double length, Random* random, Life* life) const {
  const double stages = DrawGamma(r_, alpha_, random);  // a unit
  life->rate = stages / k_;
  life->dropout = a_ > 0 ? DrawBeta(a_, b_, random) : 0;
  const auto interval = [&] { return DrawGamma(k_, stages, random); };
  DrawPurchases(dropout_, length, interval, random, life);
}

}  // namespace tenure::clv
