// What a policy's author includes. A policy is a class with
//
// clang-format off
//   static constexpr sdk::About kAbout = {.id = …, .version = …, .description = …};
//   static constexpr std::array kStages = {sdk::Str("new")};          // may be left out: any
//   static constexpr auto kColumns = sdk::CustomerColumns();          // or an array of Required(…)
//   static constexpr std::array kReasons = {sdk::Because(1, "…")};    // may be left out: none
//   static constexpr std::string_view kSchema = …;                    // JSON Schema
//   Policy(const sdk::Params&, const std::vector<sdk::Offer>&);       // refuses by throwing Error
//   sdk::Proposal Propose(const sdk::Row&, const sdk::Offer&) const;  // pure
// clang-format on
//
// and TENURE_PLUGIN(Policy) at the end of its file. Where Propose is a template that takes an
// sdk::RowPack too, it is asked about two rows at once; a member `bool TakesPacks() const` may say
// that this policy can't be.
#ifndef TENURE_PLUGINS_SDK_POLICY_H_
#define TENURE_PLUGINS_SDK_POLICY_H_

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "plugins/abi/tenure_plugin.h"
#include "plugins/sdk/barrier.h"
#include "plugins/sdk/growing.h"
#include "plugins/sdk/offer.h"
#include "plugins/sdk/params.h"
#include "plugins/sdk/row.h"
#include "plugins/sdk/value.h"

namespace tenure::sdk {

struct About {
  std::string_view id = {}, version = {}, vendor = {}, license = {}, contact = {}, description = {};
};

constexpr tenure_reason Because(int32_t code, std::string_view text) {
  return {code, 0, Str(text)};
}

// A policy's table: every function of the ABI, each behind the barrier.
template <typename P>
class Table {
 public:
  static const tenure_plugin* Get() noexcept {
    static constexpr tenure_plugin kTable = {sizeof(tenure_plugin),
                                             TENURE_ABI_MAJOR,
                                             TENURE_ABI_MINOR,
                                             0,
                                             0,
                                             Describe,
                                             Create,
                                             Destroy,
                                             CreateWorker,
                                             DestroyWorker,
                                             Propose,
                                             nullptr};
    return &kTable;
  }

 private:
  struct Instance {
    std::vector<Offer> offers;
    P policy;
  };

  static constexpr tenure_manifest Manifest() {
    tenure_manifest out{};
    out.struct_size = sizeof out;
    out.id = Str(P::kAbout.id);
    out.version = Str(P::kAbout.version);
    out.vendor = Str(P::kAbout.vendor);
    out.license = Str(P::kAbout.license);
    out.contact = Str(P::kAbout.contact);
    out.description = Str(P::kAbout.description);
    if constexpr (requires { P::kStages; }) {
      out.stage_count = P::kStages.size();
      out.stages = P::kStages.data();
    }
    out.column_count = P::kColumns.size();
    out.columns = P::kColumns.data();
    if constexpr (requires { P::kReasons; }) {
      out.reason_count = P::kReasons.size();
      out.reasons = P::kReasons.data();
    }
    out.config_schema_json = Str(P::kSchema);
    out.feature_schema = 1;
    out.guarantees = TENURE_DETERMINISTIC | TENURE_BATCH_INVARIANT;
    return out;
  }

  static const tenure_manifest* Describe() noexcept {
    static constexpr tenure_manifest kManifest = Manifest();
    return &kManifest;
  }

  static tenure_code Create(const tenure_host*, const tenure_policy_config* given,
                            tenure_policy** policy, tenure_error* error) noexcept {
    return Barrier(error, [&] {
      tenure_policy_config config;
      if (!ReadGrowing(given, &config)) {
        throw Error("a configuration of another ABI", TENURE_UNIMPLEMENTED);
      }
      std::vector<Offer> offers;
      for (uint64_t i = 0; i < config.offer_count; ++i) {
        tenure_offer offer;
        if (!ReadGrowing(config.offers[i], &offer)) {
          throw Error("an offer of another ABI", TENURE_UNIMPLEMENTED);
        }
        offers.push_back(Offer::From(offer, i));
      }
      const Params params(P::kSchema, {config.params_json.data, config.params_json.size});
      P made(params, offers);
      auto instance = std::make_unique<Instance>(Instance{std::move(offers), std::move(made)});
      *policy = reinterpret_cast<tenure_policy*>(instance.release());
      return TENURE_OK;
    });
  }

  static void Destroy(tenure_policy* policy) noexcept {
    delete reinterpret_cast<Instance*>(policy);
  }

