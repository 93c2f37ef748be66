// Customers whose truth is known: draws from the models, for demonstrations and tests of what
// planning earns. The same seed and index give the same customer on every machine with the same
// libm, whatever the number of customers.
#ifndef TENURE_SERVER_CLV_SIMULATE_H_
#define TENURE_SERVER_CLV_SIMULATE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "server/clv/gamma_gamma.h"
#include "server/clv/purchase_model.h"

namespace tenure::clv {

// One customer's truth and what happened, times in the model's unit from the first purchase on.
struct SimulatedCustomer : Life {
  double mean_spend = 1;       // p / ν, the mean of their spends
  std::vector<double> spends;  // of each purchase; 1 without a spend model

  bool AliveAt(double time) const { return death >= time; }
};

// Draws customers. Immutable but for what Draw is given; thread-safe.
class Simulator {
 public:
  // spend.p = 0: every purchase is worth 1.
  Simulator(std::shared_ptr<const PurchaseModel> purchase, const GammaGamma& spend, uint64_t seed);

  // Customer `index`, observed for `length` after the first purchase. Reuses the vectors' memory.
  void Draw(uint64_t index, double length, SimulatedCustomer* customer) const;
  // Their spends alone, for the purchases they have.
  void DrawSpends(uint64_t index, SimulatedCustomer* customer) const;
  // A generator of their own for each purpose; purpose 0 draws the life.
  Random GeneratorOf(uint64_t index, uint64_t purpose) const;
  // Uniform in [0, 1), fixed for (seed, index): for when a customer joins, or which arm.
  double UniformOf(uint64_t index, uint64_t purpose) const;

 private:
  const std::shared_ptr<const PurchaseModel> purchase_;
  const GammaGamma spend_;
  const uint64_t seed_;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_SIMULATE_H_
