#include "server/clv/simulate.h"

#include <utility>

#include "server/base/hash.h"
#include "server/clv/draw.h"

namespace tenure::clv {
namespace {

constexpr uint64_t kSpending = 0x7370656e64;  // spends have a generator of their own

}  // namespace

Simulator::Simulator(std::shared_ptr<const PurchaseModel> purchase, const GammaGamma& spend,
                     uint64_t seed)
    : purchase_(std::move(purchase)), spend_(spend), seed_(seed) {}

Random Simulator::GeneratorOf(uint64_t index, uint64_t purpose) const {
  return Random(CombineHash(purpose == 0 ? seed_ : CombineHash(seed_, purpose), index));
}

double Simulator::UniformOf(uint64_t index, uint64_t purpose) const {
  return GeneratorOf(index, purpose).Uniform();
}

void Simulator::Draw(uint64_t index, double length, SimulatedCustomer* customer) const {
  Random random = GeneratorOf(index, 0);
  purchase_->Draw(length, &random, customer);
  DrawSpends(index, customer);
}

void Simulator::DrawSpends(uint64_t index, SimulatedCustomer* customer) const {
  customer->mean_spend = 1;
  customer->spends.assign(customer->times.size(), 1);
  if (!(spend_.p > 0)) return;
  Random taste = GeneratorOf(index, kSpending);
  const double rate = DrawGamma(spend_.q, spend_.v, &taste);
  customer->mean_spend = spend_.p / rate;
  for (double& spend : customer->spends) spend = DrawGamma(spend_.p, rate, &taste);
}

}  // namespace tenure::clv
