// What living customers will bring, for very many of them: with most models it depends on the
// frequency and the age alone, and smoothly on the age. So it is computed at a few ages for each
// frequency and interpolated by Chebyshev polynomials in ln(1 + age / scale).
#ifndef TENURE_SERVER_CLV_FUTURE_TABLE_H_
#define TENURE_SERVER_CLV_FUTURE_TABLE_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "server/clv/purchase_model.h"

namespace tenure::clv {

// Of a customer who is alive, over the horizon, each purchase worth 1.
struct Future {
  double count;  // E[N], undiscounted
  double value;  // discounted
};

// Immutable, thread-safe. The model must outlive it.
class FutureTable {
 public:
  // The grid's window, horizon and discount rate. For these histories; At of others is right, but
  // slow.
  FutureTable(const PurchaseModel& model, double window, double horizon, double discount_rate,
              absl::Span<const History> histories);

  // Fills futures[i] from histories[i], which have the same frequency; within 2e-7 relative of the
  // model's own.
  void AtAll(absl::Span<const History> histories, absl::Span<Future> futures) const;

 private:
  static constexpr size_t kMostNodes = 65;
  // The interpolant of one frequency; empty where the model itself is asked.
  struct Curve {
    double youngest = 0, oldest = 0;   // the ages that it covers
    double low = 0, high = 0;          // of the coordinate
    std::vector<double> count, value;  // as many Chebyshev coefficients of their logs
  };

  Future Exact(const History& history) const;
  double Coordinate(double age) const;
  Curve Interpolate(double frequency, double youngest, double oldest) const;

  const PurchaseModel& model_;
  const double window_;
  const double horizon_;
  const double discount_rate_;
  std::vector<Curve> curves_;  // by frequency
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_FUTURE_TABLE_H_
