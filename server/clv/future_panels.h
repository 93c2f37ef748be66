// What living customers will bring, remembered between the questions of a server: with most models
// it depends on the frequency and the age alone, and smoothly on the age. So each panel of ages is
// computed at a few points when it is first asked for, and then interpolated.
#ifndef TENURE_SERVER_CLV_FUTURE_PANELS_H_
#define TENURE_SERVER_CLV_FUTURE_PANELS_H_

#include <array>
#include <atomic>
#include <cstddef>

#include "server/clv/purchase_model.h"

namespace tenure::clv {

// Thread-safe. What it answers depends on the history alone, never on who has asked before.
class FuturePanels {
 public:
  // Of the grid, in the model's units.
  FuturePanels(double window, double horizon, double discount_rate);
  ~FuturePanels();
  FuturePanels(const FuturePanels&) = delete;
  FuturePanels& operator=(const FuturePanels&) = delete;

  // The value of a customer who is alive, each purchase worth 1: within 2e-7 relative of the
  // model's Outlook. `model` is the same in every call. Allocates where it looks for the first
  // time.
  double ValueIfAlive(const PurchaseModel& model, const History& history) const;

 private:
  // A polynomial of ln value in [−1, 1]: by Chebyshev's polynomials.
  static constexpr size_t kNodes = 7;
  struct Panel {
    bool is_usable = false;  // else the model itself is asked
    std::array<double, kNodes> coefficients{};
  };
  static constexpr size_t kFrequencies = 256;
  static constexpr size_t kPanels = 24;
  struct Row {  // of one frequency
    std::array<std::atomic<const Panel*>, kPanels> panels{};
  };

  double Exact(const PurchaseModel& model, const History& history) const;
  const Panel& Find(const PurchaseModel& model, size_t frequency, size_t panel) const;
  Panel Make(const PurchaseModel& model, double frequency, double middle) const;

  const double window_;
  const double horizon_;
  const double discount_rate_;
  mutable std::array<std::atomic<Row*>, kFrequencies> rows_{};
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_FUTURE_PANELS_H_
