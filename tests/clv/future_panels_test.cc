#include "server/clv/future_panels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/random.h"
#include "server/clv/model_kind.h"

namespace tenure::clv {
namespace {

struct Case {
  const char* model;
  std::vector<double> parameters;
};
// CDNOW's published ones, and odd ones.
const std::vector<Case> kCases = {{"bg_nbd", {0.243, 4.414, 0.793, 2.426}},
                                  {"mbg_nbd", {0.525, 6.183, 0.891, 1.614}},
                                  {"nbd", {0.385, 12.072}},
                                  {"pareto_nbd", {0.553, 10.578, 0.606, 11.669}},
                                  {"bg_nbd", {5, 0.3, 0.05, 0.4}},
                                  {"mbg_nbd", {0.05, 80, 6, 30}}};
constexpr double kWindow = 4, kHorizon = 52, kDiscount = 0.002;

double Itself(const PurchaseModel& model, const History& history) {
  return model.OutlookIfAlive(history, model.Grid(history, kWindow, kHorizon, kDiscount)).value;
}

std::vector<History> SomeHistories(size_t count) {
  Random random(3);
  std::vector<History> histories = {
      {0, 0, 0}, {0, 0, 1e9}, {255, 10, 20}, {256, 10, 20}, {9e8, 1, 1}};
  while (histories.size() < count) {
    const double age = std::exp(8 * random.Uniform() - 1);
    const double x = random.Below(3) == 0 ? 0 : std::floor(-6 * std::log(random.UniformOpen()));
    histories.push_back({x, x > 0 ? age * random.Uniform() : 0, age});
  }
  return histories;
}

TEST(FuturePanels, EveryModel_IsItsOwnValue) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(absl::StrCat(one.model, " ", one.parameters[0]));
    const auto model = CreatePurchaseModel(one.model, one.parameters).value();
    const FuturePanels panels(kWindow, kHorizon, kDiscount);
    for (const History& history : SomeHistories(400)) {
      EXPECT_NEAR(panels.ValueIfAlive(*model, history) / Itself(*model, history), 1, 2e-7)
          << history.frequency << " " << history.age;
    }
  }
}

// Recovery asks in another order than the server did, and must find the same tiers.
TEST(FuturePanels, WhateverWasAskedBefore_TheAnswerIsTheSame) {
  const auto model = CreatePurchaseModel(kCases[0].model, kCases[0].parameters).value();
  const FuturePanels shared(kWindow, kHorizon, kDiscount);
  const std::vector<History> histories = SomeHistories(300);
  std::vector<std::vector<double>> answers(4, std::vector<double>(histories.size()));
  std::vector<std::thread> threads;
  for (size_t t = 0; t < answers.size(); ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < histories.size(); ++i) {
        const size_t at = t % 2 == 0 ? i : histories.size() - 1 - i;
        answers[t][at] = shared.ValueIfAlive(*model, histories[at]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < histories.size(); ++i) {
    const FuturePanels fresh(kWindow, kHorizon, kDiscount);
    const double alone = fresh.ValueIfAlive(*model, histories[i]);
    for (const std::vector<double>& answer : answers) EXPECT_EQ(answer[i], alone);
  }
}

}  // namespace
}  // namespace tenure::clv
