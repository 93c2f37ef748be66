// A whole policy in about 20 lines, as docs/plugins.md shows it, under the SDK's fake host.
#include "plugins/sdk/fake_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/sdk/growing.h"
#include "plugins/sdk/policy.h"

namespace {

namespace sdk = tenure::sdk;

class Birthday {
 public:
  static constexpr sdk::About kAbout = {.id = "birthday", .version = "1.0.0"};
  static constexpr auto kColumns = sdk::CustomerColumns(sdk::Optional("tenure_days"));
  static constexpr std::string_view kSchema = R"({"type": "object", "additionalProperties": false,
    "properties": {"uplift": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.1}}})";

  Birthday(const sdk::Params& params, const std::vector<sdk::Offer>& offers)
      : uplift_(params.Number("uplift")) {
    if (offers.empty()) sdk::Refuse("a birthday needs a present");
  }

  sdk::Proposal Propose(const sdk::Row& row, const sdk::Offer& offer) const {
    if (row.Has(4) && row.Double(4) < 30) return sdk::Proposal::Decline(1);
    const sdk::Customer customer = sdk::CustomerOf(row);
    sdk::Effect effect;
    effect.uplift_alive = sdk::RelativeUplift(customer, {uplift_, uplift_ / 2});
    return sdk::Value(customer, effect, offer);
  }

 private:
  double uplift_;
};

}  // namespace

TENURE_PLUGIN(Birthday)

