// What all four shipped policies have in common.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "server/base/random.h"
#include "server/plugin_host/registry.h"
#include "tests/plugin_host/test_plugins.h"
#include "tests/plugins/customers.h"

namespace tenure::plugin_host {
namespace {

class ShippedPolicies : public testing::TestWithParam<const char*> {};

CustomerRow Draw(Random* random) {
  CustomerRow row;
  row.p_alive = random->Below(5) == 0 ? 1.0 : random->Uniform();
  row.p_purchase_w = row.p_alive * random->Uniform();
  row.margin_next = 40 * random->Uniform();
  row.spend_next = 200 * random->Uniform();
  row.v_revived = 500 * random->Uniform();
  row.at_risk_w = 30 * random->Uniform();
  row.days_since_last_purchase = 1'500 * random->Uniform();
  row.purchases = static_cast<int64_t>(1 + random->Below(6));
  return row;
}

bool SameBits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

void ExpectSame(const Proposal& a, const Proposal& b) {
  EXPECT_TRUE(SameBits(a.gross_value, b.gross_value) && SameBits(a.value_stderr, b.value_stderr) &&
              SameBits(a.p_baseline, b.p_baseline) && SameBits(a.p_treated, b.p_treated) &&
              SameBits(a.expected_cost, b.expected_cost) &&
              a.liability_micros == b.liability_micros && a.status == b.status &&
              a.reason == b.reason);
}

TEST_P(ShippedPolicies, AnyCustomer_PassesTheHostsChecks) {
  const auto policy = ShippedPolicy(GetParam(), "{}", {Mail(), Coupon()});
  Random random(11);
  std::vector<CustomerRow> rows;
  for (int i = 0; i < 2'000; ++i) rows.push_back(Draw(&random));
  CustomerRow nobody;
  nobody.p_alive = nobody.p_purchase_w = nobody.margin_next = nobody.spend_next = 0;
  nobody.v_revived = nobody.at_risk_w = nobody.days_since_last_purchase = 0;
  rows.push_back(nobody);
  const auto out = ProposeFor(*policy, rows);
  for (size_t row = 0; row < rows.size(); ++row) {
    for (size_t offer = 0; offer < 2; ++offer) {
      EXPECT_NE(out.at(row, offer).status, ProposalStatus::kError)
          << policy->Explain(out, row, offer) << ", seed 11";
    }
  }
}

// Permuting and splitting a batch changes no bit of a row.
TEST_P(ShippedPolicies, BatchPermutedAndSplit_SameBits) {
  const auto policy = ShippedPolicy(GetParam(), "{}", {Mail(), Coupon()});
  Random random(12);
  std::vector<CustomerRow> rows;
  for (int i = 0; i < 131; ++i) rows.push_back(Draw(&random));
  const std::vector<CustomerRow> reversed(rows.rbegin(), rows.rend());
  const auto whole = ProposeFor(*policy, rows);
  const auto backwards = ProposeFor(*policy, reversed);
  for (size_t row = 0; row < rows.size(); ++row) {
    SCOPED_TRACE(row);
    const auto alone = ProposeFor(*policy, {rows[row]});
    for (size_t offer = 0; offer < 2; ++offer) {
      ExpectSame(whole.at(row, offer), alone.at(0, offer));
      ExpectSame(whole.at(row, offer), backwards.at(rows.size() - 1 - row, offer));
    }
  }
}

TEST_P(ShippedPolicies, UnknownOrOutOfBoundsParameter_IsAProblemAtItsPointer) {
  const auto plugin = Plugin::Load(ShippedPlugin(GetParam()));
  ASSERT_TRUE(plugin.ok()) << plugin.status();
  EXPECT_TRUE((*plugin)->CheckConfig("{}").empty());
  const auto problems = (*plugin)->CheckConfig(R"({"upfilt":1,"pull_forward":2})");
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].pointer, "/pull_forward");
  EXPECT_EQ(problems[1].pointer, "/upfilt");
}

TEST_P(ShippedPolicies, ValueOutsideItsBand_IsRefusedByThePolicy) {
  const auto plugin = Plugin::Load(ShippedPlugin(GetParam()));
  ASSERT_TRUE(plugin.ok()) << plugin.status();
  const auto policy = Policy::Create(*plugin, R"({"uplift":0.9})", {Mail()});
  EXPECT_THAT(std::string(policy.status().message()), testing::HasSubstr("'uplift_high'"));
}

INSTANTIATE_TEST_SUITE_P(EachOne, ShippedPolicies,
                         testing::Values("welcome", "upsell", "loyalty", "win_back"),
                         [](const auto& name) { return std::string(name.param); });

TEST(ShippedFolder, Registry_HasTheFourAndNoRefusal) {
  const auto registry = Registry::LoadFolder(BuildFolder() + "/lib/tenure/plugins");
  ASSERT_TRUE(registry.ok()) << registry.status();
  for (const char* id : {"welcome", "upsell", "loyalty", "win_back"}) {
    EXPECT_NE(registry->Find(id), nullptr) << id;
  }
  for (const auto& refusal : registry->refusals()) ADD_FAILURE() << refusal.status;
}

}  // namespace
}  // namespace tenure::plugin_host
