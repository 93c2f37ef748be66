// Expected purchases within any time and P(alive) after it, for very many customers and times. The
// future of who is alive (AliveProcess) depends on the time only through time/rate: one curve a
// frequency says it of every age and every step. Each is computed at a few points when it is first
// asked for, and then interpolated.
#ifndef TENURE_SERVER_CLV_FUTURE_CURVES_H_
#define TENURE_SERVER_CLV_FUTURE_CURVES_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>
#include <vector>

#include "server/clv/alive_process.h"
#include "server/clv/dropout.h"
#include "server/clv/purchase_model.h"

namespace tenure::clv {

// Thread-safe. What it answers depends on the question alone, never on who has asked before. Each
// first question of a frequency costs two dozen of the model's own; models other than BG/NBD and
// MBG/NBD, whose own answers are quick or of another form, are asked themselves. The model must
// outlive it.
class FutureCurves {
 public:
  explicit FutureCurves(const PurchaseModel& model)
      : model_(model), dropout_(DropoutAtPurchases(model.name())) {}
  ~FutureCurves();
  FutureCurves(const FutureCurves&) = delete;
  FutureCurves& operator=(const FutureCurves&) = delete;

  // The model's, within 1e-10 relative.
  double ExpectedPurchases(const History& history, double t) const;
  double PAliveAfter(const History& history, double t) const;

 private:
  // Chebyshev coefficients of the logarithm; none where the model itself is asked.
  using Curve = std::vector<double>;
  enum Question : size_t { kCount, kStay, kQuestions };
  static constexpr size_t kFrequencies = 1024;
  static constexpr size_t kPanels = 16;
  struct Row {  // of one frequency
    std::array<std::array<std::atomic<const Curve*>, kPanels>, kQuestions> curves{};
  };

  AliveProcess AliveFrom(const History& history) const;
  // The answer for a customer who is alive at T; NaN where there is no curve.
  double IfAlive(Question question, const History& history, double t) const;
  const Curve& Find(Question question, const AliveProcess& process, size_t frequency,
                    size_t panel) const;

  const PurchaseModel& model_;
  const std::optional<Dropout> dropout_;
  mutable std::array<std::atomic<Row*>, kFrequencies> rows_{};
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_FUTURE_CURVES_H_