namespace tenure::sdk {
namespace {

const FakeRow kAnna = {
    {"p_alive", 0.8}, {"p_purchase_w", 0.4}, {"margin_next", 20}, {"spend_next", 50}};

TEST(FakeHost, Propose_ValuesEachRowAndOffer) {
  FakeHost host(tenure_plugin_entry_v1());
  tenure_offer mail = FakeHost::NewOffer("mail");
  mail.contact_cost_micros = 10'000;
  host.Create("{}", {mail, FakeHost::NewOffer("free")});
  FakeRow young = kAnna;
  young["tenure_days"] = 3;
  const auto out = host.Propose({kAnna, young});
  ASSERT_EQ(out.size(), 4u);
  EXPECT_DOUBLE_EQ(out[0].gross_value, 0.8);  // 0.1 · 0.4 · 20
  EXPECT_DOUBLE_EQ(out[0].expected_cost, 0.01);
  EXPECT_DOUBLE_EQ(out[1].expected_cost, 0);
  EXPECT_EQ(out[2].status, TENURE_CELL_DECLINED);
}

TEST(FakeHost, PolicyThatRefuses_ThrowsItsWords) {
  FakeHost host(tenure_plugin_entry_v1());
  EXPECT_THAT([&] { host.Create("{}", {}); },
              testing::ThrowsMessage<std::runtime_error>("a birthday needs a present"));
}

TEST(Barrier, WhateverIsThrown_BecomesACode) {
  char text[8];
  tenure_error error = {sizeof text, 0, text};
  EXPECT_EQ(Barrier(&error, []() -> tenure_code { throw 7; }), TENURE_INTERNAL);
  EXPECT_EQ(error.length, sizeof text);  // cut, never beyond the buffer
  EXPECT_EQ(Barrier(&error, []() -> tenure_code { throw std::bad_alloc(); }),
            TENURE_RESOURCE_EXHAUSTED);
  EXPECT_EQ(Barrier(nullptr, []() -> tenure_code { throw Error("x"); }), TENURE_INVALID_ARGUMENT);
}

TEST(Propose, Cancelled_StopsWithItsCode) {
  const tenure_plugin* plugin = tenure_plugin_entry_v1();
  const tenure_offer offer = FakeHost::NewOffer("x");
  const tenure_offer* offers[] = {&offer};
  const tenure_policy_config config = {sizeof config, Str("{}"), 1, offers};
  tenure_policy* policy = nullptr;
  ASSERT_EQ(plugin->policy_create(nullptr, &config, &policy, nullptr), TENURE_OK);
  const uint32_t cancel = 1;
  tenure_batch batch{};
  batch.struct_size = sizeof batch;
  batch.row_count = 1;
  batch.cancel = &cancel;
  tenure_result result{};
  result.struct_size = sizeof result;
  EXPECT_EQ(plugin->propose(policy, nullptr, &batch, &result, nullptr), TENURE_CANCELLED);
  plugin->policy_destroy(policy);
}

// S2: a host that sets something this build does not know is refused; one that only has room is
// not.
TEST(PolicyCreate, LongerStruct_IsReadWhereItsTailIsZero) {
  const tenure_plugin* plugin = tenure_plugin_entry_v1();
  struct Longer {
    tenure_offer offer;
    uint64_t added;
  } longer = {FakeHost::NewOffer("x"), 0};
  longer.offer.struct_size = sizeof longer;
  const tenure_offer* offers[] = {&longer.offer};
  const tenure_policy_config config = {sizeof config, Str("{}"), 1, offers};
  tenure_policy* policy = nullptr;
  EXPECT_EQ(plugin->policy_create(nullptr, &config, &policy, nullptr), TENURE_OK);
  plugin->policy_destroy(policy);
  longer.added = 1;
  EXPECT_EQ(plugin->policy_create(nullptr, &config, &policy, nullptr), TENURE_UNIMPLEMENTED);
}

// As a header of a later minor declares it, for a host of the first.
struct Grown {
  uint64_t struct_size;
  uint64_t first;
  uint64_t added;
};

TEST(ReadGrowing, OlderHost_LeavesWhatWasAddedZero) {
  const Grown given = {16, 7, 99};
  Grown out = {1, 1, 1};
  ASSERT_TRUE(ReadGrowing(&given, &out));
  EXPECT_EQ(out.first, 7u);
  EXPECT_EQ(out.added, 0u);
}

TEST(ReadGrowing, LessThanTheFirstMinor_IsRefused) {
  tenure_offer offer = FakeHost::NewOffer("x"), out;
  EXPECT_TRUE(ReadGrowing(&offer, &out));
  offer.struct_size = kFirstSize<tenure_offer> - 1;
  EXPECT_FALSE(ReadGrowing(&offer, &out));
  EXPECT_EQ(kFirstSize<tenure_batch>, offsetof(tenure_batch, eligible) + sizeof(void*));
  EXPECT_EQ(kFirstSize<tenure_result>, offsetof(tenure_result, reason) + sizeof(void*));
  EXPECT_EQ(kFirstSize<tenure_policy_config>,
            offsetof(tenure_policy_config, offers) + sizeof(void*));
  EXPECT_EQ(kFirstSize<tenure_offer>, offsetof(tenure_offer, valid_days) + 2 * sizeof(int32_t));
}

// A table whose worker calls are counted and whose proposals are written or not.
int workers_made, workers_ended, proposals_with_worker;
bool columns_aligned;
tenure_plugin CountingTable(bool writes) {
  tenure_plugin table = *tenure_plugin_entry_v1();
  workers_made = workers_ended = proposals_with_worker = 0;
  table.worker_create = [](const tenure_policy*, tenure_worker** worker, tenure_error*) {
    *worker = reinterpret_cast<tenure_worker*>(&workers_made);
    ++workers_made;
    return TENURE_OK;
  };
  table.worker_destroy = [](const tenure_policy*, tenure_worker*) { ++workers_ended; };
  table.policy_create = [](const tenure_host* host, const tenure_policy_config* config,
                           tenure_policy** policy, tenure_error* error) {
    host->log(host->ctx, TENURE_LOG_INFO, Str("hello"));
    if (host->get_extension(host->ctx, Str("none")) != nullptr) return tenure_code{TENURE_INTERNAL};
    return tenure_plugin_entry_v1()->policy_create(host, config, policy, error);
  };
  if (writes) return table;
  table.propose = [](const tenure_policy*, tenure_worker* worker, const tenure_batch* batch,
                     tenure_result* result, tenure_error*) {
    proposals_with_worker += worker != nullptr;
    columns_aligned = true;
    for (uint64_t c = 0; c < batch->column_count; ++c) {
      const auto at = reinterpret_cast<uintptr_t>(batch->columns[c].values);
      const auto bits = reinterpret_cast<uintptr_t>(batch->columns[c].validity);
      columns_aligned = columns_aligned && at % 64 == 0 && bits % 64 == 0;
    }
    result->status[0] = TENURE_CELL_DECLINED;
    return TENURE_OK;
  };
  return table;
}

TEST(FakeHost, Services_AreThereAndAWorkerServesTheCalls) {
  const tenure_plugin table = CountingTable(false);
  {
    FakeHost host(&table);
    host.Create("{}", {FakeHost::NewOffer("mail")});
    EXPECT_EQ(host.Propose({kAnna}).at(0).status, TENURE_CELL_DECLINED);
    EXPECT_EQ(workers_made, 1);
    EXPECT_EQ(proposals_with_worker, 1);
    EXPECT_TRUE(columns_aligned);
    EXPECT_EQ(workers_ended, 0);
  }
  EXPECT_EQ(workers_ended, 1);
}

TEST(FakeHost, EligibleCellThatIsNotWritten_Throws) {
  const tenure_plugin table = CountingTable(false);
  FakeHost host(&table);
  host.Create("{}", {FakeHost::NewOffer("mail")});
  EXPECT_THAT(
      [&] {
        host.Propose({kAnna, kAnna});
      },
      testing::ThrowsMessage<std::runtime_error>(
          "row 1, offer 0: propose wrote no status, though the cell is eligible"));
}

}  // namespace
}  // namespace tenure::sdk
