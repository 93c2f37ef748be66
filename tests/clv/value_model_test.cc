#include "server/clv/value_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "server/clv/draw.h"
#include "server/clv/model_kind.h"
#include "server/clv/simulate.h"

namespace tenure::clv {
namespace {

std::vector<double> Covariance(size_t size) {
  std::vector<double> covariance(size * size, 0.001);
  for (size_t i = 0; i < size; ++i) covariance[i * size + i] = 0.01 * static_cast<double>(i + 1);
  return covariance;
}

std::shared_ptr<const ValueModel> Model(const std::string& name, bool with_spend = false,
                                        ValueOptions options = {}) {
  ValueParameters parameters;
  parameters.model = name;
  parameters.purchase = {0.52, 6.18};
  if (FindModelKind(name)->parameters.size() == 4) {
    parameters.purchase.insert(parameters.purchase.end(), {0.89, 1.61});
  }
  parameters.purchase_log_cov = Covariance(parameters.purchase.size());
  if (with_spend) {
    parameters.spend = {6.25, 3.74, 15.44};
    parameters.spend_log_cov = Covariance(3);
  }
  return *ValueModel::Create(parameters, options);
}

ValueFeatures At(const ValueModel& model, Observation row) {
  ValueFeatures features{};
  model.Compute({&row, 1}, {&features, 1});
  return features;
}

class EveryModel : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Models, EveryModel,
                         ::testing::Values("nbd", "bg_nbd", "mbg_nbd", "cnbd_2", "bg_cnbd_3",
                                           "mbg_cnbd_2", "pareto_nbd"));

// Waiting is a mixture: the value now is that of buying in a short step or not, to first order.
TEST_P(EveryModel, MixtureIdentity_HoldsToFirstOrder) {
  for (const Observation& row :
       {Observation{0, 0, 40, NAN}, Observation{0, 0, 300, NAN}, Observation{3, 150, 160, NAN},
        Observation{3, 150, 300, NAN}, Observation{40, 200, 201, NAN}}) {
    double errors[2];
    for (int i = 0; i < 2; ++i) {
      const double step = i == 0 ? 0.2 : 0.1;
      ValueOptions options;
      options.response_window_days = step;
      ValueOptions later = options;
      later.horizon_days -= step;  // the horizon's end stays where it is
      const ValueFeatures now = At(*Model(GetParam(), false, options), row);
      const auto after = Model(GetParam(), false, later);
      const double age = row.age_days + step;
      const double bought = At(*after, {row.frequency + 1, age, age, NAN}).clv;
      const double silent = At(*after, {row.frequency, row.recency_days, age, NAN}).clv;
      const double discount = std::pow(1 + options.discount_per_year, -step / 365.25);
      const double mixture =
          now.p_purchase_w * (1 + discount * bought) + (1 - now.p_purchase_w) * discount * silent;
      errors[i] = std::abs(now.clv - mixture);
      EXPECT_LT(errors[i], 2e-3 * (now.clv + now.p_purchase_w)) << "x = " << row.frequency;
    }
    // Halving the step quarters the error, but for quadrature.
    EXPECT_LT(errors[1], 0.35 * errors[0] + 1e-7) << "x = " << row.frequency;
  }
}

// k of a CNBD-k model, 1 of the others.
int StagesOf(const std::string& name) {
  return name.find("cnbd_") == std::string::npos ? 1 : std::stoi(name.substr(name.rfind('_') + 1));
}

// What a customer who left would still have brought within `rest`, had they stayed.
double Lost(const SimulatedCustomer& customer, const std::string& name, double rest,
            double discount, Random* random) {
  const int k = StagesOf(name);
  if (k == 1) {
    const bool is_a_rate = name == "pareto_nbd";
    const double fade = (is_a_rate ? 1 : customer.rate) * customer.dropout + discount;
    return customer.rate * -std::expm1(-fade * rest) / fade;
  }
  double lost = 0, time = 0;
  while ((time += DrawGamma(k, customer.rate * k, random)) < rest) {
    lost += std::exp(-discount * time);
    if (random->Uniform() < customer.dropout) break;
  }
  return lost;
}

// Differences between what happened and what was expected: their sum against its standard error.
class Differences {
 public:
  void Add(double actual, double expected) {
    sum_ += actual - expected;
    squares_ += (actual - expected) * (actual - expected);
  }
  double StandardErrors() const { return squares_ > 0 ? sum_ / std::sqrt(squares_) : 0; }

