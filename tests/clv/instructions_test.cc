// The inner loops are compiled for several processors: they must say the same on each.
#include "server/clv/instructions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "server/base/random.h"
#include "server/clv/beta_geometric.h"
#include "server/clv/future_curves.h"
#include "server/clv/future_table.h"
#include "server/clv/model_kind.h"
#include "server/clv/nbd.h"
#include "server/clv/pareto_nbd.h"
#include "server/clv/pareto_nbd_model.h"
#include "server/clv/summary.h"
#include "server/clv/value_model.h"

namespace tenure::clv {
namespace {

constexpr double kSame = 1e-12;

// Runs the rest of a test with some instructions, and then with the best again.
class Use {
 public:
  explicit Use(Instructions instructions) { EXPECT_TRUE(UseInstructions(instructions)); }
  ~Use() { UseInstructions(BestInstructions()); }
};

std::vector<Instructions> Others() {
  std::vector<Instructions> others;
  for (const auto each : {Instructions::kAvx2, Instructions::kAvx512}) {
    if (each <= BestInstructions()) others.push_back(each);
  }
  return others;
}

class EveryProcessor : public testing::Test {
 protected:
  void SetUp() override {
    if (Others().empty()) GTEST_SKIP() << "this processor has portable instructions alone";
  }
};

// More than a whole number of lanes, a frequency each from none to many.
std::vector<PurchaseRow> Rows(int count) {
  Random random(5);
  std::vector<PurchaseRow> rows;
  for (int i = 0; i < count; ++i) {
    const double x = std::floor(-4 * std::log(random.UniformOpen())) * (i % 3 == 0 ? 0 : 1);
    const double age = 0.01 + 60 * random.Uniform() * random.Uniform();
    rows.push_back(
        {x, x > 0 ? age * random.Uniform() : 0, age, 1 + std::floor(3 * random.Uniform())});
  }
  rows.push_back({900, 59, 60, 1});  // certainly dead, and certainly alive
  rows.push_back({900, 5, 60, 1});
  return rows;
}

void ExpectSame(const Evaluation& one, const Evaluation& other, size_t size) {
  EXPECT_NEAR(one.value / other.value, 1, kSame);
  for (size_t i = 0; i < size; ++i) {
    EXPECT_NEAR(one.gradient[i], other.gradient[i], kSame * std::abs(other.hessian[i][i])) << i;
    for (size_t j = 0; j < size; ++j) {
      const double scale = std::sqrt(std::abs(other.hessian[i][i] * other.hessian[j][j]));
      EXPECT_NEAR(one.hessian[i][j], other.hessian[i][j], 10 * kSame * scale) << i << j;
    }
  }
}

TEST_F(EveryProcessor, Likelihoods_AreTheSame) {
  const Summary summary = *Summary::Create(Rows(1'003));
  const auto evaluate = [&](Instructions instructions) {
    const Use use(instructions);
    const Vector at = {.4, .3, .8, 1.7};
    return std::vector<Evaluation>{
        NbdLogLikelihood(summary, at),
        BetaGeometricLogLikelihood(summary, Dropout::kAfterRepeat, at),
        BetaGeometricLogLikelihood(summary, Dropout::kAfterEveryPurchase, at),
        ParetoNbdLogLikelihood(summary, at), ParetoNbdLogLikelihood(summary, {.4, 3, .8, .1})};
  };
  const std::vector<Evaluation> portable = evaluate(Instructions::kPortable);
  for (const Instructions other : Others()) {
    const std::vector<Evaluation> there = evaluate(other);
    for (size_t i = 0; i < portable.size(); ++i) ExpectSame(there[i], portable[i], i == 0 ? 2 : 4);
  }
}

TEST_F(EveryProcessor, OddsOfBeingDead_AreTheSame) {
  const ParetoNbdModel model(.55, 10.6, .61, 11.7), far(.55, 10.6, 150, 3'000);
  for (const PurchaseRow& row : Rows(200)) {
    const History history{row.frequency, row.recency, row.age};
    const auto odds = [&](Instructions instructions) {
      const Use use(instructions);
      return std::vector<double>{model.LogOddsDead(history), far.LogOddsDead(history)};
    };
    const std::vector<double> portable = odds(Instructions::kPortable);
    for (const Instructions other : Others()) {
      const std::vector<double> there = odds(other);
      for (size_t i = 0; i < 2; ++i) {
        if (std::isinf(portable[i])) {
          EXPECT_EQ(there[i], portable[i]);
        } else {
          EXPECT_NEAR(there[i], portable[i], kSame * std::max(1.0, std::abs(portable[i])));
        }
      }
    }
  }
}

TEST_F(EveryProcessor, Scores_AreTheSame) {
  for (const char* name : {"nbd", "bg_nbd", "mbg_nbd", "pareto_nbd"}) {
    ValueParameters parameters;
    parameters.model = name;
    parameters.purchase = {.5, 6.2, .9, 1.6};
    if (parameters.model == "nbd") parameters.purchase.resize(2);
    const auto model = *ValueModel::Create(parameters, {});
    std::vector<Observation> rows = {{0, 0, std::nan(""), std::nan("")}, {0, 0, 0, std::nan("")}};
    for (const PurchaseRow& row : Rows(4'001)) {
      rows.push_back({row.frequency, row.recency * 7, row.age * 7, 20});
    }
    const auto score = [&](Instructions instructions) {
      const Use use(instructions);
      std::vector<Score> scores(rows.size());
      model->ScoreAll(rows, absl::MakeSpan(scores));
      return scores;
    };
    const std::vector<Score> portable = score(Instructions::kPortable);
    for (const Instructions other : Others()) {
      const std::vector<Score> there = score(other);
      EXPECT_TRUE(std::isnan(there[0].clv));
      for (size_t i = 1; i < rows.size(); ++i) {
        EXPECT_NEAR(there[i].p_alive, portable[i].p_alive, kSame) << name << " row " << i;
        EXPECT_NEAR(there[i].expected_purchases, portable[i].expected_purchases,
                    kSame * (1 + portable[i].expected_purchases));
        EXPECT_NEAR(there[i].clv, portable[i].clv, kSame * (1 + portable[i].clv));
      }
    }
  }
}

TEST(Instructions, BeyondTheProcessor_AreNotUsed) {
  EXPECT_TRUE(UseInstructions(Instructions::kPortable));
  EXPECT_EQ(InstructionsInUse(), Instructions::kPortable);
  if (BestInstructions() != Instructions::kAvx512) {
    EXPECT_FALSE(UseInstructions(Instructions::kAvx512));
    EXPECT_EQ(InstructionsInUse(), Instructions::kPortable);
  }
  EXPECT_TRUE(UseInstructions(BestInstructions()));
}

TEST_F(EveryProcessor, QuadratureAndCurves_AreTheSame) {
  const auto model = *CreatePurchaseModel("mbg_nbd", {0.525, 6.183, 0.891, 1.614});
  const auto answers = [&] {
    const FutureCurves curves(*model);
    std::vector<double> all;
    for (const History& history : {History{0, 0, 5}, History{3, 20, 38}, History{60, 35, 38}}) {
      for (const double t : {1e-6, 4.0, 52.0, 1e4}) {
        all.push_back(model->ExpectedPurchases(history, t));
        all.push_back(model->PAliveAfter(history, t));
        all.push_back(curves.ExpectedPurchases(history, t));
        all.push_back(curves.PAliveAfter(history, t));
      }
    }
    return all;
  };
  std::vector<double> portable;
  {
    const Use use(Instructions::kPortable);
    portable = answers();
  }
  for (const Instructions each : Others()) {
    const Use use(each);
    const std::vector<double> others = answers();
    for (size_t i = 0; i < others.size(); ++i) EXPECT_NEAR(others[i] / portable[i], 1, kSame) << i;
  }
}

}  // namespace
}  // namespace tenure::clv
