// A model for each of several populations; thin ones borrow from the others.
#include "server/clv/populations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/hash.h"
#include "server/clv/draw.h"
#include "server/clv/model_kind.h"
#include "server/clv/population_spread.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/simulate.h"

namespace tenure::clv {
namespace {

constexpr double kWeeks = 40;
constexpr double kHoldout = 26;

struct Truth {
  std::string name;
  std::vector<double> parameters;  // of mbg_nbd a week
  int customers = 0;
};

// Customers of several populations, what they did then, and what was to be expected of them.
struct Shop {
  std::vector<Observation> rows;
  std::vector<size_t> population_of;
  std::vector<PopulationSpec> specs;
  std::vector<double> expected;  // purchases in the holdout by the true model

  void Add(const Truth& truth, const std::string& model, const GammaGamma& spend, uint64_t seed) {
    const auto purchase = *CreatePurchaseModel(model, truth.parameters);
    const Simulator simulator(purchase, spend, seed);
    PopulationSpec spec;
    spec.name = truth.name;
    spec.options.model = model;
    SimulatedCustomer customer;
    for (int i = 0; i < truth.customers; ++i) {
      simulator.Draw(static_cast<uint64_t>(i), kWeeks, &customer);
      const auto x = static_cast<double>(customer.times.size() - 1);
      const double sum = std::accumulate(customer.spends.begin() + 1, customer.spends.end(), 0.0);
      rows.push_back({x, 7 * customer.times.back(), 7 * kWeeks, x > 0 ? sum / x : std::nan("")});
      population_of.push_back(specs.size());
      expected.push_back(purchase->ExpectedPurchases({x, customer.times.back(), kWeeks}, kHoldout));
    }
    specs.push_back(std::move(spec));
  }

  ValueOptions Defaults() const { return specs[0].options; }
  FittedPopulations Fit() const {
    absl::StatusOr<FittedPopulations> fitted =
        FitPopulations(rows, population_of, specs, Defaults());
    EXPECT_TRUE(fitted.ok()) << fitted.status();
    return *std::move(fitted);
  }
  std::vector<PurchaseRow> RowsOf(size_t population) const {
    std::vector<PurchaseRow> some;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (population_of[i] != population) continue;
      some.push_back({rows[i].frequency, rows[i].recency_days / 7, rows[i].age_days / 7});
    }
    return some;
  }
};

const GammaGamma kSpend = {6.25, 3.74, 15.44};

// Rates and dropout that differ between populations by a third or so.
Truth Varied(const std::string& name, int customers, Random* random) {
  const auto around = [random](double median, double spread) {
    return median * std::exp(spread * DrawNormal(random));
  };
  return {name, {around(0.9, 0.1), around(6, 0.35), around(0.8, 0.25), around(3, 0.1)}, customers};
}

Shop Alike(int large, int thin, uint64_t seed) {
  Shop shop;
  for (int i = 0; i < 5; ++i) {
    shop.Add({absl::StrCat("p", i), {0.9, 6, 0.8, 3}, i < 4 ? large : thin}, "mbg_nbd", kSpend,
             CombineHash(seed, static_cast<uint64_t>(i)));
  }
  return shop;
}

// Squared error of the holdout's purchases a customer against what the truth expects.
double ErrorOf(const PurchaseModel& model, const Shop& shop, size_t population) {
  double error = 0;
  double count = 0;
  for (size_t i = 0; i < shop.rows.size(); ++i) {
    if (shop.population_of[i] != population) continue;
    const Observation& row = shop.rows[i];
    const double away =
        model.ExpectedPurchases({row.frequency, row.recency_days / 7, row.age_days / 7}, kHoldout) -
        shop.expected[i];
    error += away * away;
    ++count;
  }
  return error / count;
}

TEST(Populations, ThinOnes_AreForeseenBetterThanByTheirOwnOrThePooledFit) {
  const ModelKind kind = *FindModelKind("mbg_nbd");
  double borrowed = 0, own = 0, pooled = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    Random random(CombineHash(20261122, seed));
    Shop shop;
    for (int i = 0; i < 10; ++i) {
      shop.Add(Varied(absl::StrCat("p", i), i < 6 ? 900 : 70, &random), "mbg_nbd", {},
               random.Next());
    }
    const FittedPopulations fitted = shop.Fit();
    for (size_t i = 6; i < 10; ++i) {
      const Population* population = fitted.models->Find(shop.specs[i].name);
      ASSERT_EQ(population->purchases.source, Source::kBorrowed) << "seed " << seed;
      borrowed += ErrorOf(population->model->purchase(), shop, i);
      pooled += ErrorOf(fitted.models->pooled().purchase(), shop, i);
      const ModelFit alone = FitPurchaseModel(kind, *Summary::Create(shop.RowsOf(i)));
      ASSERT_FALSE(alone.parameters.empty()) << "seed " << seed;
      own += ErrorOf(**CreatePurchaseModel("mbg_nbd", alone.parameters), shop, i);
    }
  }
  RecordProperty("borrowed_to_own", std::to_string(borrowed / own));
  RecordProperty("borrowed_to_pooled", std::to_string(borrowed / pooled));
  EXPECT_LT(borrowed, 0.9 * own);
  EXPECT_LT(borrowed, 0.9 * pooled);
}

