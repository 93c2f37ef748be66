#include "server/decision/evaluate.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/hash.h"
#include "server/decision/gates.h"
#include "server/decision/score.h"
#include "server/decision/screen.h"
#include "server/rules/features.h"

namespace tenure::decision {
namespace {

using journal::CandidateRecord;
using journal::Gate;
using journal::Outcome;
using plugin_host::Proposal;
using plugin_host::ProposalStatus;

// Buffers that live as long as their thread: a decision allocates only what it records.
struct Scratch {
  Screened screened;
  ConsentColumns consents;
  // How far each campaign went with each row, rows × campaigns: by what gate it was stopped.
  struct Stop {
    Gate gate;
    Note note;
  };
  std::vector<Stop> stops;
  std::vector<uint32_t> passed;    // rows, campaign after campaign
  std::vector<size_t> passed_end;  // by campaign: where its rows end
  std::vector<size_t> written;     // by row: campaigns whose stops are records already
  std::vector<uint8_t> mask;
  std::vector<uint64_t> seeds;
  plugin_host::Proposals proposals;
};

std::string Declined(const plugin_host::Plugin& plugin, int32_t code) {
  for (const plugin_host::Reason& reason : plugin.reasons()) {
    if (reason.code == code) return reason.text;
  }
  return absl::StrCat("reason ", code);
}

class Evaluator {
 public:
  Evaluator(const World& world, const Batch& features,
            absl::Span<const customers::Profile> profiles, absl::Span<const uint64_t> seeds,
            int64_t at_us, const EvaluateOptions& options, std::vector<RowEvaluation>* out,
            Scratch* scratch)
      : world_(world),
        features_(features),
        profiles_(profiles),
        seeds_(seeds),
        at_us_(at_us),
        options_(options),
        campaigns_(world.rules->campaigns),
        out_(*out),
        scratch_(*scratch),
        input_{world.rules.get(),
               &features,
               profiles,
               at_us,
               options.planning ? std::nullopt : QuietUntil(*world.rules, at_us),
               &scratch->consents} {}

  void Run() {
    out_.resize(features_.rows());
    for (RowEvaluation& row : out_) {
      row.candidates.clear();
      row.order.clear();
    }
    ScreenAll();
    if (!options_.planning) ReserveAll();
    scratch_.written.assign(features_.rows(), 0);
    size_t begin = 0;
    for (size_t c = 0; c < campaigns_.size(); ++c) {
      const size_t end = scratch_.passed_end[c];
      passed_ = absl::MakeConstSpan(scratch_.passed).subspan(begin, end - begin);
      if (!passed_.empty()) Propose(static_cast<int32_t>(c));
      begin = end;
    }
    for (size_t r = 0; r < out_.size(); ++r) {
      WriteStops(r, campaigns_.size());
      SortOrder(*world_.rules, &out_[r]);
    }
  }

 private:
  // All campaigns before the first policy is asked: then each row's records can be counted.
  void ScreenAll() {
    scratch_.consents.Begin(profiles_);
    scratch_.stops.assign(features_.rows() * campaigns_.size(), {Gate::kNone, Note::kNone});
    scratch_.passed.clear();
    scratch_.passed_end.clear();
    for (size_t c = 0; c < campaigns_.size(); ++c) {
      Screen(input_, static_cast<int32_t>(c), &scratch_.screened);
      for (const Screened::Stopped& stopped : scratch_.screened.stopped) {
        scratch_.stops[stopped.row * campaigns_.size() + c] = {stopped.gate, stopped.note};
      }
      scratch_.passed.insert(scratch_.passed.end(), scratch_.screened.passed.begin(),
                             scratch_.screened.passed.end());
      scratch_.passed_end.push_back(scratch_.passed.size());
    }
  }

  void ReserveAll() {
    for (size_t r = 0; r < out_.size(); ++r) {
      size_t records = 0;
      for (size_t c = 0; c < campaigns_.size(); ++c) {
        const bool stopped = scratch_.stops[r * campaigns_.size() + c].gate != Gate::kNone;
        records += stopped ? 1 : campaigns_[c].offers.size();
      }
      out_[r].candidates.reserve(records);
    }
  }

  // Records of the campaigns before `end` that were stopped for this row and are not written yet:
  // so a row's records come out by campaign, many at a time.
  void WriteStops(size_t row, size_t end) {
    size_t& written = scratch_.written[row];
    if (!options_.planning) {
      const Scratch::Stop* const stops = scratch_.stops.data() + row * campaigns_.size();
      for (size_t c = written; c < end; ++c) {
        if (stops[c].gate == Gate::kNone) continue;
        RecordStop(input_, static_cast<int32_t>(c), stops[c].gate, stops[c].note,
                   &out_[row].candidates.emplace_back());
      }
    }
    written = end;
  }

