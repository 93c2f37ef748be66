// A budget's money before and after the planner: what each segment may be given, and what it gets.
#ifndef TENURE_SERVER_PLANNING_ENVELOPES_H_
#define TENURE_SERVER_PLANNING_ENVELOPES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "server/planning/appraisal.h"
#include "server/planning/split.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

// Micros by the envelope's path.
using MicrosByPath = std::vector<std::pair<std::string, int64_t>>;

class Envelopes {
 public:
  // `used`: held and spent in this period; `last_spend`: in the one before.
  Envelopes(const rules::Budget& budget, int64_t limit_micros, const MicrosByPath& used,
            const MicrosByPath& last_spend, const Appraisal& appraisal);

  // Those that the plan shares among: all but the unplanned.
  size_t planned() const { return planned_; }
  int64_t available_micros() const { return available_; }  // of the whole, for the planned ones
  // The most that a planned segment may still spend; budget::kUncapped where only the whole holds
  // it back, so that the whole's price says so.
  int64_t cap_micros(size_t segment) const;
  // What is reserved for it beyond what it has used, for the planner to keep.
  int64_t floor_micros(size_t segment) const;
  int64_t exploration_micros() const { return exploration_; }  // its limit
  // The limits of all segments, the unplanned last, once the planner has said what the planned ones
  // spend. What it left over goes to them in proportion to that, as far as their `max` lets it, so
  // that a decision later in the period finds some slack. With exploration's and what stays
  // unassigned they sum to the whole; where more than that is used, each is what it has used.
  std::vector<int64_t> Limits(absl::Span<const int64_t> spend) const;
  // Of the whole: what those limits leave to nobody, as the segments' `max` says.
  int64_t UnassignedMicros(absl::Span<const int64_t> limits) const;
  // What segments that the rules no longer have used of it.
  int64_t former_micros() const { return gone_; }
  // By how much more than the whole is used already; >= 0.
  int64_t over_micros() const { return over_; }
  // What is left does not cover all that the rules reserve: each reserve is cut in proportion.
  bool reserves_are_cut() const { return reserves_are_cut_; }
  // No segment spent anything in the period before: the split is by customers instead.
  bool no_last_spend() const { return no_last_spend_; }

 private:
  // What the rules reserve and is not used: the planned segments', the unplanned's, exploration's.
  std::vector<int64_t> Reserves(int64_t explored) const;
  int64_t Room(size_t segment) const;  // up to its `max`, beyond what it has used
  std::vector<double> Weights(const MicrosByPath& last_spend, const Appraisal& appraisal);
  std::vector<int64_t> BySegment(const MicrosByPath& micros) const;

  const rules::Budget& budget_;
  const size_t planned_;
  const int64_t limit_;
  std::vector<int64_t> used_;  // by segment
  int64_t gone_ = 0;           // used in segments that the rules no longer have
  int64_t available_ = 0, over_ = 0;
  int64_t unplanned_ = 0, exploration_ = 0;  // limits
  std::vector<int64_t> caps_, floors_;       // by planned segment
  bool reserves_are_cut_ = false, no_last_spend_ = false;
};

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_ENVELOPES_H_
