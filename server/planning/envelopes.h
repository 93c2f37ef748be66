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
  int64_t available_micros() const { return available_; }  // of the whole
  // The most that a planned segment may still spend: all that is left where the planner shall find
  // the split itself.
  int64_t cap_micros(size_t segment) const { return caps_[segment]; }
  // What is reserved for it beyond what it has used.
  int64_t floor_micros(size_t segment) const;
  // The limits of all segments, the unplanned last, once the planner has said what the planned ones
  // spend. What it left over goes to them in proportion to that, so that the parts sum to the whole
  // and a decision later in the period finds some slack.
  std::vector<int64_t> Limits(absl::Span<const int64_t> spend) const;
  // No segment spent anything in the period before: the split is by customers instead.
  bool no_last_spend() const { return no_last_spend_; }

 private:
  Bounds BoundsOf(size_t segment) const;
  std::vector<Bounds> AllBounds() const;
  std::vector<double> Weights(const MicrosByPath& last_spend, const Appraisal& appraisal);
  std::vector<int64_t> BySegment(const MicrosByPath& micros) const;
  void Share(const std::vector<double>& weights);

  const rules::Budget& budget_;
  const size_t planned_;
  std::vector<int64_t> used_;  // by segment
  int64_t available_ = 0;
  std::vector<int64_t> caps_, floors_;  // by planned segment
  bool no_last_spend_ = false;
};

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_ENVELOPES_H_
