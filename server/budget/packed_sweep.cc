#include "server/budget/packed_sweep.h"

#include <algorithm>
#include <cmath>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tenure::budget {
namespace {

constexpr uint32_t kLanes = PackedOffers::kLanes;
constexpr size_t kAhead = 4;
constexpr float kMostFloat = std::numeric_limits<float>::max();

// What the customers of one block choose. Products and differences are rounded one by one, never
// fused, so that every way of computing them gives the same bits.
struct BlockChoice {
  double score[kLanes];      // at the low price
  double cost[kLanes];       // at the low price
  double offer[kLanes];      // at the low price: offer + 1, 0 for none
  double cost_high[kLanes];  // at the high price
  double largest[kLanes];    // value of any offer
};

struct LaneSums {
  double score[kLanes] = {};
  double largest[kLanes] = {};
  int64_t cost = 0;
  int64_t cost_low = 0;
  int64_t cost_high = 0;

  void Add(const PackedOffers& offers, const BlockChoice& block, uint32_t first_place,
           uint8_t* choice, std::vector<PackedIncrement>* increments) {
    double cost_sum = 0;  // of eight costs below 2^31: exact
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      const bool decided = block.cost[lane] == block.cost_high[lane];
      score[lane] += decided ? block.score[lane] : 0;
      largest[lane] += block.largest[lane];
      cost_sum += decided ? block.cost[lane] : 0;
      choice[lane] = static_cast<uint8_t>(block.offer[lane]);
    }
    cost += static_cast<int64_t>(cost_sum);
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      if (block.cost[lane] == block.cost_high[lane]) continue;
      AddOpen(offers, first_place + lane, block.cost[lane], block.cost_high[lane], increments);
    }
  }
  void AddOpen(const PackedOffers& offers, uint32_t place, double low, double high,
               std::vector<PackedIncrement>* increments) {
    // Between prices next to each other rounding may turn the two around.
    const auto more = static_cast<uint32_t>(std::max(low, high));
    const auto less = static_cast<uint32_t>(std::min(low, high));
    cost_low += more;
    cost_high += less;
    AppendIncrementsBetween(offers, place, less, more, increments);
  }
  SweepTotals Totals(bool malformed) const {
    SweepTotals totals;
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      totals.score_low += score[lane];
      totals.largest_values += largest[lane];
    }
    totals.cost = cost;
    totals.cost_low = cost_low;
    totals.cost_high = cost_high;
    totals.malformed = malformed;
    return totals;
  }
};

bool ChoosePortable(const PackedGroup* groups, uint32_t offers, const PriceRange& range,
                    BlockChoice* block) {
  bool malformed = false;
  double score_high[kLanes] = {};
  *block = {};
  for (uint32_t offer = 0; offer < offers; ++offer) {
    const PackedGroup& group = groups[offer];
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      malformed |= !(std::fabs(group.value[lane]) <= kMostFloat) ||
                   group.cost[lane] > PackedOffers::kMostCost;
      const double value = static_cast<double>(group.value[lane]);
      const double cost = static_cast<double>(static_cast<int32_t>(group.cost[lane]));
      const double low = value - range.low * cost;
      const double high = value - range.high * cost;
      const bool better = low > block->score[lane];
      const bool better_high = high > score_high[lane];
      block->score[lane] = better ? low : block->score[lane];
      block->cost[lane] = better ? cost : block->cost[lane];
      block->offer[lane] = better ? offer + 1 : block->offer[lane];
      score_high[lane] = better_high ? high : score_high[lane];
      block->cost_high[lane] = better_high ? cost : block->cost_high[lane];
      block->largest[lane] = value > block->largest[lane] ? value : block->largest[lane];
    }
  }
  return malformed;
}

SweepTotals SweepPortable(const PackedOffers& offers, const std::vector<uint32_t>& blocks,
                          const PriceRange& range, uint8_t* choice,
                          std::vector<PackedIncrement>* increments) {
  LaneSums sums;
  bool malformed = false;
  BlockChoice block;
  for (const uint32_t b : blocks) {
    malformed |= ChoosePortable(offers.block(b), offers.offers(), range, &block);
    uint8_t unused[kLanes];
    sums.Add(offers, block, b * kLanes, choice != nullptr ? choice + size_t{b} * kLanes : unused,
             increments);
  }
  SweepTotals totals = sums.Totals(malformed);
  if (choice == nullptr) totals = {0, totals.cost, totals.cost_low, totals.cost_high, 0, false};
  return totals;
}

#if defined(__x86_64__)

// Blocks apart from each other are not foreseen by the processor.
inline void Prefetch(const PackedOffers& offers, uint32_t block) {
  const PackedGroup* groups = offers.block(block);
  for (uint32_t offer = 0; offer < offers.offers(); ++offer) __builtin_prefetch(groups + offer);
}

// Four lanes' running choice.
struct Half {
  __m256d score, cost, offer, score_high, cost_high, largest;
};

template <bool kChoose>
__attribute__((target("avx2"), always_inline)) inline void Consider(const float* values,
                                                                    const uint32_t* costs,
                                                                    __m256d number, __m256d low,
                                                                    __m256d high, Half* half) {
  const __m256d value = _mm256_cvtps_pd(_mm_load_ps(values));
  const __m256d cost = _mm256_cvtepi32_pd(_mm_load_si128(reinterpret_cast<const __m128i*>(costs)));
  const __m256d at_low = _mm256_sub_pd(value, _mm256_mul_pd(low, cost));
  const __m256d at_high = _mm256_sub_pd(value, _mm256_mul_pd(high, cost));
  const __m256d better = _mm256_cmp_pd(at_low, half->score, _CMP_GT_OQ);
  const __m256d better_high = _mm256_cmp_pd(at_high, half->score_high, _CMP_GT_OQ);
  half->score = _mm256_max_pd(at_low, half->score);
  half->cost = _mm256_blendv_pd(half->cost, cost, better);
  half->score_high = _mm256_max_pd(at_high, half->score_high);
  half->cost_high = _mm256_blendv_pd(half->cost_high, cost, better_high);
  if constexpr (kChoose) {
    half->offer = _mm256_blendv_pd(half->offer, number, better);
    half->largest = _mm256_max_pd(value, half->largest);
  }
}