  void Propose(int32_t campaign) {
    const auto c = static_cast<size_t>(campaign);
    const plugin_host::Policy* policy = world_.policies[c].get();
    if (policy == nullptr) return FailAll(campaign, world_.policy_errors[c]);
    const rules::Campaign& rule = world_.rules->campaigns[c];
    const size_t offers = rule.offers.size();
    scratch_.mask.assign(features_.rows() * offers, 0);
    for (const uint32_t row : passed_) {
      std::fill_n(scratch_.mask.begin() + static_cast<ptrdiff_t>(row * offers), offers, uint8_t{1});
    }
    const uint64_t own = StableHash(rule.id);
    scratch_.seeds.resize(seeds_.size());
    for (size_t r = 0; r < seeds_.size(); ++r) scratch_.seeds[r] = CombineHash(seeds_[r], own);
    const absl::Status status = policy->Propose(features_, scratch_.mask, scratch_.seeds, at_us_,
                                                options_.policy_call_us, &scratch_.proposals);
    if (!status.ok()) return FailAll(campaign, std::string(status.message()));
    for (const uint32_t row : passed_) {
      WriteStops(row, c);
      for (size_t o = 0; o < offers; ++o) Take(campaign, rule, *policy, row, o);
    }
  }

  void FailAll(int32_t campaign, const std::string& why) {
    for (const uint32_t row : passed_) {
      WriteStops(row, static_cast<size_t>(campaign));
      CandidateRecord& record = out_[row].candidates.emplace_back();
      record.campaign = campaign;
      record.outcome = Outcome::kError;
      record.gate = Gate::kPolicy;
      record.text = why;
    }
  }

  void Take(int32_t campaign, const rules::Campaign& rule, const plugin_host::Policy& policy,
            uint32_t row, size_t offer) {
    const Proposal& proposal = scratch_.proposals.at(row, offer);
    CandidateRecord& record = out_[row].candidates.emplace_back();
    record.campaign = campaign;
    record.offer = static_cast<int32_t>(offer);
    record.gate = Gate::kPolicy;
    switch (proposal.status) {
      case ProposalStatus::kOk:
        return Value(rule, proposal, row, &record);
      case ProposalStatus::kDeclined:
        record.text = Declined(policy.plugin(), proposal.reason);
        return;
      case ProposalStatus::kFilteredMissing:
        record.text = absl::StrCat(
            "missing ", policy.plugin().columns()[static_cast<size_t>(proposal.reason)].name);
        return;
      case ProposalStatus::kIneligible:
      case ProposalStatus::kError:
        record.outcome = Outcome::kError;
        record.text = policy.Explain(scratch_.proposals, row, offer);
        return;
    }
  }

  void Value(const rules::Campaign& rule, const Proposal& proposal, uint32_t row,
             CandidateRecord* record) {
    record->gross_value = proposal.gross_value;
    record->value_stderr = proposal.value_stderr;
    record->p_baseline = proposal.p_baseline;
    record->p_treated = proposal.p_treated;
    record->expected_cost = proposal.expected_cost;
    record->liability_micros = proposal.liability_micros;
    record->basis = static_cast<uint8_t>(proposal.basis);
    const int32_t budget = world_.budget_of[static_cast<size_t>(record->campaign)];
    if (!options_.planning) {
      if (budget >= 0) {
        record->budget_price =
            world_.BudgetPrice(record->campaign, world_.SegmentOf(budget, profiles_[row].customer));
      }
      record->slot_price = world_.SlotPrice(profiles_[row].stage);
    }
    ApplyScore(rule, record);
    std::vector<CandidateRecord>& candidates = out_[row].candidates;
    if (IsLive(*record)) out_[row].order.push_back(static_cast<int32_t>(candidates.size() - 1));
  }

  const World& world_;
  const Batch& features_;
  const absl::Span<const customers::Profile> profiles_;
  const absl::Span<const uint64_t> seeds_;
  const int64_t at_us_;
  const EvaluateOptions& options_;
  const absl::Span<const rules::Campaign> campaigns_;
  absl::Span<const uint32_t> passed_;  // rows that the campaign at hand is proposed to
  std::vector<RowEvaluation>& out_;
  Scratch& scratch_;
  const ScreenInput input_;
};

}  // namespace

void Evaluate(const World& world, const Batch& features,
              absl::Span<const customers::Profile> profiles, absl::Span<const uint64_t> seeds,
              int64_t at_us, const EvaluateOptions& options, std::vector<RowEvaluation>* out) {
  thread_local Scratch scratch;
  Evaluator(world, features, profiles, seeds, at_us, options, out, &scratch).Run();
}

uint64_t RowSeed(uint64_t salt, absl::string_view request_key) {
  return StableHash(request_key, salt);
}

}  // namespace tenure::decision
