#include "server/decision/candidates.h"

#include <algorithm>

namespace tenure::decision {
namespace {

using journal::CandidateRecord;
using journal::DecisionRecord;
using journal::Note;
using journal::Outcome;
using journal::Stop;

CandidateView ViewStop(size_t campaign, Stop stop) {
  CandidateView view;
  view.campaign = static_cast<int32_t>(campaign);
  view.outcome = stop.deferred ? Outcome::kDeferred : Outcome::kFiltered;
  view.gate = stop.gate;
  if (stop.note != Note::kNone) view.text = stop.note == Note::kMissing ? "missing" : "error";
  return view;
}

CandidateView ViewOffer(const DecisionRecord& record, const CandidateRecord& candidate) {
  return {candidate.campaign, candidate.offer,           candidate.outcome,
          candidate.gate,     TextOf(record, candidate), &candidate};
}

}  // namespace

bool CandidateView::IsValued() const {
  if (offer < 0 || outcome == Outcome::kError) return false;
  return outcome != Outcome::kFiltered || gate >= journal::Gate::kScore;
}

std::vector<CandidateView> ViewCandidates(const DecisionRecord& record) {
  std::vector<CandidateView> views;
  views.reserve(record.stops.size() + record.candidates.size());
  size_t next = 0;
  for (size_t c = 0; c < record.stops.size(); ++c) {
    const Stop stop = Stop::Of(static_cast<uint8_t>(record.stops[c]));
    if (stop.gate != journal::Gate::kNone) views.push_back(ViewStop(c, stop));
    for (; next < record.candidates.size() && record.candidates[next].campaign <= c; ++next) {
      views.push_back(ViewOffer(record, record.candidates[next]));
    }
  }
  return views;
}

absl::string_view TextOf(const DecisionRecord& record, const CandidateRecord& candidate) {
  if (candidate.outcome == Outcome::kLost || candidate.detail == 0) return "";
  return record.texts[candidate.detail - 1u];
}

uint16_t NumberOfText(absl::string_view text, DecisionRecord* record) {
  if (text.empty()) return 0;
  auto found = std::find(record->texts.begin(), record->texts.end(), text);
  if (found == record->texts.end()) found = record->texts.emplace(found, text);
  return static_cast<uint16_t>(found - record->texts.begin() + 1);
}

const CandidateRecord* WinnerOver(const DecisionRecord& record, const CandidateRecord& candidate) {
  if (candidate.outcome != Outcome::kLost || candidate.detail == 0) return nullptr;
  return &record.candidates[candidate.detail - 1u];
}

}  // namespace tenure::decision
