#include "server/budget/packed_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "server/base/random.h"
#include "server/budget/packed_verifier.h"
#include "tests/budget/plan_instances.h"

namespace tenure::budget {
namespace {

using testing::HasSubstr;

// The instance as Solve() takes it, with the packed values.
PlanInput Unpacked(const PackedInstance& packed) {
  PlanInput input;
  input.customers = static_cast<uint32_t>(packed.place.size());
  input.nodes = packed.input.nodes;
  const PackedOffers& offers = *packed.offers;
  int32_t node = 0;
  for (uint32_t customer = 0; customer < input.customers; ++customer) {
    const uint32_t place = packed.place[customer];
    const auto block = place / PackedOffers::kLanes;
    while (block >= offers.first_block(static_cast<size_t>(node) + 1)) ++node;
    for (uint32_t offer = 0; offer < offers.offers(); ++offer) {
      input.candidates.push_back({customer, node, static_cast<int32_t>(offer),
                                  offers.cost(place, offer) * offers.unit_micros(),
                                  static_cast<double>(offers.value(place, offer))});
    }
  }
  return input;
}

void ExpectSameBytes(const PackedResult& a, const PackedResult& b) {
  EXPECT_EQ(a.choice, b.choice);
  EXPECT_EQ(a.achieved, b.achieved);
  EXPECT_EQ(a.upper_bound, b.upper_bound);
  EXPECT_EQ(a.path_price, b.path_price);
  EXPECT_EQ(a.spend, b.spend);
}

TEST(PackedPlanner, FewCustomers_GetTheSameProvenPlanAsUnpacked) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const PackedInstance packed = MakePackedCampaign(150, seed, false);
    const auto result = SolvePacked(packed.input);
    ASSERT_TRUE(result.ok()) << result.status();
    const auto expected = Solve(Unpacked(packed));
    ASSERT_TRUE(expected.ok());
    EXPECT_TRUE(result->proven) << "seed " << seed;
    EXPECT_NEAR(result->achieved, expected->achieved, 1e-9 * expected->achieved) << "seed " << seed;
    // Unpacked, what fits no budget is left out first, which fractions of it are worth here.
    EXPECT_GE(result->upper_bound, expected->upper_bound * (1 - 1e-11));
    EXPECT_LE(result->upper_bound, expected->upper_bound * 1.1);
  }
}

