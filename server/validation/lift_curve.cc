#include "server/validation/lift_curve.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <tuple>
#include <utility>

namespace tenure::validation {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
// Actual values this near to each other, as a Gini coefficient, are all alike.
constexpr double kAlike = 1e-12;

}  // namespace

LiftCurve::LiftCurve(std::vector<Ranked> sorted) {
  // By all that there is, so that sums don't depend on the order of rows.
  std::sort(sorted.begin(), sorted.end(), [](const Ranked& l, const Ranked& r) {
    return std::tie(r.prediction, r.actual, r.weight) < std::tie(l.prediction, l.actual, l.weight);
  });
  const auto is_last = [&](size_t i) {
    return i + 1 == sorted.size() || sorted[i + 1].prediction != sorted[i].prediction;
  };
  size_t groups = 1;
  for (size_t i = 0; i < sorted.size(); ++i) groups += is_last(i) ? 1 : 0;
  totals_.reserve(groups);  // of millions, a vector that grows is twice as large for a while
  totals_.push_back({});
  Piece running;
  for (size_t i = 0; i < sorted.size(); ++i) {
    running.customers += sorted[i].weight;
    running.predicted += sorted[i].weight * sorted[i].prediction;
    running.actual += sorted[i].weight * sorted[i].actual;
    running.actual_squares += sorted[i].weight * sorted[i].actual * sorted[i].actual;
    if (is_last(i)) totals_.push_back(running);
  }
}

LiftCurve::Piece LiftCurve::Top(double share) const {
  const double wanted = std::clamp(share, 0.0, 1.0) * totals_.back().customers;
  const auto above = std::lower_bound(
      totals_.begin() + 1, totals_.end(), wanted,
      [](const Piece& piece, double customers) { return piece.customers < customers; });
  if (above == totals_.end()) return totals_.back();
  const Piece& low = *(above - 1);
  const double part = (wanted - low.customers) / (above->customers - low.customers);
  return {wanted, low.predicted + part * (above->predicted - low.predicted),
          low.actual + part * (above->actual - low.actual),
          low.actual_squares + part * (above->actual_squares - low.actual_squares)};
}

std::vector<LiftCurve::Piece> LiftCurve::Split(int count) const {
  std::vector<Piece> pieces;
  Piece before;
  for (int i = 1; i <= count; ++i) {
    const Piece upto = Top(static_cast<double>(i) / count);
    pieces.push_back({upto.customers - before.customers, upto.predicted - before.predicted,
                      upto.actual - before.actual, upto.actual_squares - before.actual_squares});
    before = upto;
  }
  return pieces;
}

double LiftCurve::ActualShare(double share) const {
  return totals_.back().actual > 0 ? Top(share).actual / totals_.back().actual : kNone;
}

double LiftCurve::Gini(double Piece::*value) const {
  const Piece& all = totals_.back();
  if (!(all.*value > 0)) return kNone;
  double twice_area = 0;
  for (size_t i = 1; i < totals_.size(); ++i) {
    twice_area += (totals_[i].customers - totals_[i - 1].customers) / all.customers *
                  ((totals_[i].*value + totals_[i - 1].*value) / (all.*value));
  }
  return twice_area - 1;
}

double LiftCurve::ActualGini() const { return Gini(&Piece::actual); }
double LiftCurve::PredictedGini() const { return Gini(&Piece::predicted); }

double NormalisedGini(absl::Span<const Ranked> customers) {
  std::vector<Ranked> order(customers.begin(), customers.end());
  const double gini = LiftCurve(order).ActualGini();
  for (Ranked& customer : order) customer.prediction = customer.actual;
  return NormalisedGini(gini, LiftCurve(std::move(order)).ActualGini());
}

double NormalisedGini(double gini, double best) { return best > kAlike ? gini / best : kNone; }

}  // namespace tenure::validation
