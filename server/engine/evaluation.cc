#include "server/engine/evaluation.h"

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/decision/evaluate.h"
#include "server/decision/explain.h"
#include "server/rules/features.h"

namespace tenure::engine {
namespace {

constexpr absl::string_view kSegmentPrefix = "segment.";

// A request without an id has none to draw its seed from: it takes a number.
uint64_t SeedOf(const decision::World& world, const DecideRequest& request, int64_t asked_us) {
  static std::atomic<uint64_t> unnamed{0};
  const std::string key =
      request.key.request_id.empty()
          ? absl::StrCat(request.customer_id, "/", asked_us, "/", unnamed.fetch_add(1))
          : absl::StrCat(request.key.caller, "/", request.key.request_id);
  const uint64_t seed = decision::RowSeed(world.salt, key);
  return seed == 0 ? 1 : seed;
}

void FillRecord(const decision::World& world, const Batch& features, size_t row, int64_t asked_us,
                DecideRow* out) {
  journal::DecisionRecord& record = out->record;
  record.caller = out->request.key.caller;
  record.request_id = out->request.key.request_id;
  record.request_digest = out->request.key.digest;
  record.customer_id = out->request.customer_id;
  record.asked_us = asked_us;
  record.rule_set = world.rules->hash;
  record.plan = world.plan_ids;
  record.model = world.model_hash;
  record.stage = out->profile.stage;
  const ColumnView tier = features.column(rules::kTier);
  record.tier = tier.IsValid(row) ? std::string(tier.String(row)) : "";
  record.segments.clear();
  const Schema& schema = features.schema();
  for (size_t c = rules::kFeatureCount; c < schema.size(); ++c) {
    const std::string& name = schema.field(c).name;
    if (!absl::StartsWith(name, kSegmentPrefix)) continue;
    const ColumnView segment = features.column(c);
    if (segment.IsValid(row) && segment.Bool(row)) {
      record.segments.push_back(name.substr(kSegmentPrefix.size()));
    }
  }
  record.features = decision::EncodeFeatures(features, row);
}

void EvaluateTogether(const customers::Population& population, const decision::World& world,
                      int64_t asked_us, const decision::EvaluateOptions& options,
                      absl::Span<DecideRow* const> rows, absl::Span<const uint32_t> numbers,
                      absl::Span<const uint64_t> seeds) {
  Batch features(world.rules->schema, rows.size());
  std::vector<customers::Profile> profiles;
  population.Gather(numbers, asked_us, world.valuation, &features, &profiles);
  thread_local decision::Evaluation evaluation;
  decision::Evaluate(world, features, profiles, seeds, asked_us, options, &evaluation);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i]->profile = std::move(profiles[i]);
    evaluation.Record(i, &rows[i]->record);
    FillRecord(world, features, i, asked_us, rows[i]);
  }
}

}  // namespace

void EvaluateRows(const customers::Population& population, const decision::World& world,
                  int64_t asked_us, const Limits& limits, absl::Span<DecideRow* const> rows) {
  std::vector<DecideRow*> known;
  std::vector<uint32_t> numbers;
  std::vector<uint64_t> seeds;
  for (DecideRow* row : rows) {
    const uint32_t number = population.Find(row->request.customer_id);
    if (number == 0) {
      row->error = absl::NotFoundError(absl::StrCat(
          "customer \"", row->request.customer_id, "\" is unknown; send an event of theirs first"));
      continue;
    }
    if (row->record.seed == 0) row->record.seed = SeedOf(world, row->request, asked_us);
    known.push_back(row);
    numbers.push_back(number);
    seeds.push_back(row->record.seed);
  }
  decision::EvaluateOptions options;
  options.policy_call_us = limits.plugin_call_ms * 1'000;
  for (size_t first = 0; first < known.size(); first += decision::kRowsTogether) {
    const auto part = [first](auto& all) {
      return absl::MakeSpan(all).subspan(first, decision::kRowsTogether);
    };
    EvaluateTogether(population, world, asked_us, options, part(known), part(numbers), part(seeds));
  }
}

}  // namespace tenure::engine