// Large enough that prices are bracketed from a sample, and most customers never sorted.
TEST(PackedPlanner, ManyCustomers_PricesAreExactAndFewAreSorted) {
  const PackedInstance packed = MakePackedCampaign(200'000, 7, false);
  const auto result = SolvePacked(packed.input);
  ASSERT_TRUE(result.ok()) << result.status();
  const auto expected = Solve(Unpacked(packed), {.search_states = 0});
  ASSERT_TRUE(expected.ok());
  EXPECT_NEAR(result->upper_bound, expected->upper_bound, 1e-11 * expected->upper_bound);
  for (size_t node = 0; node < packed.input.nodes.size(); ++node) {
    EXPECT_NEAR(result->path_price[node], expected->path_price[node], 1e-9) << "node " << node;
  }
  EXPECT_LE(result->gap, 1e-6);
  EXPECT_LE(result->undecided, 60'000u);
}

TEST(PackedPlanner, FloorsAndBudgetsOfZero_AreAsUnpacked) {
  PackedInstance packed = MakePackedCampaign(60'000, 3, false);
  packed.input.nodes[3].floor_micros = packed.input.nodes[3].cap_micros;
  packed.input.nodes[7].cap_micros = 0;
  packed.input.nodes[9].cap_micros = kUncapped;
  const auto result = SolvePacked(packed.input);
  ASSERT_TRUE(result.ok()) << result.status();
  const auto expected = Solve(Unpacked(packed));
  ASSERT_TRUE(expected.ok());
  EXPECT_EQ(result->spend[7], 0);
  EXPECT_NEAR(result->upper_bound, expected->upper_bound, 1e-11 * expected->upper_bound);
  EXPECT_LE(result->gap, 1e-5);
  packed.input.nodes[0].cap_micros = packed.input.nodes[3].floor_micros - 1;
  const auto short_of = SolvePacked(packed.input);
  ASSERT_TRUE(short_of.ok());
  EXPECT_EQ(short_of->status, PlanStatus::kInfeasible);
  EXPECT_THAT(short_of->infeasible, HasSubstr("'total' has"));
}

TEST(PackedPlanner, AnyThreadsAndEitherCode_GiveTheSameBytes) {
  const PackedInstance packed = MakePackedCampaign(120'000, 5, false);
  const auto expected = SolvePacked(packed.input, {.code = SweepCode::kPortable});
  ASSERT_TRUE(expected.ok()) << expected.status();
  for (const int threads : {1, 2, 3}) {
    const auto result = SolvePacked(packed.input, {.threads = threads});
    ASSERT_TRUE(result.ok());
    ExpectSameBytes(*result, *expected);
  }
}

TEST(PackedSweep, RandomBlocksWithTies_HaveTheSameBitsInEitherCode) {
  if (BestSweepCode() == SweepCode::kPortable) GTEST_SKIP() << "this processor has no AVX2";
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    const auto count = static_cast<uint32_t>(1 + random.Below(100));
    PackedOffers offers({count}, static_cast<uint32_t>(1 + random.Below(12)), 1);
    for (uint32_t place = 0; place < count; ++place) {
      for (uint32_t offer = 0; offer < offers.offers(); ++offer) {
        const bool coarse = random.Below(2) == 0;
        offers.Set(place, offer, static_cast<uint32_t>(random.Below(coarse ? 4 : 1u << 31)),
                   coarse ? static_cast<float>(random.Below(5)) - 1
                          : static_cast<float>(1e3 * random.Uniform()));
      }
    }
    const PriceRange range = {random.Uniform(), 1 + random.Uniform()};
    std::vector<uint8_t> choice[2];
    std::vector<PackedIncrement> increments[2];
    std::vector<uint32_t> blocks;
    for (uint32_t block = 0; block < offers.blocks(); ++block) {
      if (random.Below(4) > 0) blocks.push_back(block);
    }
    SweepTotals totals[2];
    for (int code = 0; code < 2; ++code) {
      choice[code].resize(offers.places());
      totals[code] = Sweep(code == 0 ? SweepCode::kPortable : SweepCode::kAvx2, offers, blocks,
                           range, choice[code].data(), &increments[code]);
    }
    ASSERT_EQ(choice[0], choice[1]) << "seed " << seed;
    ASSERT_EQ(increments[0].size(), increments[1].size()) << "seed " << seed;
    for (size_t i = 0; i < increments[0].size(); ++i) {
      ASSERT_EQ(increments[0][i].efficiency, increments[1][i].efficiency) << "seed " << seed;
      ASSERT_EQ(increments[0][i].cost, increments[1][i].cost) << "seed " << seed;
      ASSERT_EQ(increments[0][i].place, increments[1][i].place) << "seed " << seed;
    }
    ASSERT_EQ(totals[0].score_low, totals[1].score_low) << "seed " << seed;
    ASSERT_EQ(totals[0].largest_values, totals[1].largest_values) << "seed " << seed;
    ASSERT_EQ(totals[0].cost, totals[1].cost) << "seed " << seed;
    ASSERT_EQ(totals[0].cost_low, totals[1].cost_low) << "seed " << seed;
    ASSERT_EQ(totals[0].cost_high, totals[1].cost_high) << "seed " << seed;
  }
}

TEST(PackedPlanner, StartedFromEarlierPrices_FindsTheSamePrices) {
  PackedInstance packed = MakePackedCampaign(120'000, 2, false);
  const auto cold = SolvePacked(packed.input);
  ASSERT_TRUE(cold.ok());
  const auto warm = SolvePacked(packed.input, {.start_prices = cold->path_price});
  ASSERT_TRUE(warm.ok()) << warm.status();
  EXPECT_EQ(warm->path_price, cold->path_price);
  EXPECT_NEAR(warm->upper_bound, cold->upper_bound, 1e-12 * cold->upper_bound);
  // Prices that are far off cost passes, not quality.
  std::vector<double> wrong = cold->path_price;
  for (double& price : wrong) price *= 3;
  const auto misled = SolvePacked(packed.input, {.start_prices = wrong});
  ASSERT_TRUE(misled.ok()) << misled.status();
  EXPECT_EQ(misled->path_price, cold->path_price);
}

TEST(PackedPlanner, OriginalValues_AreWhatIsAchievedAndBounded) {
  const PackedInstance packed = MakePackedCampaign(60'000, 4, true);
  const auto result = SolvePacked(packed.input);
  ASSERT_TRUE(result.ok()) << result.status();
  double achieved = 0;
  for (uint32_t place = 0; place < packed.offers->places(); ++place) {
    if (result->choice[place] == 0) continue;
    achieved += packed.originals[size_t{place} * 8 + result->choice[place] - 1];
  }
  EXPECT_NEAR(result->achieved, achieved, 1e-10 * achieved);
  EXPECT_GE(result->upper_bound, result->achieved);
  EXPECT_LE(result->gap, 5e-6);
}

TEST(PackedPlanner, Cancelled_StillReturnsAVerifiedPlanWithItsGap) {
  const std::atomic<bool> cancel = true;
  const PackedInstance packed = MakePackedCampaign(60'000, 6, false);
  const auto result = SolvePacked(packed.input, {.cancel = &cancel});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->stopped);
  EXPECT_GT(result->achieved, 0);
  EXPECT_GE(result->gap, 0);
  EXPECT_LE(result->gap, 0.1);
}

TEST(PackedPlanner, Malformed_NamesTheField) {
  PackedInstance packed = MakePackedCampaign(100, 1, false);
  packed.offers->Set(packed.place[5], 2, 1, NAN);
  EXPECT_THAT(std::string(SolvePacked(packed.input).status().message()), HasSubstr("[2].value"));
  packed.offers->Set(packed.place[5], 2, 1u << 31, 1);
  EXPECT_THAT(std::string(SolvePacked(packed.input).status().message()), HasSubstr("[2].cost"));
  packed.offers->Set(packed.place[5], 2, 1, 1);
  EXPECT_TRUE(SolvePacked(packed.input).ok());
  EXPECT_THAT(std::string(SolvePacked(packed.input, {.threads = 0}).status().message()),
              HasSubstr("threads"));
  EXPECT_THAT(std::string(SolvePacked(packed.input, {.start_prices = {1}}).status().message()),
              HasSubstr("start_prices"));
  packed.input.nodes.pop_back();
  EXPECT_THAT(std::string(SolvePacked(packed.input).status().message()), HasSubstr("nodes"));
}

TEST(PackedVerifier, OneAssignmentFlipped_IsFound) {
  const PackedInstance packed = MakePackedCampaign(300, 2, false);
  const auto result = SolvePacked(packed.input);
  ASSERT_TRUE(result.ok());
  ASSERT_TRUE(VerifyPacked(packed.input, *result, 1).ok());
  for (const uint32_t place : packed.place) {
    PackedResult flipped = *result;
    flipped.choice[place] = flipped.choice[place] == 1 ? 2 : 1;
    ASSERT_FALSE(VerifyPacked(packed.input, flipped, 1).ok()) << "place " << place;
  }
  PackedResult foreign = *result;
  foreign.choice[packed.place[0]] = 9;
  EXPECT_FALSE(VerifyPacked(packed.input, foreign, 1).ok());
}

}  // namespace
}  // namespace tenure::budget
