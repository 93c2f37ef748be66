#include "server/decision/ranking.h"

#include <algorithm>
#include <tuple>

#include "server/decision/score.h"

namespace tenure::decision {

bool Ranking::Later(const Place& a, const Place& b) const {
  if (a.owed != b.owed) return b.owed;
  if (a.score != b.score) return a.score < b.score;
  const journal::CandidateRecord& x = candidates_[a.index];
  const journal::CandidateRecord& y = candidates_[b.index];
  const rules::Campaign& p = rules_->campaigns[x.campaign];
  const rules::Campaign& q = rules_->campaigns[y.campaign];
  if (p.priority != q.priority) return p.priority < q.priority;
  return std::tie(q.id, q.offers[static_cast<size_t>(y.offer)].id) <
         std::tie(p.id, p.offers[static_cast<size_t>(x.offer)].id);
}

void Ranking::Begin(const rules::RuleSet& rules,
                    absl::Span<const journal::CandidateRecord> candidates) {
  rules_ = &rules;
  candidates_ = candidates;
  heap_.clear();
  for (uint32_t i = 0; i < candidates.size(); ++i) {
    const journal::CandidateRecord& candidate = candidates[i];
    if (!IsLive(candidate)) continue;
    heap_.push_back({candidate.score, i, IsOwed(rules.campaigns[candidate.campaign])});
  }
  std::make_heap(heap_.begin(), heap_.end(),
                 [this](const Place& a, const Place& b) { return Later(a, b); });
}

size_t Ranking::Next() {
  std::pop_heap(heap_.begin(), heap_.end(),
                [this](const Place& a, const Place& b) { return Later(a, b); });
  return Any();
}

size_t Ranking::Any() {
  const size_t index = heap_.back().index;
  heap_.pop_back();
  return index;
}

}  // namespace tenure::decision
