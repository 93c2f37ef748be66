#include "server/plugin_host/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <thread>

#include "tests/plugin_host/test_plugins.h"

namespace tenure::plugin_host {
namespace {

using testing::HasSubstr;

std::shared_ptr<const Policy> Make(const std::string& name, const std::string& params = "{}") {
  const auto plugin = Plugin::Load(TestPlugin(name));
  EXPECT_TRUE(plugin.ok()) << plugin.status();
  OfferSpec a, b;
  a.id = "mail";
  b.id = "coupon";
  auto policy = Policy::Create(*plugin, params, {a, b});
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

Batch Customers(size_t rows) {
  const auto schema = std::make_shared<const Schema>(*Schema::Create(
      {{"city", DType::kString}, {"unused", DType::kInt64}, {"p_alive", DType::kDouble}}));
  Batch batch(schema, rows);
  for (size_t row = 0; row < rows; ++row) batch.SetDouble(2, row, 0.5);
  return batch;
}

absl::Status ProposeAll(const Policy& policy, const Batch& batch, Proposals* out,
                        int64_t limit_us = 0) {
  const std::vector<uint8_t> eligible(batch.rows() * policy.offers().size(), 1);
  const std::vector<uint64_t> seed(batch.rows(), 7);
  return policy.Propose(batch, eligible, seed, 0, limit_us, out);
}

TEST(PolicyPropose, Good_CopiesEveryCell) {
  Proposals out;
  const auto policy = Make("good");
  ASSERT_TRUE(ProposeAll(*policy, Customers(3), &out).ok());
  ASSERT_EQ(out.rows(), 3u);
  ASSERT_EQ(out.offers(), 2u);
  for (size_t i = 0; i < 6; ++i) {
    const Proposal cell = out.at(i / 2, i % 2);
    EXPECT_EQ(cell.status, ProposalStatus::kOk);
    EXPECT_EQ(cell.gross_value, 2.0);
    EXPECT_EQ(cell.value_stderr, 0.5);
    EXPECT_EQ(cell.p_baseline, 0.25);
    EXPECT_EQ(cell.p_treated, 0.3);
    EXPECT_EQ(cell.expected_cost, 0.07);
    EXPECT_EQ(cell.expected_cost_micros, 70'000);  // 0.07 · 10⁶ is 70000.00000000001
    EXPECT_EQ(cell.liability_micros, 70'000);
    EXPECT_EQ(cell.basis, ProposalBasis::kAssumed);
  }
  EXPECT_EQ(policy->Explain(out, 0, 0), "");
}

struct BadCell {
  const char* name;
  ProposalFault fault;
  const char* words;
  friend void PrintTo(const BadCell& bad, std::ostream* out) { *out << bad.name; }
};
class PolicyBadCell : public testing::TestWithParam<BadCell> {};

TEST_P(PolicyBadCell, Output_IsAnErrorWithPluginRowAndOffer) {
  Proposals out;
  const auto policy = Make(GetParam().name);
  ASSERT_TRUE(ProposeAll(*policy, Customers(3), &out).ok());
  const Proposal cell = out.at(2, 1);
  EXPECT_EQ(cell.status, ProposalStatus::kError);
  EXPECT_EQ(cell.reason, static_cast<int32_t>(GetParam().fault));
  EXPECT_EQ(cell.gross_value, 0);  // nothing of a refused cell gets through
  EXPECT_EQ(cell.liability_micros, 0);
  EXPECT_THAT(policy->Explain(out, 2, 1),
              testing::AllOf(HasSubstr("plugin fixture 1.2.3, row 2, offer 'coupon': "),
                             HasSubstr(GetParam().words)));
}

INSTANTIATE_TEST_SUITE_P(
    EachFault, PolicyBadCell,
    testing::Values(BadCell{"nan_value", ProposalFault::kNotFinite, "NaN"},
                    BadCell{"infinite_error", ProposalFault::kNotFinite, "infinite"},
                    BadCell{"probability_above_one", ProposalFault::kProbability, "probability"},
                    BadCell{"negative_cost", ProposalFault::kCost, "cost"},
                    BadCell{"low_liability", ProposalFault::kLiability, "liability"},
                    BadCell{"unknown_basis", ProposalFault::kBasis, "basis"},
                    BadCell{"unknown_status", ProposalFault::kStatus, "status"},
                    BadCell{"skips_rows", ProposalFault::kNotWritten, "written"}),
    [](const auto& fault) { return std::string(fault.param.name); });

TEST(PolicyPropose, SkippedRows_LeaveTheWrittenOnesRight) {
  Proposals out;
  ASSERT_TRUE(ProposeAll(*Make("skips_rows"), Customers(5), &out).ok());
  EXPECT_EQ(out.at(1, 1).status, ProposalStatus::kOk);
  EXPECT_EQ(out.at(4, 0).status, ProposalStatus::kError);
}

TEST(PolicyPropose, Throws_IsTheCallsErrorWithItsWords) {
  Proposals out;
  const absl::Status status = ProposeAll(*Make("throws"), Customers(2), &out);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(status.message(), "plugin fixture 1.2.3: the policy lost its way");
  EXPECT_EQ(out.rows(), 0u);
}

// What a plugin says about its error never shows memory of the host, and is always text.
TEST(PolicyPropose, ErrorTextThatIsNone_IsReplacedByWordsOfTheHost) {
  Proposals out;
  const Batch batch = Customers(1);
  const std::string head = "plugin fixture 1.2.3: ";
  EXPECT_EQ(ProposeAll(*Make("error_beyond_buffer"), batch, &out).message(),
            head +
                "it gave 1000000 as the length of its reason, in a buffer of 1024 bytes; the "
                "reason is ignored");
  EXPECT_EQ(ProposeAll(*Make("error_unwritten"), batch, &out).message(),
            head + "it gave no reason");
  EXPECT_EQ(ProposeAll(*Make("error_not_text"), batch, &out).message(),
            head + "caf\xEF\xBF\xBD is closed");
}

TEST(PolicyPropose, Declined_KeepsTheReason) {
  Proposals out;
  const auto policy = Make("declines");
  ASSERT_TRUE(ProposeAll(*policy, Customers(1), &out).ok());
  EXPECT_EQ(out.at(0, 0).status, ProposalStatus::kDeclined);
  EXPECT_EQ(out.at(0, 0).reason, 1);
  EXPECT_EQ(out.at(0, 0).gross_value, 0);
  EXPECT_THAT(policy->Explain(out, 0, 0), HasSubstr("declined: not today"));
}

TEST(PolicyPropose, MissingRequiredValue_IsFilteredNamingTheColumn) {
  Proposals out;
  const auto policy = Make("good");
  Batch batch = Customers(130);
  batch.SetMissing(2, 65);
  ASSERT_TRUE(ProposeAll(*policy, batch, &out).ok());
  for (size_t row = 0; row < 130; ++row) {
    EXPECT_EQ(out.at(row, 1).status,
              row == 65 ? ProposalStatus::kFilteredMissing : ProposalStatus::kOk);
  }
  EXPECT_THAT(policy->Explain(out, 65, 0), HasSubstr("column 'p_alive' has no value"));
}

TEST(PolicyPropose, IneligibleCells_StayEmptyWhateverTheBuffersHeldBefore) {
  Proposals out;
  const auto policy = Make("good");
  const Batch batch = Customers(2);
  ASSERT_TRUE(ProposeAll(*policy, batch, &out).ok());
  const std::vector<uint8_t> eligible = {0, 1, 0, 0};
  const std::vector<uint64_t> seed(2);
  ASSERT_TRUE(policy->Propose(batch, eligible, seed, 0, 0, &out).ok());
  EXPECT_EQ(out.at(0, 0).status, ProposalStatus::kIneligible);
  EXPECT_EQ(out.at(0, 0).gross_value, 0);
  EXPECT_EQ(out.at(0, 1).status, ProposalStatus::kOk);
  EXPECT_EQ(out.at(1, 0).status, ProposalStatus::kIneligible);
}

TEST(PolicyPropose, ColumnLackingOrOfAnotherType_NamesIt) {
  Proposals out;
  const auto policy = Make("good");
  const Batch none(std::make_shared<const Schema>(*Schema::Create({})), 1);
  EXPECT_THAT(std::string(ProposeAll(*policy, none, &out).message()), HasSubstr("'p_alive'"));
  const Batch other(std::make_shared<const Schema>(*Schema::Create({{"p_alive", DType::kInt64}})),
                    1);
  EXPECT_THAT(std::string(ProposeAll(*policy, other, &out).message()), HasSubstr("as double"));
}

TEST(PolicyPropose, WrongShapes_AreRefused) {
  Proposals out;
  const auto policy = Make("good");
  const std::vector<uint8_t> eligible(3, 1);
  const std::vector<uint64_t> seed(2);
  EXPECT_EQ(policy->Propose(Customers(2), eligible, seed, 0, 0, &out).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(PolicyPropose, Strings_ArriveAcrossBatchesAndGrowingDictionaries) {
  Proposals out;
  const auto policy = Make("strings");
  Batch batch = Customers(3);
  batch.SetString(0, 0, "Lyon");
  ASSERT_TRUE(ProposeAll(*policy, batch, &out).ok());
  EXPECT_EQ(out.at(0, 0).gross_value, 4);
  EXPECT_EQ(out.at(1, 0).gross_value, -1);
  batch.SetString(0, 1, "Amsterdam");
  ASSERT_TRUE(ProposeAll(*policy, batch, &out).ok());
  EXPECT_EQ(out.at(1, 1).gross_value, 9);
  // Another schema, without the optional column at all.
  Batch bare(std::make_shared<const Schema>(*Schema::Create({{"p_alive", DType::kDouble}})), 2);
  bare.SetDouble(0, 0, 1);
  ASSERT_TRUE(ProposeAll(*policy, bare, &out).ok());
  EXPECT_EQ(out.at(0, 0).gross_value, -1);
}

TEST(PolicyPropose, PastItsLimit_IsDeadlineExceededAndEmpty) {
  Proposals out;
  const auto policy = Make("slow", R"({"sleep_ms":20})");
  EXPECT_EQ(ProposeAll(*policy, Customers(1), &out, 1'000).code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(out.rows(), 0u);
  EXPECT_TRUE(ProposeAll(*policy, Customers(1), &out, 60'000'000).ok());
}

TEST(PolicyPropose, ManyThreads_EachGetsItsOwnAnswers) {
  const auto policy = Make("slow", R"({"sleep_ms":1})");
  std::vector<std::thread> threads;
  std::vector<int> right(8, 0);
  for (size_t t = 0; t < right.size(); ++t) {
    threads.emplace_back([&, t] {
      Proposals out;
      const Batch batch = Customers(t + 1);
      for (int i = 0; i < 5; ++i) {
        right[t] += ProposeAll(*policy, batch, &out).ok() && out.rows() == t + 1 &&
                    out.at(t, 1).status == ProposalStatus::kOk;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(right, testing::Each(5));
}

TEST(PolicyCreate, OkWithoutAPolicy_IsAnError) {
  const auto plugin = Plugin::Load(TestPlugin("null_policy"));
  ASSERT_TRUE(plugin.ok()) << plugin.status();
  const absl::Status status = Policy::Create(*plugin, "{}", {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("made no policy"));
}

TEST(PolicyCreate, BadParametersAndOffers_AreAllListed) {
  const auto plugin = Plugin::Load(TestPlugin("slow"));
  ASSERT_TRUE(plugin.ok());
  OfferSpec open, wild;
  open.id = "open";
  open.discount_rate = 0.1;
  wild.id = "wild";
  wild.redemption = 1.5;
  const auto policy = Policy::Create(*plugin, R"({"sleep_ms":-1,"nap":1})", {open, wild});
  EXPECT_EQ(policy.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      std::string(policy.status().message()),
      testing::AllOf(HasSubstr("parameters/nap: unknown key"), HasSubstr("parameters/sleep_ms: "),
                     HasSubstr("offer 'open': a share of the order without a cap"),
                     HasSubstr("offer 'wild': redemption")));
}

}  // namespace
}  // namespace tenure::plugin_host
