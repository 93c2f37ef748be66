// Reference values by 60-digit arithmetic, at ordinary and extreme inputs.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "server/clv/gamma_gamma.h"
#include "server/clv/model_kind.h"
#include "tests/clv/shared_data.h"

namespace tenure::clv {
namespace {

double Number(const std::string& text) {
  if (text.empty()) return 0;
  return text == "Inf" ? INFINITY : std::stod(text);
}

TEST(Points, BgNbd_MatchToNineDigits) {
  const std::optional<Table> table = ReadShared("clv_points.csv");
  if (!table) GTEST_SKIP() << kNoSharedData;
  int checked = 0;
  for (const auto& row : *table) {
    if (row[0] != "BG/NBD") continue;
    const auto model = *CreatePurchaseModel(
        "bg_nbd", {Number(row[2]), Number(row[3]), Number(row[4]), Number(row[5])});
    const History history{Number(row[6]), Number(row[7]), Number(row[8])};
    const double t = Number(row[9]);
    const double reference = Number(row[11]);
    double value = NAN;
    if (row[1] == "LL row") value = model->RowLogLikelihood(history);
    if (row[1] == "P(alive)") value = model->PAlive(history);
    if (row[1] == "CET") value = model->ExpectedPurchases(history, t);
    EXPECT_NEAR(value, reference, std::max(1e-9 * std::abs(reference), 1e-300))
        << row[1] << " x=" << row[6] << " t_x=" << row[7] << " T=" << row[8] << " a=" << row[4];
    ++checked;
  }
  EXPECT_EQ(checked, 25);
}

TEST(Points, GammaGamma_MatchToNineDigits) {
  const std::optional<Table> table = ReadShared("clv_points.csv");
  if (!table) GTEST_SKIP() << kNoSharedData;
  int finite = 0, infinite = 0;
  for (const auto& row : *table) {
    if (row[0] != "Gamma-Gamma") continue;
    const GammaGamma model{Number(row[2]), Number(row[3]), Number(row[4])};
    // The table evaluates equation 5 also where q <= 1, as peers do; there the mean is infinite:
    // docs/adr/0165-no-mean-is-infinite.md.
    const double reference = model.q <= 1 ? INFINITY : Number(row[11]);
    const double value = model.ExpectedSpend(Number(row[6]), Number(row[7]));
    if (std::isinf(reference)) {
      EXPECT_EQ(value, reference);
      ++infinite;
    } else {
      EXPECT_NEAR(value / reference, 1, 1e-9);
      ++finite;
    }
  }
  EXPECT_EQ(finite, 2);
  EXPECT_EQ(infinite, 2);
}

}  // namespace
}  // namespace tenure::clv
