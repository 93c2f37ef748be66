#include "server/planning/appraisal.h"

#include <algorithm>
#include <numeric>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/base/hash.h"
#include "server/base/mutex.h"
#include "server/decision/charge.h"
#include "server/decision/evaluate.h"
#include "server/decision/gates.h"
#include "server/decision/score.h"
#include "server/planning/budget_segments.h"
#include "server/planning/population_mix.h"
#include "server/rules/features.h"

namespace tenure::planning {
namespace {

constexpr uint32_t kChunk = decision::kRowsTogether;

// What one chunk of customers gives; chunks are joined in order, so that threads change nothing.
struct ChunkResult {
  std::vector<Appraised> candidates;
  std::vector<uint8_t> segment_of;
  std::vector<double> clv;
  std::vector<uint16_t> stage_of;
  int64_t held_out = 0;
  std::map<int32_t, Unvalued> unvalued;
};

uint16_t StageNumber(const rules::RuleSet& rules, absl::string_view id) {
  if (rules.tracks.empty()) return 0;
  const std::vector<rules::Stage>& stages = rules.tracks.front().stages;
  size_t s = 0;
  while (s < stages.size() && stages[s].id != id) ++s;
  return static_cast<uint16_t>(s);
}

void AddUnvalued(int32_t campaign, int64_t candidates, absl::string_view why,
                 std::map<int32_t, Unvalued>* to) {
  Unvalued& all = (*to)[campaign];
  if (all.candidates == 0) all.why = std::string(why);
  all.candidates += candidates;
}

class ChunkAppraiser {
 public:
  ChunkAppraiser(const decision::World& world, const customers::Population& population,
                 const AppraisalRequest& request)
      : world_(world),
        population_(population),
        request_(request),
        budget_(world.rules->budgets[static_cast<size_t>(request.budget)]),
        mix_(world, request.budget) {}

  ChunkResult Run(uint32_t first, uint32_t count) {
    std::vector<uint32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), first);
    Batch features(world_.rules->schema, count);
    population_.Gather(numbers, request_.at_us, world_.valuation, &features, &profiles_);
    std::vector<uint64_t> seeds(count);
    for (uint32_t r = 0; r < count; ++r) {
      seeds[r] = CombineHash(decision::RowSeed(world_.salt, "plan"), numbers[r]);
    }
    decision::EvaluateOptions options;
    options.planning = true;
    decision::Evaluate(world_, features, profiles_, seeds, request_.at_us, options, &evaluation_);
    ChunkResult result;
    AssignSegments(budget_, features, &result.segment_of);
    mix_.Add(features, result.segment_of, profiles_);
    const ColumnView clv = features.column(rules::kClv);
    result.clv.resize(count);
    for (uint32_t r = 0; r < count; ++r) {
      result.stage_of.push_back(StageNumber(*world_.rules, profiles_[r].stage));
      result.clv[r] = clv.IsValid(r) ? clv.Double(r) : 0;
      Collect(r, numbers[r], &result);
    }
    return result;
  }

  // Of all chunks that it has run.
  const PopulationMix& mix() const { return mix_; }

 private:
  void Collect(uint32_t row, uint32_t customer, ChunkResult* result) const {
    const std::string& id = profiles_[row].id;
    const bool held_out = decision::InGlobalHoldout(*world_.rules, id);
    result->held_out += held_out;
    if (held_out) return;
    for (const journal::CandidateRecord& candidate : evaluation_.candidates(row)) {
      const size_t c = candidate.campaign;
      if (world_.budget_of[c] != request_.budget) continue;
      if (candidate.outcome == journal::Outcome::kError) {
        AddUnvalued(candidate.campaign, 1, evaluation_.PolicyText(candidate), &result->unvalued);
      }
      if (!decision::IsLive(candidate)) continue;
      if (decision::InCampaignHoldout(*world_.rules, world_.rules->campaigns[c], id)) continue;
      const int64_t charge = decision::ChargeMicros(world_.rules->campaigns[c], candidate);
      result->candidates.push_back({customer, result->segment_of[row], candidate.campaign,
                                    candidate.offer, charge, candidate.score,
                                    candidate.value_stderr, candidate.basis});
    }
  }

  const decision::World& world_;
  const customers::Population& population_;
  const AppraisalRequest& request_;
  const rules::Budget& budget_;
  PopulationMix mix_;
  std::vector<customers::Profile> profiles_;
  decision::Evaluation evaluation_;
};

bool Cancelled(const AppraisalRequest& request) {
  return request.cancel != nullptr && request.cancel->load(std::memory_order_relaxed);
}

}  // namespace

absl::StatusOr<Appraisal> Appraise(const decision::World& world,
                                   const customers::Population& population,
                                   const AppraisalRequest& request) {
  const uint32_t customers = population.size();
  const uint32_t chunks = (customers + kChunk - 1) / kChunk;
  std::vector<ChunkResult> results(chunks);
  std::atomic<uint32_t> next{0}, done{0};
  Mutex mutex;
  PopulationMix mix(world, request.budget);  // counts, which any order sums alike
  const auto work = [&] {
    ChunkAppraiser appraiser(world, population, request);
    for (uint32_t i = next++; i < chunks && !Cancelled(request); i = next++) {
      const uint32_t first = i * kChunk + 1;
      results[i] = appraiser.Run(first, std::min(kChunk, customers - first + 1));
      const uint32_t finished = ++done;
      if (request.progress) request.progress(static_cast<double>(finished) / chunks);
    }
    MutexLock lock(&mutex);
    mix.Add(appraiser.mix());
  };
  std::vector<std::thread> threads;
  for (int t = 1; t < request.threads; ++t) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (Cancelled(request)) return absl::CancelledError("planning was cancelled");
  Appraisal appraisal;
  for (ChunkResult& result : results) {
    appraisal.candidates.insert(appraisal.candidates.end(), result.candidates.begin(),
                                result.candidates.end());
    appraisal.segment_of.insert(appraisal.segment_of.end(), result.segment_of.begin(),
                                result.segment_of.end());
    appraisal.stage_of.insert(appraisal.stage_of.end(), result.stage_of.begin(),
                              result.stage_of.end());
    appraisal.clv.insert(appraisal.clv.end(), result.clv.begin(), result.clv.end());
    appraisal.held_out += result.held_out;
    for (const auto& [campaign, chunk] : result.unvalued) {
      AddUnvalued(campaign, chunk.candidates, chunk.why, &appraisal.unvalued);
    }
    result = ChunkResult();
  }
  appraisal.population = mix.Records();
  return appraisal;
}

}  // namespace tenure::planning