  // A policy is pure and keeps nothing between calls: one worker serves for all.
  static tenure_code CreateWorker(const tenure_policy*, tenure_worker** worker,
                                  tenure_error*) noexcept {
    *worker = nullptr;
    return TENURE_OK;
  }
  static void DestroyWorker(const tenure_policy*, tenure_worker*) noexcept {}

  static tenure_code Propose(const tenure_policy* policy, tenure_worker*,
                             const tenure_batch* given_batch, tenure_result* given_result,
                             tenure_error* error) noexcept {
    return Barrier(error, [&]() -> tenure_code {
      tenure_batch read_batch;
      tenure_result read_result;
      if (!ReadGrowing(given_batch, &read_batch) || !ReadGrowing(given_result, &read_result)) {
        return Fail(TENURE_UNIMPLEMENTED, "a batch or result of another ABI", error);
      }
      const tenure_batch* const batch = &read_batch;
      tenure_result* const result = &read_result;
      const auto& instance = *reinterpret_cast<const Instance*>(policy);
      constexpr uint64_t kPollEvery = 1'024;
      for (uint64_t row = 0; row < batch->row_count; row += kPollEvery) {
        if (batch->cancel != nullptr && *batch->cancel != 0) {
          return Fail(TENURE_CANCELLED, "cancelled", error);
        }
        ProposeRows(instance, *batch, row, std::min(row + kPollEvery, batch->row_count), *result);
      }
      return TENURE_OK;
    });
  }

  static constexpr bool kPacks =
      requires(const P& policy, const RowPack& rows, const Offer& offer) {
    policy.Propose(rows, offer);
  };

  static bool TakesPacks(const P& policy) {
    if constexpr (requires { policy.TakesPacks(); }) return policy.TakesPacks();
    return kPacks;
  }

  // By values: where the arrays stand can't change under the stores into them.
  static void ProposeRows(const Instance& instance, const tenure_batch batch, uint64_t row,
                          uint64_t end, const tenure_result result) {
    const uint64_t offers = instance.offers.size();
    if constexpr (kPacks) {
      for (; TakesPacks(instance.policy) && row + kPackRows <= end; row += kPackRows) {
        for (uint64_t o = 0; o < offers; ++o) {
          const uint64_t first = row * offers + o, second = first + offers;
          if (batch.eligible[first] == 0 && batch.eligible[second] == 0) continue;
          const ProposalPack pack =
              instance.policy.Propose(RowPack(batch, row), instance.offers[o]);
          Write(pack, 0, first, result);
          Write(pack, 1, second, result);
        }
      }
    }
    for (; row < end; ++row) {
      for (uint64_t o = 0; o < offers; ++o) {
        if (batch.eligible[row * offers + o] == 0) continue;
        Write(instance.policy.Propose(Row(batch, row), instance.offers[o]), row * offers + o,
              result);
      }
    }
  }

  static void Write(const Proposal& proposal, uint64_t cell, const tenure_result& result) {
    result.gross_value[cell] = proposal.gross_value;
    result.value_stderr[cell] = proposal.value_stderr;
    result.p_baseline[cell] = proposal.p_baseline;
    result.p_treated[cell] = proposal.p_treated;
    result.expected_cost[cell] = proposal.expected_cost;
    result.liability_micros[cell] = proposal.liability_micros;
    result.basis[cell] = proposal.basis;
    result.status[cell] = proposal.status;
    result.reason[cell] = proposal.reason;
  }

  // Also of a row that is not eligible: such cells are ignored (S8).
  static void Write(const ProposalPack& pack, int i, uint64_t cell, const tenure_result& result) {
    result.gross_value[cell] = pack.gross_value[i];
    result.value_stderr[cell] = pack.value_stderr[i];
    result.p_baseline[cell] = pack.p_baseline[i];
    result.p_treated[cell] = pack.p_treated[i];
    result.expected_cost[cell] = pack.expected_cost[i];
    result.liability_micros[cell] = pack.liability_micros;
    result.basis[cell] = pack.basis;
    const bool declined = pack.declined[i] != 0;
    result.status[cell] = declined ? TENURE_CELL_DECLINED : TENURE_CELL_OK;
    result.reason[cell] = declined ? pack.reason : 0;
  }
};

}  // namespace tenure::sdk

// Exports the policy: the one symbol of the shared object.
#define TENURE_PLUGIN(Policy)                                                  \
  extern "C" TENURE_EXPORT const tenure_plugin* tenure_plugin_entry_v1(void) { \
    return tenure::sdk::Table<Policy>::Get();                                  \
  }

#endif  // TENURE_PLUGINS_SDK_POLICY_H_
