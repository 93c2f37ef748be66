#include "server/planning/demand.h"

#include <algorithm>
#include <cmath>

#include "server/base/money.h"

namespace tenure::planning {
namespace {

constexpr int32_t kOffersPerCampaign = 1 << 12;
// Uses below this are not worth a row: a thousandth of an offer.
constexpr double kLeastUses = 1e-3;

void Add(const Appraised& a, uint32_t position, uint32_t group, double uses, Demand* demand) {
  const auto charge =
      static_cast<int64_t>(std::llround(static_cast<double>(a.charge_micros) * uses));
  demand->candidates.push_back(
      {group, a.segment + 1, a.campaign * kOffersPerCampaign + a.offer, charge, a.value * uses});
  demand->source.push_back(position);
  demand->uses.push_back(static_cast<float>(uses));
}

// One customer's campaigns: where they stand among the candidates, and their best scores.
struct Campaigns {
  std::vector<Wanted> wanted;
  std::vector<std::pair<uint32_t, uint32_t>> range;  // as first in `wanted`
  std::vector<size_t> order;                         // best first
  std::vector<Wanted> sorted;
  std::vector<double> uses;
};

// Those with an offer that is worth its prices.
void Rank(absl::Span<const Appraised> candidates, uint32_t first, uint32_t end, double price,
          double slot_price, Campaigns* out) {
  out->wanted.clear();
  out->range.clear();
  for (uint32_t i = first; i < end;) {
    uint32_t j = i;
    double best = 0;
    for (; j < end && candidates[j].campaign == candidates[i].campaign; ++j) {
      const Appraised& a = candidates[j];
      best = std::max(best, a.value - price * UnitsFromMicros(a.charge_micros) - slot_price);
    }
    if (best > 0) {
      out->wanted.push_back({candidates[i].campaign, best});
      out->range.emplace_back(i, j);
    }
    i = j;
  }
  out->order.resize(out->wanted.size());
  for (size_t k = 0; k < out->order.size(); ++k) out->order[k] = k;
  std::stable_sort(out->order.begin(), out->order.end(),
                   [&](size_t a, size_t b) { return out->wanted[a].score > out->wanted[b].score; });
  out->sorted.clear();
  for (const size_t k : out->order) out->sorted.push_back(out->wanted[k]);
}

}  // namespace

Demand OnceEach(const Appraisal& appraisal, size_t stages) {
  Demand demand;
  demand.groups = static_cast<uint32_t>(appraisal.segment_of.size());
  demand.slot_price.assign(stages, 0);
  const size_t count = appraisal.candidates.size();
  demand.candidates.reserve(count);
  demand.source.reserve(count);
  demand.uses.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    Add(appraisal.candidates[i], i, appraisal.candidates[i].customer - 1, 1, &demand);
  }
  return demand;
}

Demand ByArrivals(const Appraisal& appraisal, const ContactSlots& slots,
                  absl::Span<const double> path_price, absl::Span<const double> slot_price) {
  Demand demand;
  std::vector<std::vector<double>> worth(slot_price.size());  // by stage, of customers
  Campaigns campaigns;
  const std::vector<Appraised>& all = appraisal.candidates;
  const auto count = static_cast<uint32_t>(all.size());
  for (uint32_t first = 0; first < count;) {
    const uint32_t customer = all[first].customer;
    uint32_t end = first;
    while (end < count && all[end].customer == customer) ++end;
    const size_t stage = appraisal.stage_of[customer - 1];
    const double price = path_price[static_cast<size_t>(all[first].segment)];
    Rank(all, first, end, price, slot_price[stage], &campaigns);
    if (!campaigns.sorted.empty()) {
      const double lacking = slots.Expect(stage, campaigns.sorted, &campaigns.uses);
      // Net of the old price: what the slot is worth is before it.
      worth[stage].push_back(lacking > 0 ? lacking + slot_price[stage] : 0);
    }
    for (size_t k = 0; k < campaigns.order.size(); ++k) {
      if (campaigns.uses[k] < kLeastUses) continue;
      const auto [begin, stop] = campaigns.range[campaigns.order[k]];
      for (uint32_t i = begin; i < stop; ++i) {
        Add(all[i], i, demand.groups, campaigns.uses[k], &demand);
      }
      ++demand.groups;
    }
    first = end;
  }
  for (std::vector<double>& stage : worth) demand.slot_price.push_back(SlotPrice(&stage));
  return demand;
}

}  // namespace tenure::planning
