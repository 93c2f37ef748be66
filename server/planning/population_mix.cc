#include "server/planning/population_mix.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/customers/tier.h"
#include "server/decision/evaluate.h"
#include "server/planning/budget_segments.h"
#include "server/rules/features.h"

namespace tenure::planning {
namespace {

constexpr size_t kTierSlots = customers::kTiers + 1;  // none first

customers::Tier TierOfRow(const Batch& features, size_t row, const journal::CutPoints& cut_points) {
  const ColumnView tier = features.column(rules::kTier);
  if (tier.IsValid(row)) return customers::TierNamed(tier.String(row));
  // Rules that never ask for tiers have none computed.
  const ColumnView clv = features.column(rules::kClv);
  return clv.IsValid(row) ? customers::TierOf(clv.Double(row), cut_points) : customers::Tier::kNone;
}

}  // namespace

PopulationMix::PopulationMix(const decision::World& world, int32_t budget)
    : world_(&world),
      budget_(&world.rules->budgets[static_cast<size_t>(budget)]),
      stages_(world.rules->tracks.empty() ? 0 : world.rules->tracks.front().stages.size()),
      customers_(budget_->segments.size() * (stages_ + 1) * kTierSlots, 0) {}

void PopulationMix::Add(const Batch& features, absl::Span<const uint8_t> segment_of,
                        absl::Span<const customers::Profile> profiles) {
  for (size_t row = 0; row < segment_of.size(); ++row) {
    size_t stage = 0;
    while (stage < stages_ &&
           world_->rules->tracks.front().stages[stage].id != profiles[row].stage) {
      ++stage;
    }
    const auto tier = static_cast<size_t>(TierOfRow(features, row, world_->valuation.cut_points));
    ++customers_[(segment_of[row] * (stages_ + 1) + stage) * kTierSlots + tier];
  }
}

void PopulationMix::Add(const PopulationMix& other) {
  for (size_t i = 0; i < customers_.size(); ++i) customers_[i] += other.customers_[i];
}

std::vector<journal::PlanShareRecord> PopulationMix::Records() const {
  std::vector<journal::PlanShareRecord> records;
  for (size_t i = 0; i < customers_.size(); ++i) {
    if (customers_[i] == 0) continue;
    const size_t stage = i / kTierSlots % (stages_ + 1);
    journal::PlanShareRecord record;
    record.segment = budget_->segments[i / kTierSlots / (stages_ + 1)].id;
    if (stage < stages_) record.stage = world_->rules->tracks.front().stages[stage].id;
    record.tier = std::string(customers::TierName(static_cast<customers::Tier>(i % kTierSlots)));
    record.customers = customers_[i];
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<journal::PlanShareRecord> MixAt(const decision::World& world,
                                            const customers::Population& population, int32_t budget,
                                            int64_t at_us, uint32_t at_most) {
  PopulationMix mix(world, budget);
  const uint32_t size = population.size();
  const uint32_t step = size <= at_most ? 1 : (size - 1) / at_most + 1;
  std::vector<uint32_t> numbers;
  std::vector<customers::Profile> profiles;
  std::vector<uint8_t> segment_of;
  for (uint32_t next = 1; next <= size;) {
    numbers.clear();
    for (; next <= size && numbers.size() < decision::kRowsTogether; next += step) {
      numbers.push_back(next);
    }
    Batch features(world.rules->schema, numbers.size());
    population.Gather(numbers, at_us, world.valuation, &features, &profiles);
    AssignSegments(world.rules->budgets[static_cast<size_t>(budget)], features, &segment_of);
    mix.Add(features, segment_of, profiles);
  }
  return mix.Records();
}

MixChange CompareMixes(absl::Span<const journal::PlanShareRecord> before,
                       absl::Span<const journal::PlanShareRecord> after) {
  struct Shares {
    double before = 0;
    double after = 0;
  };
  std::map<std::tuple<std::string, std::string, std::string>, Shares> shares;
  double all_before = 0, all_after = 0;
  for (const journal::PlanShareRecord& record : before) {
    all_before += static_cast<double>(record.customers);
  }
  for (const journal::PlanShareRecord& record : after) {
    all_after += static_cast<double>(record.customers);
  }
  for (const journal::PlanShareRecord& record : before) {
    shares[{record.segment, record.stage, record.tier}].before =
        static_cast<double>(record.customers) / all_before;
  }
  for (const journal::PlanShareRecord& record : after) {
    shares[{record.segment, record.stage, record.tier}].after =
        static_cast<double>(record.customers) / all_after;
  }
  MixChange change;
  double most = -1;
  for (const auto& [name, its] : shares) {
    const double difference = std::abs(its.after - its.before);
    change.share += difference / 2;
    change.by_chance += std::sqrt(2 * its.before * (1 - its.before) / (M_PI * all_after)) / 2;
    if (difference <= most + 1e-12) continue;  // of equals the first
    most = difference;
    const auto& [segment, stage, tier] = name;
    change.most = absl::StrCat("segment ", segment, stage.empty() ? "" : ", stage ", stage,
                               tier.empty() ? "" : ", tier ", tier);
    change.most_before = its.before;
    change.most_after = its.after;
  }
  return change;
}

}  // namespace tenure::planning
