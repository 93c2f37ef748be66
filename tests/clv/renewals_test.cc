#include "server/clv/renewals.h"

#include <gtest/gtest.h>

#include "server/clv/model_kind.h"

namespace tenure::clv {
namespace {

TEST(Renewals, ByTheCalendar_AreWholeAndNoMoreThanThereWere) {
  const Observation member{5, 151, 170, 30};  // January to June, on the first of each month
  const Observation months = RenewalsOf(member, 31);
  EXPECT_EQ(months.frequency, 5);
  EXPECT_DOUBLE_EQ(months.recency_days, 5 * 31);
  EXPECT_DOUBLE_EQ(months.age_days, 5 * 31 + 19);
  EXPECT_EQ(months.mean_spend, 30);
  const Observation with_extras{9, 151, 170, 30};
  EXPECT_EQ(RenewalsOf(with_extras, 31).frequency, 5);
  const Observation missed_one{2, 92, 100, 30};
  EXPECT_EQ(RenewalsOf(missed_one, 31).frequency, 2);
}

TEST(Renewals, SilenceOfATwentiethOver_IsStillDue) {
  EXPECT_EQ(RenewalsOf(History{3, 3, 4.04}).age, 4);
  EXPECT_DOUBLE_EQ(RenewalsOf(History{3, 3, 4.06}).age, 4.06);
  EXPECT_EQ(RenewalsOf(History{3, 3, 3.5}).age, 3.5);
  EXPECT_EQ(RenewalsOf(History{0, 0, 0}).age, 0);
}

TEST(Renewals, WholeHistories_StayAsTheyAre) {
  for (double renewals = 0; renewals < 20; ++renewals) {
    const History history{renewals, renewals, renewals + 0.75};
    EXPECT_EQ(RenewalsOf(history).recency, renewals);
    EXPECT_EQ(RenewalsOf(history).age, renewals + 0.75);
  }
}

TEST(Renewals, AContractsValue_IsThatOfItsWholePeriods) {
  ValueParameters parameters;
  parameters.model = "sbg";
  parameters.purchase = {0.7, 3.1};
  ValueOptions options;
  options.time_unit_days = 31;
  const auto model = ValueModel::Create(parameters, options).value();
  const Observation rows[] = {{5, 151, 170, 30}, {5, 155, 174, 30}};
  ValueFeatures values[2];
  model->Compute(rows, values);
  EXPECT_EQ(values[0].p_alive, 1);
  EXPECT_DOUBLE_EQ(values[0].clv, values[1].clv);
}

TEST(Renewals, OtherModels_TakeRowsAsTheyAre) {
  const Observation row{5, 151, 170, 30};
  EXPECT_EQ(RowsFor("mbg_nbd", 31, {&row, 1})[0].recency_days, 151);
  EXPECT_EQ(RowsFor("bdw", 31, {&row, 1})[0].recency_days, 155);
}

}  // namespace
}  // namespace tenure::clv
