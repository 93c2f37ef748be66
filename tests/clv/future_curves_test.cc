#include "server/clv/future_curves.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/random.h"
#include "server/clv/model_kind.h"
#include "server/clv/value_formulas.h"

namespace tenure::clv {
namespace {

struct Case {
  const char* model;
  std::vector<double> parameters;
};
// CDNOW's published ones, the pole, odd ones, models that are asked themselves.
const std::vector<Case> kCases = {{"bg_nbd", {0.243, 4.414, 0.793, 2.426}},
                                  {"bg_nbd", {0.243, 4.414, 1, 2.426}},
                                  {"mbg_nbd", {0.525, 6.183, 0.891, 1.614}},
                                  {"bg_nbd", {5, 0.3, 0.05, 0.4}},
                                  {"mbg_nbd", {0.05, 80, 6, 30}},
                                  {"mbg_nbd", {60, 2, 0.05, 0.4}},
                                  {"mbg_nbd", {0.5, 6, 1e5, 2e5}},
                                  {"bg_nbd", {0.5, 6, 1e-6, 2}},
                                  {"nbd", {0.385, 12.072}},
                                  {"pareto_nbd", {0.553, 10.578, 0.606, 11.669}}};

struct Asked {
  History history;
  double t;
};

std::vector<Asked> SomeQuestions(size_t count) {
  Random random(7);
  std::vector<Asked> asked = {{{0, 0, 0}, 52},       {{0, 0, 0}, 1e-9},     {{2, 30.43, 38.86}, 39},
                              {{2, 30, 38}, 0},      {{1023, 10, 20}, 39},  {{1024, 10, 20}, 39},
                              {{5000, 39, 40}, 1e6}, {{0, 0, 1e9}, 1e-300}, {{3, 1, 2}, 1e300}};
  while (asked.size() < count) {
    const double age = std::exp(8 * random.Uniform() - 1);
    const double x = random.Below(3) == 0 ? 0 : std::floor(-6 * std::log(random.UniformOpen()));
    asked.push_back(
        {{x, x > 0 ? age * random.Uniform() : 0, age}, std::exp(12 * random.Uniform() - 4)});
  }
  return asked;
}

TEST(FutureCurves, EveryModel_AreItsOwnAnswers) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(absl::StrCat(one.model, " ", one.parameters[0], " ", one.parameters.back()));
    const auto model = CreatePurchaseModel(one.model, one.parameters).value();
    const FutureCurves curves(*model);
    for (const Asked& asked : SomeQuestions(150)) {
      const double count = model->ExpectedPurchases(asked.history, asked.t);
      const double later = model->PAliveAfter(asked.history, asked.t);
      EXPECT_NEAR(curves.ExpectedPurchases(asked.history, asked.t), count, 1e-10 * count)
          << asked.history.frequency << " " << asked.history.age << " " << asked.t;
      EXPECT_NEAR(curves.PAliveAfter(asked.history, asked.t), later, 1e-10 * later)
          << asked.history.frequency << " " << asked.history.age << " " << asked.t;
    }
  }
}

TEST(FutureCurves, WhateverWasAskedBefore_TheAnswerIsTheSame) {
  const auto model = CreatePurchaseModel(kCases[0].model, kCases[0].parameters).value();
  const FutureCurves shared(*model);
  const std::vector<Asked> asked = SomeQuestions(200);
  std::vector<std::vector<double>> answers(4, std::vector<double>(asked.size()));
  std::vector<std::thread> threads;
  for (size_t t = 0; t < answers.size(); ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < asked.size(); ++i) {
        const size_t at = t % 2 == 0 ? i : asked.size() - 1 - i;
        answers[t][at] = shared.ExpectedPurchases(asked[at].history, asked[at].t);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < asked.size(); i += 10) {
    const FutureCurves fresh(*model);
    const double alone = fresh.ExpectedPurchases(asked[i].history, asked[i].t);
    for (const std::vector<double>& answer : answers) EXPECT_EQ(answer[i], alone);
  }
}

// Each step is the difference of two nearly equal counts.
TEST(FutureCurves, Streams_AreTheModelsInEachStep) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(absl::StrCat(one.model, " ", one.parameters[0], " ", one.parameters.back()));
    const auto model = CreatePurchaseModel(one.model, one.parameters).value();
    const FutureCurves curves(*model);
    const Steps steps = {4.345, 12, 0.01};
    for (const History& history : {History{0, 0, 5}, History{1, 3, 38}, History{20, 35, 38}}) {
      const std::vector<double> exact = RevenueStream(*model, history, 30, steps);
      const std::vector<double> quick = RevenueStream(curves, history, 30, steps);
      double until = 0;
      for (size_t i = 0; i < exact.size(); ++i) {
        until += exact[i];
        EXPECT_NEAR(quick[i], exact[i], 1e-8 * exact[i] + 1e-10 * until) << i;
      }
    }
  }
}

}  // namespace
}  // namespace tenure::clv
