#include "server/decision/evaluate.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/hash.h"
#include "server/decision/candidates.h"
#include "server/decision/gates.h"
#include "server/decision/score.h"

namespace tenure::decision {
namespace {

using journal::CandidateRecord;
using journal::Gate;
using journal::Outcome;
using plugin_host::ProposalColumns;
using plugin_host::ProposalStatus;

// Buffers that live as long as their thread; of the campaign at hand.
struct Scratch {
  std::vector<uint8_t> mask;
  std::vector<uint64_t> seeds;
  std::vector<double> prices;  // by row
  plugin_host::Proposals proposals;
  // Why its cells were not valued, in words that all rows share.
  struct Words {
    ProposalStatus status;
    int32_t reason;
    uint32_t text;
  };
  std::vector<Words> words;
};

std::string Declined(const plugin_host::Plugin& plugin, int32_t code) {
  for (const plugin_host::Reason& reason : plugin.reasons()) {
    if (reason.code == code) return reason.text;
  }
  return absl::StrCat("reason ", code);
}

}  // namespace

class Evaluator {
 public:
  Evaluator(const World& world, const Batch& features,
            absl::Span<const customers::Profile> profiles, absl::Span<const uint64_t> seeds,
            int64_t at_us, const EvaluateOptions& options, Evaluation* out, Scratch* scratch)
      : world_(world),
        features_(features),
        profiles_(profiles),
        seeds_(seeds),
        at_us_(at_us),
        options_(options),
        out_(*out),
        scratch_(*scratch) {}

  void Run() {
    const auto quiet = options_.planning ? std::nullopt : QuietUntil(*world_.rules, at_us_);
    Screen({world_.rules.get(), world_.index.get(), &features_, profiles_, at_us_, quiet},
           &out_.screened_);
    out_.quiet_until_us_ = quiet.value_or(0);
    out_.texts_.clear();
    out_.slot_price_.assign(features_.rows(), 0);
    for (size_t r = 0; r < profiles_.size() && !options_.planning; ++r) {
      out_.slot_price_[r] = world_.SlotPrice(profiles_[r].stage);
    }
    MakeRoom();
    for (const uint32_t c : out_.screened_.open) Propose(c);
  }

 private:
  const rules::Campaign& RuleOf(uint32_t campaign) const {
    return world_.rules->campaigns[campaign];
  }
  absl::Span<const uint32_t> Passed(uint32_t campaign) const {
    return out_.screened_.passed[campaign];
  }

  // A place for every offer of every open campaign, so that campaigns, which come one after the
  // other, write into the rows, each of which is whole.
  void MakeRoom() {
    out_.begin_.assign(features_.rows() + 1, 0);
    for (const uint32_t c : out_.screened_.open) {
      const size_t room = std::max<size_t>(1, RuleOf(c).offers.size());
      for (const uint32_t row : Passed(c)) out_.begin_[row + 1] += room;
    }
    for (size_t r = 0; r < features_.rows(); ++r) out_.begin_[r + 1] += out_.begin_[r];
    out_.end_.assign(out_.begin_.begin(), out_.begin_.end() - 1);
    if (out_.candidates_.size() < out_.begin_.back()) {
      out_.candidates_.resize(out_.begin_.back());
      out_.text_of_.resize(out_.begin_.back());
    }
  }

  void Propose(uint32_t c) {
    const plugin_host::Policy* const policy = world_.policies[c].get();
    if (policy == nullptr) return FailAll(c, world_.policy_errors[c]);
    const size_t offers = RuleOf(c).offers.size();
    scratch_.mask.assign(features_.rows() * offers, 0);
    scratch_.seeds.resize(features_.rows());
    const uint64_t own = StableHash(RuleOf(c).id);
    for (const uint32_t row : Passed(c)) {
      std::fill_n(scratch_.mask.data() + row * offers, offers, uint8_t{1});
      scratch_.seeds[row] = CombineHash(seeds_[row], own);
    }
    const absl::Status status = policy->Propose(features_, scratch_.mask, scratch_.seeds, at_us_,
                                                options_.policy_call_us, &scratch_.proposals);
    if (!status.ok()) return FailAll(c, std::string(status.message()));
    FindPrices(c);
    scratch_.words.clear();
    TakeAll(c);
  }

  void FailAll(uint32_t c, const std::string& why) {
    out_.texts_.push_back(why);
    for (const uint32_t row : Passed(c)) {
      const size_t at = out_.end_[row]++;
      CandidateRecord& record = out_.candidates_[at] = CandidateRecord();
      record.campaign = static_cast<uint16_t>(c);
      record.outcome = Outcome::kError;
      record.gate = Gate::kPolicy;
      out_.text_of_[at] = static_cast<uint32_t>(out_.texts_.size() - 1);
    }
  }

  // What a unit of charge costs the campaign's budget, by row.
  void FindPrices(uint32_t c) {
    scratch_.prices.assign(features_.rows(), 0);
    const int32_t budget = world_.budget_of[c];
    if (options_.planning || budget < 0) return;
    if (world_.budgets[static_cast<size_t>(budget)].plan == nullptr) return;
    for (const uint32_t row : Passed(c)) {
      scratch_.prices[row] = world_.BudgetPrice(static_cast<int32_t>(c),
                                                world_.SegmentOf(budget, profiles_[row].customer));
    }
  }

