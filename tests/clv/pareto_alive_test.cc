#include "server/clv/pareto_alive.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "server/base/random.h"
#include "server/clv/instructions.h"
#include "server/clv/pareto_nbd_model.h"

namespace tenure::clv {
namespace {

constexpr uint64_t kSeed = 11;

// Of one frequency: ages from a moment to far beyond the parameters' scales, silences from none to
// all of the age.
std::vector<History> Histories(double frequency, size_t count) {
  Random random(kSeed);
  std::vector<History> histories = {{frequency, 0, 0}, {frequency, 30, 30}, {frequency, 0, 1e-9}};
  while (histories.size() < count) {
    const double age = 60 * std::pow(10, 6 * random.Uniform() - 4);
    histories.push_back({frequency, frequency > 0 ? age * random.Uniform() : 0, age});
  }
  return histories;
}

void ExpectAlive(const ParetoNbdModel& model, const std::vector<History>& histories) {
  std::vector<double> alive(histories.size(), -1);
  ParetoAliveOfAll(model, histories, absl::MakeSpan(alive));
  for (size_t i = 0; i < histories.size(); ++i) {
    EXPECT_NEAR(alive[i], model.PAlive(histories[i]), 1e-13)
        << "r " << model.parameters()[0] << " x " << histories[i].frequency << " t_x "
        << histories[i].recency << " T " << histories[i].age << " seed " << kSeed;
  }
}

TEST(ParetoAlive, OfAll_IsThatOfEach) {
  for (const Instructions each :
       {Instructions::kPortable, Instructions::kAvx2, Instructions::kAvx512}) {
    if (!UseInstructions(each)) continue;
    // Purchases or deaths of the smaller scale, equal scales, scales far apart.
    for (const auto& model : {ParetoNbdModel(.55, 10.6, .61, 11.7), ParetoNbdModel(.55, 30, 2, 4),
                              ParetoNbdModel(1, 10, 1, 10), ParetoNbdModel(.3, 1e-3, .4, 1e4)}) {
      for (const double x : {0.0, 1.0, 3.0, 20.0, 97.0}) ExpectAlive(model, Histories(x, 1'101));
    }
  }
  UseInstructions(BestInstructions());
}

TEST(ParetoAlive, SteepRates_AreThatOfEach) {
  for (const auto& model : {ParetoNbdModel(.55, 10.6, 150, 3'000), ParetoNbdModel(200, 5, 150, 4),
                            ParetoNbdModel(200, 5, .6, 10)}) {
    for (const double x : {0.0, 7.0, 500.0}) ExpectAlive(model, Histories(x, 200));
  }
}

TEST(ParetoAlive, OddsBeyondAnyNumber_AreZero) {
  const ParetoNbdModel model(.55, 10.6, .61, 11.7);
  const std::vector<History> histories = {{90, 1, 1e9}, {90, 1, 1e300}, {90, 50, 50}};
  std::vector<double> alive(histories.size(), -1);
  ParetoAliveOfAll(model, histories, absl::MakeSpan(alive));
  EXPECT_NEAR(alive[0], 0, 1e-300);
  EXPECT_NEAR(alive[1], 0, 1e-300);
  EXPECT_EQ(alive[2], 1);
}

}  // namespace
}  // namespace tenure::clv