 private:
  double sum_ = 0, squares_ = 0;
};

// What Compute gives for one history against the mean over simulated customers' futures.
TEST_P(EveryModel, Features_AgreeWithSimulation) {
  const auto model = Model(GetParam(), false);
  const auto purchase = *CreatePurchaseModel(GetParam(), model->parameters().purchase);
  const Simulator simulator(purchase, GammaGamma(), 7);
  const double T = 20, horizon = 52, window = 4;
  const double rate = std::log(1.1) * 7 / 365.25;
  const int stages = StagesOf(GetParam());
  Differences values, bought, alive, at_risk, revived;
  SimulatedCustomer customer;
  Random random(5);
  for (uint64_t i = 0; i < (stages == 1 ? 40'000 : 10'000); ++i) {
    simulator.Draw(i, T + horizon, &customer);
    double x = -1, t_x = 0, value = 0, lost = 0;
    bool in_window = false;
    for (double time : customer.times) {
      if (time <= T) {
        x += 1;
        t_x = time;
      } else {
        value += std::exp(-rate * (time - T));
        in_window |= time <= T + window;
      }
    }
    if (customer.death > T && customer.death <= T + window) {
      lost = std::exp(-rate * (customer.death - T)) *
             Lost(customer, GetParam(), T + horizon - customer.death, rate, &random);
    }
    const ValueFeatures features = At(*model, {x, t_x * 7, T * 7, NAN});
    values.Add(value, features.clv);
    bought.Add(in_window, features.p_purchase_w);
    alive.Add(customer.death > T, features.p_alive);
    at_risk.Add(lost, features.at_risk_w);
    if (customer.death <= T) {
      revived.Add(Lost(customer, GetParam(), horizon, rate, &random), features.v_revived);
    }
  }
  EXPECT_LT(std::abs(values.StandardErrors()), 3.5);
  EXPECT_LT(std::abs(bought.StandardErrors()), 3.5);
  EXPECT_LT(std::abs(at_risk.StandardErrors()), 3.5);
  EXPECT_LT(std::abs(alive.StandardErrors()), 3.5);
  EXPECT_LT(std::abs(revived.StandardErrors()), 3.5);
}

TEST_P(EveryModel, PredictiveInterval_CoversRealisedValues) {
  const auto model = Model(GetParam(), true);
  const auto purchase = *CreatePurchaseModel(GetParam(), model->parameters().purchase);
  const Simulator simulator(purchase, {6.25, 3.74, 15.44}, 11);
  const double T = 30, horizon = 52, rate = std::log(1.1) * 7 / 365.25;
  double inside = 0, above = 0, surprised = 0, expecting = 0, customers = 0;
  SimulatedCustomer customer;
  for (uint64_t i = 0; i < 20'000; ++i) {
    simulator.Draw(i, T + horizon, &customer);
    double x = -1, t_x = 0, spend = 0, value = 0;
    for (size_t k = 0; k < customer.times.size(); ++k) {
      if (customer.times[k] <= T) {
        x += 1;
        t_x = customer.times[k];
        if (k > 0) spend += customer.spends[k];
      } else {
        value += customer.spends[k] * std::exp(-rate * (customer.times[k] - T));
      }
    }
    const ValueFeatures features = At(*model, {x, t_x * 7, T * 7, x > 0 ? spend / x : NAN});
    ++customers;
    const bool is_above = value > features.clv_predictive_high;
    (features.clv_predictive_high > 0 ? above : surprised) += is_above;
    expecting += features.clv_predictive_high > 0;
    inside += value >= features.clv_predictive_low && value <= features.clv_predictive_high;
  }
  // One-sided where nothing at all is likely, so at least 95 %.
  EXPECT_GT(inside / customers, 0.94);
  EXPECT_NEAR(above / expecting, 0.025, 0.012);
  // Who most likely brings nothing has the interval of nothing.
  EXPECT_LE(surprised, 0.025 * (customers - expecting));
}

TEST_P(EveryModel, NoValidInput_GivesNaN) {
  const auto model = Model(GetParam(), true);
  for (double x : {0., 1., 1.5, 2., 50., 1000., 1e5}) {
    for (double age : {0., 1e-9, 1., 30., 5000., 1e6}) {
      for (double share : {0., 0.5, 1.}) {
        for (double spend : {std::nan(""), -5., 0., 1e-6, 20., 1e9, 1e200}) {
          const ValueFeatures f = At(*model, {x, x > 0 ? share * age : 0, age, spend});
          const double all[] = {f.p_alive,
                                f.clv,
                                f.clv_mean_low,
                                f.clv_mean_high,
                                f.clv_predictive_low,
                                f.clv_predictive_high,
                                f.v_alive,
                                f.v_revived,
                                f.p_purchase_w,
                                f.at_risk_w,
                                f.margin_next,
                                f.spend_next,
                                f.expected_purchases,
                                f.rhythm_limit_days};
          for (double value : all) {
            EXPECT_TRUE(std::isfinite(value) && value >= 0)
                << "x " << x << " age " << age << " share " << share << " spend " << spend;
          }
          EXPECT_LE(f.clv_mean_low, f.clv);
          EXPECT_GE(f.clv_mean_high, f.clv);
          EXPECT_LE(f.clv_predictive_low, f.clv_predictive_high);
        }
      }
    }
  }
}

TEST_P(EveryModel, ExpectedPurchases_EqualThePreciseIntegral) {
  const auto model = Model(GetParam());
  const auto purchase = *CreatePurchaseModel(GetParam(), model->parameters().purchase);
  for (double x : {0., 1., 5., 60., 400.}) {
    for (double age : {0.1, 5., 38., 200.}) {
      const double precise = purchase->ExpectedPurchases({x, x > 0 ? age * 0.9 : 0, age}, 52);
      const ValueFeatures f = At(*model, {x, x > 0 ? age * 0.9 * 7 : 0, age * 7, NAN});
      EXPECT_NEAR(f.expected_purchases / precise, 1, StagesOf(GetParam()) == 1 ? 1e-6 : 1e-5)
          << "x " << x << " age " << age;
    }
  }
}

TEST_P(EveryModel, ScoreAll_IsComputeForMany) {
  const auto model = Model(GetParam(), true);
  std::vector<Observation> rows = {{0, 0, std::nan(""), std::nan("")}, {3, 0, 0, 12}};
  Random random(11);
  for (int i = 0; i < 3000; ++i) {
    const double x = std::floor(-3 * std::log(random.UniformOpen()));
    const double age = 1 + 400 * random.Uniform();
    rows.push_back({x, x > 0 ? age * random.Uniform() : 0, age, 20 + 30 * random.Uniform()});
  }
  std::vector<Score> scores(rows.size());
  model->ScoreAll(rows, absl::MakeSpan(scores));
  EXPECT_TRUE(std::isnan(scores[0].clv));
  for (size_t i = 1; i < rows.size(); i += StagesOf(GetParam()) == 1 ? 1 : 50) {
    const ValueFeatures f = At(*model, rows[i]);
    EXPECT_NEAR(scores[i].p_alive, f.p_alive, 1e-12);
    EXPECT_NEAR(scores[i].clv / f.clv, 1, 3e-7) << i;
    EXPECT_NEAR(scores[i].expected_purchases / f.expected_purchases, 1, 3e-7) << i;
    EXPECT_EQ(scores[i].spend_next, f.spend_next);
  }
}

TEST_P(EveryModel, LeanDetail_IsTheSameValue) {
  const auto model = Model(GetParam(), true);
  for (const Observation& row : {Observation{0, 0, 40, NAN}, Observation{3, 150, 300, 25.},
                                 Observation{40, 200, 201, 31.}}) {
    const ValueFeatures all = At(*model, row);
    ValueFeatures lean{};
    model->Compute({&row, 1}, {&lean, 1}, ValueModel::Detail::kValue);
    EXPECT_EQ(lean.p_alive, all.p_alive);
    EXPECT_EQ(lean.margin_next, all.margin_next);
    EXPECT_EQ(lean.rhythm_limit_days, all.rhythm_limit_days);
    const double near = StagesOf(GetParam()) == 1 ? 2e-7 : 1e-6;
    EXPECT_NEAR(lean.clv / all.clv, 1, near);
    EXPECT_NEAR(lean.v_alive / all.v_alive, 1, near);
    EXPECT_TRUE(std::isnan(lean.clv_mean_low));
  }
}

TEST_P(EveryModel, Json_RoundTripsToTheSameBytesAndValues) {
  const auto model = Model(GetParam(), true);
  const std::string json = model->ToJson();
  const auto again = ValueModel::FromJson(json);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->ToJson(), json);
  const Observation row{3, 100, 200, 31.7};
  EXPECT_EQ(At(**again, row).clv, At(*model, row).clv);
  EXPECT_EQ(At(**again, row).clv_mean_high, At(*model, row).clv_mean_high);
}

