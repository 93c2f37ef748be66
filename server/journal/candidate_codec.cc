#include "server/journal/candidate_codec.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tenure::journal {
namespace {

// Calls each(member, column) for every field that is a column of numbers of its own type.
template <typename Columns, typename Each>
void ForEachNumber(Columns* columns, const Each& each) {
  each(&CandidateRecord::gross_value, columns->mutable_gross_value());
  each(&CandidateRecord::value_stderr, columns->mutable_value_stderr());
  each(&CandidateRecord::p_baseline, columns->mutable_p_baseline());
  each(&CandidateRecord::p_treated, columns->mutable_p_treated());
  each(&CandidateRecord::expected_cost, columns->mutable_expected_cost());
  each(&CandidateRecord::liability_micros, columns->mutable_liability_micros());
  each(&CandidateRecord::score, columns->mutable_score());
  each(&CandidateRecord::budget_price, columns->mutable_budget_price());
  each(&CandidateRecord::campaign, columns->mutable_campaign());
  each(&CandidateRecord::detail, columns->mutable_detail());
}

absl::Status Broken(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("a journal entry is no record of kind decision: ", what,
                                          "; restore the journal from a backup"));
}

bool InRange(const CandidateRecord& c, const DecisionRecord& record) {
  const size_t most = c.outcome == Outcome::kLost ? record.candidates.size() : record.texts.size();
  return c.detail <= most && c.outcome >= Outcome::kSelected && c.outcome <= Outcome::kError &&
         c.gate <= kLastGate && c.offer >= -1;
}

}  // namespace

void EncodeCandidates(const DecisionRecord& record, wire::Decision* out) {
  wire::Candidates* const columns = out->mutable_candidates();
  const auto count = static_cast<int>(record.candidates.size());
  ForEachNumber(columns, [&](auto member, auto* column) {
    column->Reserve(count);
    for (const CandidateRecord& c : record.candidates) column->AddAlreadyReserved(c.*member);
  });
  for (const CandidateRecord& c : record.candidates) {
    columns->mutable_offer_plus_1()->push_back(static_cast<char>(c.offer + 1));
    columns->mutable_basis()->push_back(static_cast<char>(c.basis));
    columns->mutable_outcome()->push_back(static_cast<char>(c.outcome));
    columns->mutable_gate()->push_back(static_cast<char>(c.gate));
  }
  out->set_slot_price(record.slot_price);
  out->set_quiet_until_us(record.quiet_until_us);
  out->set_stops(record.stops);
  for (const std::string& text : record.texts) out->add_texts(text);
}

absl::Status DecodeCandidates(wire::Decision* in, DecisionRecord* out) {
  wire::Candidates* const columns = in->mutable_candidates();
  const size_t count = columns->outcome().size();
  bool whole = columns->offer_plus_1().size() == count && columns->basis().size() == count &&
               columns->gate().size() == count;
  out->candidates.resize(count);
  ForEachNumber(columns, [&](auto member, auto* column) {
    whole = whole && static_cast<size_t>(column->size()) == count;
    for (size_t i = 0; whole && i < count; ++i) {
      auto& field = out->candidates[i].*member;
      const auto value = column->Get(static_cast<int>(i));
      field = static_cast<std::remove_reference_t<decltype(field)>>(value);
      if constexpr (std::is_integral_v<decltype(value)>) whole = field == value;
    }
  });
  if (!whole) return Broken("its candidates' columns do not fit each other");
  for (size_t i = 0; i < count; ++i) {
    CandidateRecord& c = out->candidates[i];
    c.offer = static_cast<int8_t>(static_cast<uint8_t>(columns->offer_plus_1()[i]) - 1);
    c.basis = static_cast<uint8_t>(columns->basis()[i]);
    c.outcome = static_cast<Outcome>(columns->outcome()[i]);
    c.gate = static_cast<Gate>(columns->gate()[i]);
  }
  out->slot_price = in->slot_price();
  out->quiet_until_us = in->quiet_until_us();
  out->stops = std::move(*in->mutable_stops());
  for (std::string& text : *in->mutable_texts()) out->texts.push_back(std::move(text));
  for (const CandidateRecord& c : out->candidates) {
    if (!InRange(c, *out)) return Broken("a candidate's number stands for nothing");
  }
  const bool stops = std::all_of(out->stops.begin(), out->stops.end(), [](char stop) {
    return Stop::IsByte(static_cast<uint8_t>(stop));
  });
  return stops ? absl::OkStatus() : Broken("a campaign was stopped by nothing that is known");
}

}  // namespace tenure::journal