TEST(Populations, ALotOfOwnData_OutweighsWhatIsBorrowed) {
  Shop shop;
  shop.Add({"a", {0.9, 6, 0.8, 3}, 20'000}, "mbg_nbd", {}, 1);
  const Summary summary = *Summary::Create(shop.RowsOf(0));
  const ModelKind kind = *FindModelKind("mbg_nbd");
  const ModelFit own = FitPurchaseModel(kind, summary);
  FitOptions options;
  options.prior = PriorAround({0.5, 9, 0.5, 2}, {0.5, 0.5, 0.5, 0.5});
  const ModelFit borrowed = FitPurchaseModel(kind, summary, options);
  EXPECT_GT(WeightOfData(borrowed.log_covariance, options.prior->log_precision), 0.9);
  for (size_t i = 0; i < 4; ++i) {
    const double error = std::sqrt(own.log_covariance[i * 5]);
    EXPECT_NEAR(std::log(borrowed.parameters[i] / own.parameters[i]), 0, error) << i;
  }
}

TEST(Populations, ThatAreAlike_BorrowNearlyThePooledFit) {
  const Shop shop = Alike(2000, 60, 7);
  const FittedPopulations fitted = shop.Fit();
  const PopulationFamily& family = fitted.families.at(0);
  EXPECT_EQ(family.own_purchases, 4);
  for (const double spread : family.purchase_log_spread) EXPECT_LT(spread, 0.2);
  const Population* thin = fitted.models->Find("p4");
  EXPECT_EQ(thin->purchases.source, Source::kBorrowed);
  EXPECT_LT(thin->purchases.own_weight, 0.3);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(std::log(thin->model->parameters().purchase[i] /
                         fitted.models->pooled().parameters().purchase[i]),
                0, 0.15)
        << i;
  }
}

TEST(Populations, OrderOfRowsAndPopulations_DoesNotMatter) {
  const Shop shop = Alike(300, 40, 9);
  Shop turned = shop;
  std::reverse(turned.rows.begin(), turned.rows.end());
  std::reverse(turned.population_of.begin(), turned.population_of.end());
  std::reverse(turned.specs.begin(), turned.specs.end());
  for (size_t& population : turned.population_of) {
    population = turned.specs.size() - 1 - population;
  }
  EXPECT_EQ(shop.Fit().models->ToJson(), turned.Fit().models->ToJson());
}

TEST(Populations, Text_SaysWhatWasBorrowed) {
  const Shop shop = Alike(600, 60, 3);
  const FittedPopulations fitted = shop.Fit();
  const Population* thin = fitted.models->Find("p4");
  EXPECT_EQ(thin->Text().find(absl::StrCat("borrowed: ", thin->purchases.cases) +
                              " repeat buyers, weight of own data "),
            0u)
      << thin->Text();
  EXPECT_EQ(thin->model->parameters().verdict, thin->Text().substr(0, thin->Text().find(';')));
  EXPECT_NE(thin->Text().find("; spend borrowed: "), std::string::npos) << thin->Text();
  const Population* own = fitted.models->Find("p0");
  EXPECT_EQ(own->purchases.own_weight, 1);
  EXPECT_EQ(own->Text().find("own: "), 0u) << own->Text();
}

TEST(Populations, NobodyBoughtAgain_StillHasAModel) {
  Shop shop = Alike(600, 60, 3);
  for (size_t i = 0; i < shop.rows.size(); ++i) {
    if (shop.population_of[i] == 4) shop.rows[i] = {0, 0, 7 * kWeeks, std::nan("")};
  }
  const FittedPopulations fitted = shop.Fit();
  const Population* none = fitted.models->Find("p4");
  EXPECT_EQ(none->purchases.source, Source::kBorrowed);
  EXPECT_EQ(none->spend.source, Source::kPooled);
  const Observation newcomer = {0, 0, 70, std::nan("")};
  ValueFeatures here{}, pooled{};
  none->model->Compute({&newcomer, 1}, {&here, 1});
  fitted.models->pooled().Compute({&newcomer, 1}, {&pooled, 1});
  EXPECT_GT(here.clv, 0);
  EXPECT_LT(here.clv, pooled.clv);  // they were seen not to buy
  EXPECT_GT(here.clv_mean_high, here.clv_mean_low);
}

TEST(Populations, WithoutCustomers_HasThePooledEstimate) {
  Shop shop = Alike(600, 60, 3);
  shop.specs.push_back(shop.specs[0]);
  shop.specs.back().name = "new";
  const FittedPopulations fitted = shop.Fit();
  const Population* empty = fitted.models->Find("new");
  EXPECT_EQ(empty->purchases.source, Source::kPooled);
  EXPECT_EQ(empty->model->parameters().purchase, fitted.models->pooled().parameters().purchase);
  EXPECT_EQ(empty->Text().find("pooled: 0 repeat buyers"), 0u) << empty->Text();
}

TEST(Populations, Unknown_FallsBackToThePooledModelAndSaysSo) {
  const FittedPopulations fitted = Alike(300, 40, 5).Fit();
  EXPECT_EQ(fitted.models->Find("elsewhere"), nullptr);
  EXPECT_EQ(&fitted.models->ModelOf("elsewhere"), &fitted.models->pooled());
  EXPECT_EQ(fitted.models->TextOf("elsewhere"),
            "pooled: `elsewhere` is none of the populations that were fitted");
}

TEST(Populations, ContractsBesidePurchases_HaveTheirOwnModelAndTimeUnit) {
  Shop shop = Alike(600, 60, 3);
  const auto contract = *CreatePurchaseModel("sbg", {0.7, 1.5});
  Random random(11);
  Life life;
  for (int i = 0; i < 2; ++i) {
    PopulationSpec spec;
    spec.name = i == 0 ? "contracts" : "contracts-thin";
    spec.options.model = "sbg";
    spec.options.time_unit_days = 365.25;
    spec.options.horizon_days = 3 * 365.25;
    spec.options.margin_rate = 0.2;
    for (int n = 0; n < (i == 0 ? 800 : 30); ++n) {
      contract->Draw(5, &random, &life);
      const auto renewals = static_cast<double>(life.times.size() - 1);
      shop.rows.push_back(
          {renewals, renewals * 365.25, 5 * 365.25, renewals > 0 ? 100 : std::nan("")});
      shop.population_of.push_back(shop.specs.size());
    }
    shop.specs.push_back(spec);
  }
  const FittedPopulations fitted = shop.Fit();
  ASSERT_EQ(fitted.families.size(), 2u);
  const Population* own = fitted.models->Find("contracts");
  EXPECT_EQ(own->model->model(), "sbg");
  EXPECT_EQ(own->purchases.source, Source::kOwn);
  EXPECT_EQ(own->model->options().margin_rate, 0.2);
  EXPECT_EQ(own->model->options().time_unit_days, 365.25);
  EXPECT_NEAR(std::log(own->model->parameters().purchase[0] / 0.7), 0, 0.5);
  EXPECT_EQ(fitted.models->Find("contracts-thin")->purchases.source, Source::kBorrowed);
  EXPECT_EQ(fitted.models->Find("contracts-thin")->model->model(), "sbg");
  EXPECT_EQ(fitted.models->pooled().model(), "mbg_nbd");
}

TEST(Populations, TooThinAltogether_HaveThePooledRate) {
  const FittedPopulations fitted = Alike(15, 10, 5).Fit();
  for (const Population& population : fitted.models->populations()) {
    EXPECT_EQ(population.purchases.source, Source::kPooled);
    EXPECT_TRUE(population.model->parameters().fallback);
  }
}

TEST(Populations, Json_RoundTripsToTheSameBytes) {
  const std::string json = Alike(300, 40, 5).Fit().models->ToJson();
  EXPECT_TRUE(PopulationModels::IsJson(json));
  const auto read = PopulationModels::FromJson(json);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ((*read)->ToJson(), json);
  EXPECT_FALSE(PopulationModels::IsJson((*read)->pooled().ToJson()));
  std::string broken = json;
  broken.replace(broken.find("\"own\""), 5, "\"her\"");
  const absl::Status refused = PopulationModels::FromJson(broken).status();
  EXPECT_NE(refused.message().find("population `p0`: `source` must be own"),
            absl::string_view::npos)
      << refused;
  EXPECT_FALSE(PopulationModels::FromJson("[]").ok());
}

TEST(Populations, InputThatCannotBe_NamesRowOrPopulation) {
  Shop shop = Alike(20, 10, 5);
  const auto refused = [](const Shop& wrong, absl::string_view why) {
    const absl::Status status =
        FitPopulations(wrong.rows, wrong.population_of, wrong.specs, wrong.Defaults()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(status.message().find(why), absl::string_view::npos) << status;
  };
  Shop wrong = shop;
  wrong.rows[25].frequency = -1;
  refused(wrong, "row 25");
  wrong = shop;
  wrong.population_of[3] = 9;
  refused(wrong, "row 3: there is no population 9");
  wrong = shop;
  wrong.specs[1].name = wrong.specs[0].name;
  refused(wrong, "population `p0` is there twice");
  wrong = shop;
  wrong.specs[2].options.model = "crystal_ball";
  refused(wrong, "unknown purchase model `crystal_ball`");
  wrong = shop;
  wrong.specs[2].options.horizon_days = 0;
  refused(wrong, "population `p2`: horizon_days");
  wrong = shop;
  wrong.specs.push_back(wrong.specs[0]);
  wrong.specs.back().name = "lonely";
  wrong.specs.back().options.model = "nbd";
  refused(wrong, "population `lonely`: it has no customers");
}

// All together are too few for a fit: under a prior they have one, and thin ones borrow from it.
TEST(Populations, FewUnderAPrior_BorrowFromAFitAndNotFromARate) {
  const Shop few = Alike(20, 8, 3);
  EXPECT_FALSE(few.Fit().families[0].pooled.fallback.empty());
  const PriorRequest weak;
  const auto map =
      FitPopulations(few.rows, few.population_of, few.specs, few.Defaults(), "", &weak);
  ASSERT_TRUE(map.ok()) << map.status();
  EXPECT_EQ(map->families[0].pooled.fallback, "");
  ASSERT_EQ(map->families[0].priors.size(), 2u);
  EXPECT_EQ(map->families[0].priors[0].model, "mbg_nbd");
  for (const Population& population : map->models->populations()) {
    EXPECT_EQ(population.purchases.source, Source::kBorrowed) << population.Text();
  }
}

// A fit of a population's own is one under the prior, too.
TEST(Populations, NarrowPrior_HoldsTheFitsOfTheirOwn) {
  const Shop shop = Alike(900, 40, 4);
  const PriorRequest narrow{{{"r", 2, 0.001}}};
  const auto map =
      FitPopulations(shop.rows, shop.population_of, shop.specs, shop.Defaults(), "", &narrow);
  ASSERT_TRUE(map.ok()) << map.status();
  int own = 0;
  for (const Population& population : map->models->populations()) {
    if (population.purchases.source != Source::kOwn) continue;
    ++own;
    EXPECT_NEAR(population.model->parameters().purchase[0], 2, 0.02) << population.name;
  }
  EXPECT_GT(own, 0);
}

}  // namespace
}  // namespace tenure::clv
