#include "server/validation/verdict.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace tenure::validation {
namespace {

// Customers who bought as often as expected, but for chance that adds up to nothing; the more
// frequent the more.
std::vector<HoldoutRow> Good() {
  std::vector<HoldoutRow> rows;
  for (int i = 0; i < 1'000; ++i) {
    const double frequency = i % 10;
    const double expected = 0.5 + frequency;
    const double actual = i / 10 % 2 == 0 ? expected + 0.5 : expected - 0.5;
    rows.push_back({frequency, expected, actual, 10 * expected, 10 * actual});
  }
  return rows;
}

Verdict JudgeRows(const std::vector<HoldoutRow>& rows, const char* model = "mbg_nbd") {
  return Judge(*Validate(rows, true, 91), nullptr, model);
}

const Finding* Find(const Verdict& verdict, const std::string& code) {
  for (const Finding& finding : verdict.findings) {
    if (finding.code == code) return &finding;
  }
  return nullptr;
}

TEST(Judge, GoodModel_IsGood) {
  const Verdict verdict = JudgeRows(Good());
  EXPECT_EQ(verdict.grade, Grade::kGood);
  EXPECT_NE(verdict.first_step.find("Use it"), std::string::npos);
  for (const Finding& finding : verdict.findings) {
    EXPECT_EQ(finding.grade, Grade::kGood) << finding.what;
    EXPECT_EQ(finding.remedy, "") << finding.what;
  }
}

TEST(Judge, TooLittleData_GivesNoVerdict) {
  const std::vector<HoldoutRow> all = Good();
  const Verdict verdict = JudgeRows({all.begin(), all.begin() + 99});
  EXPECT_EQ(verdict.grade, Grade::kUnknown);
  EXPECT_EQ(verdict.findings[0].code, "TOO_LITTLE");
}

TEST(Judge, HoldoutBeyondTheRecords_TakesTheVerdictAwayAndLeavesTheFindings) {
  const Verdict judged = JudgeRows(Good());
  const Verdict verdict = BeyondRecords(40, judged);
  EXPECT_EQ(verdict.grade, Grade::kUnknown);
  EXPECT_EQ(verdict.findings.size(), judged.findings.size() + 1);
  EXPECT_EQ(verdict.findings[0].code, "HOLDOUT_BEYOND_DATA");
  EXPECT_EQ(verdict.first_step, verdict.findings[0].remedy);
}

TEST(Judge, Bias_IsGradedByItsLimits) {
  for (const auto& [factor, grade] : {std::pair{1.09, Grade::kGood},
                                      {1.2, Grade::kFair},
                                      {1.3, Grade::kPoor},
                                      {0.8, Grade::kFair}}) {
    std::vector<HoldoutRow> rows = Good();
    for (HoldoutRow& row : rows) row.expected_purchases *= factor;
    const Verdict verdict = JudgeRows(rows);
    const Finding* bias = Find(verdict, "PURCHASES_BIAS");
    ASSERT_NE(bias, nullptr);
    EXPECT_EQ(bias->grade, grade) << factor << bias->what;
    EXPECT_NE(bias->what.find(factor < 1 ? "too few" : "too many"), std::string::npos);
    EXPECT_EQ(bias->remedy.empty(), grade == Grade::kGood);
  }
}

TEST(Judge, BiasWithinChance_IsNoFinding) {
  // One customer in a hundred buys a hundred times: the total's standard error is some 10 %.
  std::vector<HoldoutRow> rows;
  for (int i = 0; i < 10'000; ++i) rows.push_back({0, 1.15, i % 100 == 0 ? 100.0 : 0.0, 1, 1});
  EXPECT_EQ(Find(JudgeRows(rows), "PURCHASES_BIAS")->grade, Grade::kGood);
}

TEST(Judge, OneTimeBuyersOverPredictedByBgNbd_RecommendsMbg) {
  std::vector<HoldoutRow> rows = Good();
  for (HoldoutRow& row : rows) {
    if (row.frequency == 0) row.expected_purchases = 1;
  }
  const Verdict bg = JudgeRows(rows, "bg_nbd");
  ASSERT_NE(Find(bg, "ONE_TIME_BUYERS"), nullptr);
  EXPECT_NE(Find(bg, "ONE_TIME_BUYERS")->remedy.find("MBG/NBD"), std::string::npos);
  const Verdict mbg = JudgeRows(rows, "mbg_nbd");
  EXPECT_EQ(Find(mbg, "ONE_TIME_BUYERS")->remedy.find("MBG/NBD"), std::string::npos);
}

TEST(Judge, BrokenDecileOrder_IsFound) {
  std::vector<HoldoutRow> rows = Good();
  for (HoldoutRow& row : rows) {
    if (row.frequency == 9) row.actual_value /= 4;
  }
  const Verdict verdict = JudgeRows(rows);
  ASSERT_NE(Find(verdict, "DECILE_ORDER"), nullptr);
  EXPECT_EQ(Find(verdict, "DECILE_ORDER")->grade, Grade::kPoor);
}

TEST(Judge, OrderThatSaysNothing_IsPoor) {
  std::vector<HoldoutRow> rows = Good();
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].expected_value = static_cast<double>(i * 7'919 % 1'000);
  }
  const Verdict verdict = JudgeRows(rows);
  ASSERT_NE(Find(verdict, "GINI_GAIN"), nullptr);
  EXPECT_EQ(Find(verdict, "GINI_GAIN")->grade, Grade::kPoor);
}

TEST(Judge, TrackingThatDrifts_SaysWhichWay) {
  const Validation validation = *Validate(Good(), true, 91);
  for (const double later : {60.0, 150.0}) {
    Tracking tracking;
    for (int i = 0; i < 12; ++i) {
      tracking.weeks.push_back({7 * i, 7, true, 100, i < 6 ? 100 : later, 0, 0});
    }
    const Verdict verdict = Judge(validation, &tracking, "mbg_nbd");
    EXPECT_NE(Find(verdict, later < 100 ? "DRIFT_DOWN" : "DRIFT_UP"), nullptr);
    EXPECT_EQ(Find(verdict, later < 100 ? "DRIFT_UP" : "DRIFT_DOWN"), nullptr);
  }
}

TEST(Judge, Findings_AreSortedByGrade) {
  std::vector<HoldoutRow> rows = Good();
  for (HoldoutRow& row : rows) row.expected_value *= 2;
  const Verdict verdict = JudgeRows(rows);
  EXPECT_EQ(verdict.grade, Grade::kPoor);
  EXPECT_EQ(verdict.findings[0].code, "VALUE_BIAS");
  EXPECT_EQ(verdict.first_step, verdict.findings[0].remedy);
}

}  // namespace
}  // namespace tenure::validation