TEST_P(EveryModel, TimeUnit_DoesNotMatter) {
  ValueOptions days;
  days.time_unit_days = 1;
  const auto in_weeks = Model(GetParam());
  ValueParameters parameters = in_weeks->parameters();
  const ModelKind kind = *FindModelKind(GetParam());
  for (size_t i = 0; i < kind.parameters.size(); ++i) {
    if (kind.parameters[i].is_time) parameters.purchase[i] *= 7;
  }
  const auto in_days = *ValueModel::Create(parameters, days);
  const Observation row{3, 100, 200, NAN};
  EXPECT_NEAR(At(*in_days, row).clv / At(*in_weeks, row).clv, 1, 1e-9);
  EXPECT_NEAR(At(*in_days, row).rhythm_limit_days / At(*in_weeks, row).rhythm_limit_days, 1, 1e-9);
}

TEST(ValueModel, SpendNext_IsShrunkAndIndependentOfTheMarginRate) {
  const auto model = Model("mbg_nbd", true);
  const double population = At(*model, {0, 0, NAN, NAN}).spend_next;
  EXPECT_NEAR(At(*model, {0, 0, 200, NAN}).spend_next, population, 1e-9);  // a one-time buyer
  const double small = At(*model, {2, 100, 200, 10}).spend_next;
  EXPECT_GT(small, 10);
  EXPECT_LT(small, population);
  for (const double rate : {0.0, 0.3, -0.1}) {
    ValueOptions options = model->options();
    options.margin_rate = rate;
    const auto other = *ValueModel::Create(model->parameters(), options);
    const ValueFeatures features = At(*other, {2, 100, 200, 10});
    EXPECT_EQ(features.spend_next, small);
    EXPECT_EQ(features.margin_next, rate * small);
  }
}