template <bool kChoose>
__attribute__((target("avx2"))) SweepTotals SweepAvx2(const PackedOffers& offers,
                                                      const std::vector<uint32_t>& blocks,
                                                      const PriceRange& range, uint8_t* choice,
                                                      std::vector<PackedIncrement>* increments) {
  LaneSums sums;
  const uint32_t count = offers.offers();
  const __m256d low = _mm256_set1_pd(range.low);
  const __m256d high = _mm256_set1_pd(range.high);
  const __m256d one = _mm256_set1_pd(1);
  const __m256 most = _mm256_set1_ps(kMostFloat);
  const __m256 sign = _mm256_set1_ps(-0.0F);
  __m256 malformed_value = _mm256_setzero_ps();
  __m256i any_cost = _mm256_setzero_si256();
  const __m256d zero = _mm256_setzero_pd();
  __m256d score[2] = {zero, zero};
  __m256d largest[2] = {zero, zero};
  __m256d cost = zero;  // of decided lanes; exact below 2^53
  for (size_t i = 0; i < blocks.size(); ++i) {
    const uint32_t b = blocks[i];
    const PackedGroup* groups = offers.block(b);
    if (i + kAhead < blocks.size()) Prefetch(offers, blocks[i + kAhead]);
    Half half[2] = {{zero, zero, zero, zero, zero, zero}, {zero, zero, zero, zero, zero, zero}};
    __m256d number = zero;
    for (uint32_t offer = 0; offer < count; ++offer) {
      const PackedGroup& group = groups[offer];
      if constexpr (kChoose) {
        const __m256 size = _mm256_andnot_ps(sign, _mm256_load_ps(group.value));
        malformed_value = _mm256_or_ps(malformed_value, _mm256_cmp_ps(size, most, _CMP_NLE_UQ));
        any_cost = _mm256_or_si256(any_cost,
                                   _mm256_load_si256(reinterpret_cast<const __m256i*>(group.cost)));
        number = _mm256_add_pd(number, one);
      }
      Consider<kChoose>(group.value, group.cost, number, low, high, &half[0]);
      Consider<kChoose>(group.value + 4, group.cost + 4, number, low, high, &half[1]);
    }
    unsigned open = 0;
    for (int h = 0; h < 2; ++h) {
      const __m256d decided = _mm256_cmp_pd(half[h].cost, half[h].cost_high, _CMP_EQ_OQ);
      cost = _mm256_add_pd(cost, _mm256_and_pd(half[h].cost, decided));
      open |= (~static_cast<unsigned>(_mm256_movemask_pd(decided)) & 0xFu) << (4 * h);
      if constexpr (!kChoose) continue;
      score[h] = _mm256_add_pd(score[h], _mm256_and_pd(half[h].score, decided));
      largest[h] = _mm256_add_pd(largest[h], half[h].largest);
      const __m128i offer = _mm256_cvttpd_epi32(half[h].offer);
      const __m128i bytes = _mm_shuffle_epi8(
          offer, _mm_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
      const int four = _mm_cvtsi128_si32(bytes);
      __builtin_memcpy(choice + size_t{b} * kLanes + 4 * h, &four, 4);
    }
    if (open == 0) continue;
    alignas(32) double low_cost[kLanes];
    alignas(32) double high_cost[kLanes];
    for (int h = 0; h < 2; ++h) {
      _mm256_store_pd(low_cost + 4 * h, half[h].cost);
      _mm256_store_pd(high_cost + 4 * h, half[h].cost_high);
    }
    for (; open != 0; open &= open - 1) {
      const auto lane = static_cast<uint32_t>(__builtin_ctz(open));
      sums.AddOpen(offers, b * kLanes + lane, low_cost[lane], high_cost[lane], increments);
    }
  }
  alignas(32) double costs[4];
  _mm256_store_pd(costs, cost);
  for (const double lane : costs) sums.cost += static_cast<int64_t>(lane);
  for (int h = 0; h < 2; ++h) {
    _mm256_storeu_pd(sums.score + 4 * h, score[h]);
    _mm256_storeu_pd(sums.largest + 4 * h, largest[h]);
  }
  const bool malformed = _mm256_movemask_ps(malformed_value) != 0 ||
                         _mm256_movemask_ps(_mm256_castsi256_ps(any_cost)) != 0;
  return sums.Totals(malformed);
}

#endif

}  // namespace

SweepCode BestSweepCode() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) return SweepCode::kAvx2;
#endif
  return SweepCode::kPortable;
}

SweepTotals Sweep(SweepCode code, const PackedOffers& offers, const std::vector<uint32_t>& blocks,
                  const PriceRange& range, uint8_t* choice,
                  std::vector<PackedIncrement>* increments) {
#if defined(__x86_64__)
  if (code == SweepCode::kAvx2) {
    return choice != nullptr ? SweepAvx2<true>(offers, blocks, range, choice, increments)
                             : SweepAvx2<false>(offers, blocks, range, choice, increments);
  }
#endif
  (void)code;
  return SweepPortable(offers, blocks, range, choice, increments);
}

}  // namespace tenure::budget
