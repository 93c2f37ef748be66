// From features to valued candidates: pure, over a batch. The same for one decision, the plan,
// previews and tests. Reads no clock, does no I/O, draws nothing but from the row's seed.
#ifndef TENURE_SERVER_DECISION_EVALUATE_H_
#define TENURE_SERVER_DECISION_EVALUATE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/customers/customer.h"
#include "server/decision/screen.h"
#include "server/decision/world.h"
#include "server/journal/records.h"

namespace tenure::decision {

// As many rows as should be evaluated in one call: more would share no more work, and what they
// come to would no longer stay in a processor's own cache.
inline constexpr size_t kRowsTogether = 128;

// What a batch came to, in a few arrays for all its rows. Kept from call to call: it allocates only
// to grow.
class Evaluation {
 public:
  size_t rows() const { return slot_price_.size(); }
  // By campaign, then offer; only of campaigns whose policy was asked. Those with an outcome but
  // kLost are decided, the others are to be walked.
  absl::Span<const journal::CandidateRecord> candidates(size_t row) const {
    return absl::MakeConstSpan(candidates_).subspan(begin_[row], end_[row] - begin_[row]);
  }
  // Why the policy did not value one of `candidates`, whose gate is kPolicy.
  absl::string_view PolicyText(const journal::CandidateRecord& candidate) const {
    return texts_[text_of_[static_cast<size_t>(&candidate - candidates_.data())]];
  }
  // By campaign: journal::Stop::Byte, 0 where the policy was asked.
  absl::Span<const uint8_t> stops(size_t row) const {
    const size_t campaigns = screened_.stops.size() / rows();
    return absl::MakeConstSpan(screened_.stops).subspan(row * campaigns, campaigns);
  }
  // Copies the row's part into its record.
  void Record(size_t row, journal::DecisionRecord* record) const;

 private:
  friend class Evaluator;
  Screened screened_;
  std::vector<journal::CandidateRecord> candidates_;  // row after row, with room at a row's end
  std::vector<size_t> begin_, end_;                   // by row: its part of candidates_
  std::vector<double> slot_price_;                    // by row
  std::vector<uint32_t> text_of_;                     // of a candidate at the policy gate only
  std::vector<std::string> texts_;
  int64_t quiet_until_us_ = 0;
};

struct EvaluateOptions {
  // The planner looks at a period, not at a moment, and makes the prices: scores then carry none,
  // and quiet hours do not stop anything.
  bool planning = false;
  int64_t policy_call_us = 0;  // how long one call of a policy may take; 0: any time
};

// `profiles` and `seeds` are by row. Thread-safe, by calls with outputs of their own.
void Evaluate(const World& world, const Batch& features,
              absl::Span<const customers::Profile> profiles, absl::Span<const uint64_t> seeds,
              int64_t at_us, const EvaluateOptions& options, Evaluation* out);

// The seed of a row: H(salt, request key); campaigns mix their own index in.
uint64_t RowSeed(uint64_t salt, absl::string_view request_key);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_EVALUATE_H_