// CDNOW's customer 0002, who bought for 63.34 and then for 11.77: E = p(v + n·mean)/(p·n + q − 1)
// (Fader, Hardie & Lee 2005, RFM and CLV, eq. 2) over both orders, by hand.
TEST(ValueModel, NextOrder_CountsTheFirst) {
  const auto model = Model("mbg_nbd", true);
  const std::vector<double>& spend = model->parameters().spend;
  const double p = spend[0], q = spend[1], v = spend[2];
  const Observation row{1, 11.9, 270, 11.77};
  EXPECT_NEAR(model->NextOrderOf(row, {63.34}).spend, p * (v + 63.34 + 11.77) / (2 * p + q - 1),
              1e-9);
  EXPECT_NEAR(model->NextOrderOf({0, 0, 270, NAN}, {63.34}).spend, p * (v + 63.34) / (p + q - 1),
              1e-9);
  // Without one, or a free one, by the repeats; of a prospect the population's.
  const double repeats = At(*model, row).spend_next;
  EXPECT_EQ(model->NextOrderOf(row, {}).spend, repeats);
  EXPECT_EQ(model->NextOrderOf(row, {0}).spend, repeats);
  EXPECT_EQ(model->NextOrderOf({0, 0, NAN, NAN}, {}).spend,
            At(*model, {0, 0, NAN, NAN}).spend_next);
}