  // Every row's offers into its part of the candidates.
  void TakeAll(uint32_t c) {
    const rules::Campaign& campaign = RuleOf(c);
    const size_t offers = scratch_.proposals.offers();
    const ProposalColumns from = scratch_.proposals.columns();
    size_t* const end = out_.end_.data();
    const double* const slot_price = out_.slot_price_.data();
    const double* const price = scratch_.prices.data();
    for (const uint32_t row : Passed(c)) {
      CandidateRecord* const to = out_.candidates_.data() + end[row];
      bool valued = true;
      for (size_t o = 0; o < offers; ++o) {
        to[o].campaign = static_cast<uint16_t>(c);
        to[o].offer = static_cast<int8_t>(o);
        Fill(campaign, slot_price[row], price[row], from, row * offers + o, &to[o]);
        valued &= from.status[row * offers + o] == ProposalStatus::kOk;
      }
      for (size_t o = 0; o < offers && !valued; ++o) Decline(c, row, o, end[row] + o);
      end[row] += offers;
    }
  }

  // Field by field where it stands: a record put together elsewhere is read back before its small
  // fields have left the processor, which waits for them.
  static void Fill(const rules::Campaign& campaign, double slot_price, double price,
                   const ProposalColumns& from, size_t i, CandidateRecord* record) {
    record->gross_value = from.gross_value[i];
    record->value_stderr = from.value_stderr[i];
    record->p_baseline = from.p_baseline[i];
    record->p_treated = from.p_treated[i];
    record->expected_cost = from.expected_cost[i];
    record->liability_micros = from.liability_micros[i];
    record->budget_price = price;
    record->basis = static_cast<uint8_t>(from.basis[i]);
    record->detail = 0;
    ApplyScore(campaign, slot_price, record);
  }

  // Marks a candidate that has no value: its numbers are all 0.
  void Decline(uint32_t c, uint32_t row, size_t offer, size_t at) {
    const ProposalColumns from = scratch_.proposals.columns();
    const size_t i = row * scratch_.proposals.offers() + offer;
    if (from.status[i] == ProposalStatus::kOk) return;
    const bool failed = from.status[i] == ProposalStatus::kError;
    CandidateRecord& record = out_.candidates_[at];
    record.score = record.budget_price = 0;
    record.outcome = failed ? Outcome::kError : Outcome::kFiltered;
    record.gate = Gate::kPolicy;
    out_.text_of_[at] =
        failed ? AddFault(c, row, offer) : WordsFor(c, from.status[i], from.reason[i]);
  }

  uint32_t AddFault(uint32_t c, uint32_t row, size_t offer) {
    out_.texts_.push_back(world_.policies[c]->Explain(scratch_.proposals, row, offer));
    return static_cast<uint32_t>(out_.texts_.size() - 1);
  }

  uint32_t WordsFor(uint32_t c, ProposalStatus status, int32_t reason) {
    for (const Scratch::Words& known : scratch_.words) {
      if (known.status == status && known.reason == reason) return known.text;
    }
    const plugin_host::Plugin& plugin = world_.policies[c]->plugin();
    out_.texts_.push_back(
        status == ProposalStatus::kDeclined
            ? Declined(plugin, reason)
            : absl::StrCat("missing ", plugin.columns()[static_cast<size_t>(reason)].name));
    const auto text = static_cast<uint32_t>(out_.texts_.size() - 1);
    scratch_.words.push_back({status, reason, text});
    return text;
  }

  const World& world_;
  const Batch& features_;
  const absl::Span<const customers::Profile> profiles_;
  const absl::Span<const uint64_t> seeds_;
  const int64_t at_us_;
  const EvaluateOptions& options_;
  Evaluation& out_;
  Scratch& scratch_;
};

void Evaluate(const World& world, const Batch& features,
              absl::Span<const customers::Profile> profiles, absl::Span<const uint64_t> seeds,
              int64_t at_us, const EvaluateOptions& options, Evaluation* out) {
  thread_local Scratch scratch;
  Evaluator(world, features, profiles, seeds, at_us, options, out, &scratch).Run();
}

void Evaluation::Record(size_t row, journal::DecisionRecord* record) const {
  const absl::Span<const uint8_t> bytes = stops(row);
  record->slot_price = slot_price_[row];
  record->quiet_until_us = quiet_until_us_;
  record->stops.assign(bytes.begin(), bytes.end());
  record->candidates.assign(candidates_.begin() + static_cast<ptrdiff_t>(begin_[row]),
                            candidates_.begin() + static_cast<ptrdiff_t>(end_[row]));
  record->texts.clear();
  if (texts_.empty()) return;
  for (size_t at = begin_[row]; at < end_[row]; ++at) {
    if (candidates_[at].gate != Gate::kPolicy) continue;
    record->candidates[at - begin_[row]].detail = NumberOfText(texts_[text_of_[at]], record);
  }
}

uint64_t RowSeed(uint64_t salt, absl::string_view request_key) {
  return StableHash(request_key, salt);
}

}  // namespace tenure::decision
