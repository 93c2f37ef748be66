#include "server/clv/beta_geometric_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "server/clv/draw.h"
#include "server/clv/rising.h"

namespace tenure::clv {
namespace {

const char* NameOf(Dropout dropout) {
  switch (dropout) {
    case Dropout::kNever:
      return "nbd";
    case Dropout::kAfterRepeat:
      return "bg_nbd";
    case Dropout::kAfterEveryPurchase:
      return "mbg_nbd";
  }
  return "nbd";
}

std::vector<double> ParametersOf(Dropout dropout, double r, double alpha, double a, double b) {
  if (dropout == Dropout::kNever) return {r, alpha};
  return {r, alpha, a, b};
}

}  // namespace

BetaGeometricModel::BetaGeometricModel(Dropout dropout, double r, double alpha, double a, double b)
    : PurchaseModel(NameOf(dropout), ParametersOf(dropout, r, alpha, a, b)),
      dropout_(dropout),
      r_(r),
      alpha_(alpha),
      a_(dropout == Dropout::kNever ? 0 : a),
      b_(dropout == Dropout::kNever ? 1 : b) {}

double BetaGeometricModel::LogOddsDead(const History& h) const {
  const double n = Chances(h.frequency);
  if (n <= 0) return -std::numeric_limits<double>::infinity();
  return std::log(a_ / (b_ + n - 1)) +
         (r_ + h.frequency) * std::log1p((h.age - h.recency) / (alpha_ + h.recency));
}

double BetaGeometricModel::RowLogLikelihood(const History& h) const {
  const double n = Chances(h.frequency);
  const double z = LogOddsDead(h);
  return LogRisingValue(r_, h.frequency) + LogRisingValue(b_, n) - LogRisingValue(a_ + b_, n) -
         h.frequency * std::log(alpha_) - (r_ + h.frequency) * std::log1p(h.age / alpha_) +
         std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z)));
}

AliveProcess BetaGeometricModel::Alive(const History& h) const {
  return {r_ + h.frequency, alpha_ + h.age, a_, b_ + Chances(h.frequency)};
}

AliveProcess BetaGeometricModel::Revived(const History& h) const {
  const double n = Chances(h.frequency);
  if (n <= 0) return Alive(h);
  return {r_ + h.frequency, alpha_ + h.recency, a_ + 1, b_ + n - 1};
}

double BetaGeometricModel::TimeScale(const History& h) const { return alpha_ + h.age; }

double BetaGeometricModel::PAliveAfter(const History& history, double t) const {
  return PAlive(history) * Alive(history).StillThere(t);
}

// The log odds grow with silence by (r + x) ln(α + T).
double BetaGeometricModel::SilenceUntil(const History& h, double log_odds) const {
  const double growth = std::expm1((log_odds - LogOddsDead(h)) / (r_ + h.frequency));
  return std::max((alpha_ + h.age) * growth, 0.0);
}

double BetaGeometricModel::RhythmLimit(const History& h) const {
  return (alpha_ + h.recency) * std::expm1(std::log(20.0) / (r_ + h.frequency));
}

double BetaGeometricModel::ExpectedPurchases(const History& history, double t) const {
  return PAlive(history) * Alive(history).ExpectedCount(t);
}

// Given p and λ, n purchases are n survived ones and no other, or n of which the last ended it;
// both are means of powers of p ~ Beta times probabilities of a negative binomial count.
void BetaGeometricModel::CountProbabilities(const History& history, double t,
                                            absl::Span<double> out) const {
  const double alive = PAlive(history);
  const AliveProcess process = Alive(history);
  const double log_hit = std::log(t) - std::log(process.rate + t);
  double reached = 1;   // P(a count without dropout of n or more)
  double log_kept = 0;  // ln E[(1 − p)^n]
  for (size_t i = 0; i < out.size(); ++i) {
    const auto n = static_cast<double>(i);
    const double log_count = LogRisingValue(process.shape, n) - LogGamma(n + 1) +
                             process.LogNoPurchase(t) + (i > 0 ? n * log_hit : 0);
    const double count = std::exp(log_count);
    double ended = 0;  // E[p (1 − p)^(n−1)]
    if (i > 0 && process.a > 0) {
      const double sum = process.a + process.b + n - 1;
      ended = std::exp(log_kept) * process.a / sum;
      log_kept += std::log((process.b + n - 1) / sum);
    }
    out[i] = alive * (std::exp(log_kept) * count + ended * std::max(reached, 0.0));
    reached -= count;
  }
  if (!out.empty()) out[0] += 1 - alive;
}

double BetaGeometricModel::ExpectedDiscounted(const History& history, double discount) const {
  return PAlive(history) * Alive(history).ExpectedDiscounted(discount);
}

Outlook BetaGeometricModel::OutlookIfAlive(const History& history, const TimeGrid& grid) const {
  return Alive(history).OutlookOver(grid);
}

double BetaGeometricModel::ValueIfAlive(const History& history, const TimeGrid& grid) const {
  return Alive(history).ValueOver(grid);
}

double BetaGeometricModel::ValueIfRevived(const History& history, const TimeGrid& grid) const {
  if (Chances(history.frequency) <= 0) return ValueIfAlive(history, grid);
  const AliveProcess revived = Revived(history);
  return revived.ValueOver(
      TimeGrid::Over(grid.window, grid.horizon, grid.discount_rate, revived.rate));
}

void BetaGeometricModel::Draw(double length, Random* random, Life* life) const {
  life->rate = DrawGamma(r_, alpha_, random);
  life->dropout = a_ > 0 ? DrawBeta(a_, b_, random) : 0;
  const auto interval = [&] { return -std::log(random->UniformOpen()) / life->rate; };
  DrawPurchases(dropout_, length, interval, random, life);
}

}  // namespace tenure::clv