TEST(ValueModel, NextOrdersMargin_IsTheOwnRateShrunkToTheCategorys) {
  ValueOptions options = Model("mbg_nbd", true)->options();
  options.margin_rate = 0.4;
  const auto model = *ValueModel::Create(Model("mbg_nbd", true)->parameters(), options);
  const Observation row{3, 90, 100, 30};
  const auto rate = [&](const KnownOrders& orders) {
    const NextOrder next = model->NextOrderOf(row, orders);
    return next.margin / next.spend;
  };
  const double weight = 2 * At(*model, {0, 0, NAN, NAN}).spend_next;
  EXPECT_NEAR(rate({30, 0, 0, NAN}), 0.4, 1e-12);
  EXPECT_NEAR(rate({30, 0, 0, 0.7}), 0.7, 1e-12);
  EXPECT_NEAR(rate({30, 120, 12, NAN}), (12 + weight * 0.4) / (120 + weight), 1e-12);
  EXPECT_NEAR(rate({30, 120, 12, 0.7}), (12 + weight * 0.7) / (120 + weight), 1e-12);
  EXPECT_LT(rate({30, 120, -60, NAN}), 0);  // sold at a loss
  // Half of it comes back.
  const Observation returned{3, 90, 100, 30, 0.5};
  EXPECT_LT(model->NextOrderOf(returned, {}).margin, model->NextOrderOf(row, {}).margin);
  EXPECT_EQ(model->NextOrderOf(returned, {}).spend, model->NextOrderOf(row, {}).spend);
  // Of revenue.
  options.margin_rate = 1;
  const auto revenue = *ValueModel::Create(model->parameters(), options);
  const NextOrder next = revenue->NextOrderOf(row, {30, 120, 12, 0.7});
  EXPECT_EQ(next.margin, next.spend);
}

TEST(ValueModel, MarginOfNothing_IsWorthNothing_NotNoNumber) {
  const std::vector<Observation> rows = {{0, 0, 0, NAN},          {0, 0, 200, NAN},
                                         {3, 90, 100, 30},        {40, 300, 301, 80},
                                         {1, 2, 3000, 1e-6, 0.5}, {2, 20, 30, 10, 0}};
  const ValueParameters known = Model("mbg_nbd", true)->parameters();
  ValueOptions options;
  std::vector<ValueFeatures> plain(rows.size()), small(rows.size());
  (*ValueModel::Create(known, options))->Compute(rows, absl::MakeSpan(plain));
  for (const double rate : {0.0, 1e-300, 1e-160, 0.25, -0.25}) {
    for (const double kept_share : {1.0, 0.0}) {
      options.margin_rate = rate;
      options.kept_share = kept_share;
      (*ValueModel::Create(known, options))->Compute(rows, absl::MakeSpan(small));
      for (size_t i = 0; i < rows.size(); ++i) {
        const ValueFeatures& f = small[i];
        for (const double feature :
             {f.clv, f.clv_mean_low, f.clv_mean_high, f.clv_predictive_low, f.clv_predictive_high,
              f.v_alive, f.v_revived, f.at_risk_w, f.margin_next}) {
          EXPECT_TRUE(std::isfinite(feature)) << "row " << i << " rate " << rate;
          if (rate == 0) {
            EXPECT_EQ(feature, 0) << "row " << i;
          }
        }
        EXPECT_LE(f.clv_predictive_low, f.clv_predictive_high);
        if (rate <= 0 || kept_share < 1) continue;
        EXPECT_NEAR(f.clv_predictive_high / rate, plain[i].clv_predictive_high,
                    1e-9 * plain[i].clv_predictive_high);
      }
    }
  }
}

