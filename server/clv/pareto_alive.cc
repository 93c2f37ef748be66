#include "server/clv/pareto_alive.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "server/clv/gauss_legendre.h"
#include "server/clv/instructions.h"
#include "server/clv/lanes.h"
#include "server/clv/lomax_race.h"

namespace tenure::clv {
namespace {

// Shapes up to which logs of rounded ratios are precise enough, as in lomax_race.cc.
constexpr double kMostShape = 100;
constexpr size_t kBlock = 512;  // customers whose intermediate figures stay in the first cache
static_assert(kBlock % kLanes == 0);

// The race of LomaxRace since each one's last purchase: scales at recency 0, `near` the smaller.
struct Race {
  LomaxTime near, far;
  bool death_is_near;
};

// Of customers i of a block: the panel of LomaxRace::Integrate is [0, end] in ln(1 + u/scale).
struct Block {
  alignas(64) std::array<double, kBlock> near_scale;   // at the last purchase
  alignas(64) std::array<double, kBlock> end;          //
  alignas(64) std::array<double, kBlock> log_neither;  // up to now
  alignas(64) std::array<double, kBlock> steepness;    // of the integrand over the panel
  std::array<uint16_t, kBlock> few, many;              // who needs one panel of 8 or 16 points
  std::array<uint16_t, kBlock> rest;                   // and who more
  size_t few_count, many_count, rest_count;
};

TENURE_INLINE void Prepare(const Race& race, absl::Span<const History> histories, Block* block) {
  const double gap = race.far.scale - race.near.scale;
  for (size_t i = 0; i < histories.size(); i += kLanes) {
    const size_t count = std::min(histories.size() - i, kLanes);
    Lanes recency{}, age{};
    for (size_t j = 0; j < count; ++j) {
      recency[j] = histories[i + j].recency;
      age[j] = histories[i + j].age;
    }
    const Lanes silence = age - recency;
    const Lanes near_scale = race.near.scale + recency;
    const Lanes end = Log1p(silence / near_scale);
    const Lanes far_end = Log1p(silence / (race.far.scale + recency));
    const Lanes reach = race.near.scale + age;
    const Lanes slope = race.near.shape + race.far.shape * (reach / (gap + reach)) + 1;
    StoreLanes(near_scale, &block->near_scale[i]);
    StoreLanes(end, &block->end[i]);
    StoreLanes(-race.near.shape * end - race.far.shape * far_end, &block->log_neither[i]);
    StoreLanes(slope * end, &block->steepness[i]);
  }
  block->few_count = block->many_count = block->rest_count = 0;
  constexpr RacePanels kPanels = kElevenDigits;
  for (size_t i = 0; i < histories.size(); ++i) {
    const auto customer = static_cast<uint16_t>(i);
    const double end = block->end[i];
    const double steepness = block->steepness[i];
    if (end <= kPanels.few_longest && steepness <= kPanels.few_steepest) {
      block->few[block->few_count++] = customer;
    } else if (end <= kPanels.many_longest && steepness <= kPanels.many_steepest) {
      block->many[block->many_count++] = customer;
    } else {  // NaN, too
      block->rest[block->rest_count++] = customer;
    }
  }
}

// Of those customers, with one panel each: the odds are P(death first) / P(neither).
template <const auto& kRule>
TENURE_INLINE void FillAlive(const Race& race, const Block& block, const uint16_t* customers,
                             size_t customer_count, double* out) {
  const double gap = race.far.scale - race.near.scale;
  const double near_shape = race.near.shape;
  const double far_shape = race.far.shape;
  const double death_shape = race.death_is_near ? near_shape : far_shape;
  for (size_t i = 0; i < customer_count; i += kLanes) {
    const size_t count = std::min(customer_count - i, kLanes);
    // Lanes without a customer have no silence.
    Lanes end{}, log_neither{}, near_scale = AllLanes(1);
    for (size_t j = 0; j < count; ++j) {
      const size_t customer = customers[i + j];
      end[j] = block.end[customer];
      log_neither[j] = block.log_neither[customer];
      near_scale[j] = block.near_scale[customer];
    }
    const Lanes over_far = 1 / (gap + near_scale);
    Lanes deaths{};
    for (size_t k = 0; k < kRule.at.size(); ++k) {
      const Lanes near_log = kRule.at[k] * end;
      const Lanes grown = near_scale * Exp(near_log);
      const Lanes far_log = Log((gap + grown) * over_far);
      const Lanes survival = Exp(-near_shape * near_log - far_shape * far_log);
      // Over u the mass is grown times this; the hazard of death, shape / (scale + u), may take it
      // off again.
      const Lanes mass = kRule.weight[k] * survival;
      deaths += race.death_is_near ? mass : mass * (grown / (gap + grown));
    }
    const Lanes odds = death_shape * end * deaths * Exp(-log_neither);
    const Lanes alive = 1 / (1 + odds);
    for (size_t j = 0; j < count; ++j) out[customers[i + j]] = alive[j];
  }
}

TENURE_INLINE void ParetoAliveLoop(const Race& race, absl::Span<const History> histories,
                                   Block* block, double* out) {
  Prepare(race, histories, block);
  FillAlive<kGauss8>(race, *block, block->few.data(), block->few_count, out);
  FillAlive<kGauss16>(race, *block, block->many.data(), block->many_count, out);
}

TENURE_FOR_ALL_INSTRUCTIONS(ParetoAlive,
                            (const Race& race, absl::Span<const History> histories, Block* block,
                             double* out),
                            (race, histories, block, out))

}  // namespace

void ParetoAliveOfAll(const PurchaseModel& model, absl::Span<const History> histories,
                      absl::Span<double> out) {
  if (histories.empty()) return;
  const absl::Span<const double> at = model.parameters();  // r, α, s, β
  const LomaxTime purchase{at[0] + histories.front().frequency, at[1]};
  const LomaxTime death{at[2], at[3]};
  const bool death_is_near = death.scale < purchase.scale;
  const Race race = {death_is_near ? death : purchase, death_is_near ? purchase : death,
                     death_is_near};
  if (race.far.shape > kMostShape) {
    for (size_t i = 0; i < histories.size(); ++i) out[i] = model.PAlive(histories[i]);
    return;
  }
  Block block;
  for (size_t from = 0; from < histories.size(); from += kBlock) {
    const absl::Span<const History> some = histories.subspan(from, kBlock);
    ParetoAlive(race, some, &block, &out[from]);
    for (size_t i = 0; i < block.rest_count; ++i) {
      const size_t customer = from + block.rest[i];
      out[customer] = model.PAlive(histories[customer]);
    }
  }
}

}  // namespace tenure::clv