TEST(ValueModel, Prospect_HasOnlyTheSpendAndMarginOfAnOrder) {
  const auto model = Model("mbg_nbd", true);
  const ValueFeatures features = At(*model, {0, 0, NAN, NAN});
  EXPECT_NEAR(features.margin_next, 35.219, 1e-3);
  EXPECT_EQ(features.spend_next, features.margin_next);
  EXPECT_TRUE(std::isnan(features.clv));
  EXPECT_TRUE(std::isnan(features.p_alive));
}

// Sold for 100 each, a shop that gets 30 % back: own share 0.4 over 4 order days, two pooled ones.
TEST(ValueModel, Refunds_ScaleEveryValueByOwnAndPooledShare) {
  ValueOptions options;
  const auto gross = Model("mbg_nbd", true, options);
  options.kept_share = 0.7;
  const auto net = Model("mbg_nbd", true, options);
  const ValueFeatures sold = At(*gross, {3, 100, 200, 100});
  const ValueFeatures kept = At(*net, {3, 100, 200, 100, 0.4});
  const double share = (4 * 0.4 + 2 * 0.7) / 6;
  for (double ValueFeatures::*value :
       {&ValueFeatures::clv, &ValueFeatures::clv_mean_low, &ValueFeatures::clv_mean_high,
        &ValueFeatures::clv_predictive_high, &ValueFeatures::v_alive, &ValueFeatures::v_revived,
        &ValueFeatures::at_risk_w, &ValueFeatures::margin_next}) {
    EXPECT_NEAR(kept.*value, share * sold.*value, 1e-12 * sold.*value);
  }
  EXPECT_EQ(kept.p_alive, sold.p_alive);
  EXPECT_EQ(kept.expected_purchases, sold.expected_purchases);
  EXPECT_EQ(kept.spend_next, sold.spend_next);
  EXPECT_EQ(At(*gross, {3, 100, 200, 100, 1}).clv, sold.clv);  // nothing came back: the same bits
  EXPECT_NEAR(At(*net, {0, 0, NAN, NAN}).margin_next, 0.7 * 35.219, 1e-3);
  EXPECT_DOUBLE_EQ(At(*net, {3, 100, 200, 100, NAN}).clv, At(*net, {3, 100, 200, 100, 0.7}).clv);
}

TEST(ValueModel, KeptShare_IsSavedWhereThereIsOneAndCheckedAlways) {
  ValueOptions options;
  options.kept_share = 0.7;
  const std::string json = Model("mbg_nbd", true, options)->ToJson();
  const auto again = ValueModel::FromJson(json);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->options().kept_share, 0.7);
  EXPECT_EQ((*again)->ToJson(), json);
  EXPECT_EQ(Model("mbg_nbd")->ToJson().find("kept_share"), std::string::npos);
  ValueParameters parameters = (*again)->parameters();
  for (const double share : {-0.1, 1.1, std::nan("")}) {
    options.kept_share = share;
    EXPECT_FALSE(ValueModel::Create(parameters, options).ok()) << share;
  }
}

TEST(ValueModel, BrokenJson_NamesTheKey) {
  const std::string json = Model("bg_nbd", true)->ToJson();
  EXPECT_FALSE(ValueModel::FromJson("{").ok());
  EXPECT_FALSE(ValueModel::FromJson("[]").ok());
  for (const std::string key : {"params", "horizon_days", "model", "format", "fallback"}) {
    std::string broken = json;
    broken.replace(broken.find("\"" + key + "\""), key.size() + 2, "\"other\"");
    const auto refused = ValueModel::FromJson(broken);
    ASSERT_FALSE(refused.ok()) << key;
    EXPECT_NE(refused.status().message().find("`" + key + "`"), absl::string_view::npos)
        << refused.status();
  }
}

}  // namespace
}  // namespace tenure::clv
