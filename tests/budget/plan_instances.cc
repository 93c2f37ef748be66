#include "tests/budget/plan_instances.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/base/random.h"
#include "tests/budget/brute_force.h"

namespace tenure::budget {
namespace {

constexpr int kSegments = 20;
constexpr int kOffers = 8;
constexpr int64_t kCent = 10'000;

double Normal(Random* random) {
  return std::sqrt(-2 * std::log(random->UniformOpen())) *
         std::cos(2 * 3.14159265358979323846 * random->Uniform());
}

std::vector<uint32_t> SegmentEnds(uint32_t customers) {
  double weights = 0;
  for (int k = 1; k <= kSegments; ++k) weights += std::pow(k, -0.7);
  std::vector<uint32_t> ends;
  double sum = 0;
  for (int k = 1; k <= kSegments; ++k) {
    sum += std::pow(k, -0.7) / weights;
    ends.push_back(static_cast<uint32_t>(sum * customers));
  }
  ends.back() = customers;
  return ends;
}

// Draws everybody in order and calls take(customer, segment, offer, cost in cents, value); returns
// the nodes with their caps.
template <typename Take>
std::vector<PlanNode> DrawCampaign(uint32_t customers, uint64_t seed, Take take) {
  Random random(seed);
  std::vector<PlanNode> nodes = {{"total", -1, 0, 0}};
  for (int k = 1; k <= kSegments; ++k) nodes.push_back({absl::StrCat("segment", k), 0, 0, 0});
  const std::vector<uint32_t> ends = SegmentEnds(customers);
  std::vector<int64_t> unconstrained(kSegments + 1, 0);
  int32_t segment = 1;
  for (uint32_t customer = 0; customer < customers; ++customer) {
    while (customer >= ends[static_cast<size_t>(segment) - 1]) ++segment;
    const double clv = std::exp(4 + Normal(&random));
    const double p = 0.02 + 0.3 * random.Uniform();
    const double tau = 2 + 10 * random.Uniform();
    double best = 0;
    int64_t spend = 0;
    for (int32_t offer = 0; offer < kOffers; ++offer) {
      const double cost = std::round(100 * 0.05 * std::pow(800.0, random.Uniform())) / 100;
      double value = clv * p * (1 - std::exp(-cost / tau)) * (1 + 0.2 * Normal(&random));
      if (random.Uniform() < 0.08) value = -value;
      const int64_t cents = std::llround(cost * 100);
      take(customer, segment, offer, cents, value);
      if (value > best) {
        best = value;
        spend = cents * kCent;
      }
    }
    unconstrained[static_cast<size_t>(segment)] += spend;
  }
  for (size_t k = 1; k <= kSegments; ++k) {
    const double share = 0.05 + 0.35 * random.Uniform();
    nodes[k].cap_micros =
        static_cast<int64_t>(share * static_cast<double>(unconstrained[k]) / kCent) * kCent;
    nodes[0].cap_micros += nodes[k].cap_micros * 3 / 4;
  }
  return nodes;
}

}  // namespace

PlanInput MakeCampaignInstance(uint32_t customers, uint64_t seed) {
  PlanInput input;
  input.customers = customers;
  input.candidates.reserve(static_cast<size_t>(customers) * kOffers);
  input.nodes = DrawCampaign(
      customers, seed,
      [&](uint32_t customer, int32_t segment, int32_t offer, int64_t cents, double value) {
        input.candidates.push_back({customer, segment, offer, cents * kCent, value});
      });
  return input;
}

PackedInstance MakePackedCampaign(uint32_t customers, uint64_t seed, bool with_originals) {
  const std::vector<uint32_t> ends = SegmentEnds(customers);
  std::vector<uint32_t> sizes = {0};
  for (size_t k = 0; k < ends.size(); ++k) sizes.push_back(ends[k] - (k == 0 ? 0 : ends[k - 1]));
  PackedInstance made{{}, std::make_unique<PackedOffers>(sizes, kOffers, kCent), {}, {}};
  if (with_originals) made.originals.resize(size_t{made.offers->places()} * kOffers);
  made.input.nodes = DrawCampaign(
      customers, seed,
      [&](uint32_t customer, int32_t segment, int32_t offer, int64_t cents, double value) {
        const auto k = static_cast<size_t>(segment) - 1;
        const uint32_t place = made.offers->Place(k + 1, customer - (k == 0 ? 0 : ends[k - 1]));
        if (made.place.empty() || made.place.back() != place) made.place.push_back(place);
        const auto o = static_cast<uint32_t>(offer);
        made.offers->Set(place, o, static_cast<uint32_t>(cents), static_cast<float>(value));
        if (with_originals) made.originals[size_t{place} * kOffers + o] = value;
      });
  made.input.offers = made.offers.get();
  if (with_originals) made.input.originals = made.originals.data();
  return made;
}

PlanInput MakeTinyInstance(uint64_t seed, TinyKind kind) {
  Random random(seed);
  const auto below = [&random](uint64_t n) { return static_cast<int64_t>(random.Below(n)); };
  PlanInput input;
  input.customers = static_cast<uint32_t>(1 + random.Below(5));
  const int64_t nodes = 1 + below(4);
  const bool negative = random.Below(20) == 0;
  const bool coarse = random.Below(2) == 0;  // small integers: many ties
  for (int64_t node = 0; node < nodes; ++node) {
    PlanNode made{absl::StrCat("n", node),
                  static_cast<int32_t>(node == 0 ? -1 : below(static_cast<uint64_t>(node))),
                  below(25), 0};
    if (random.Below(8) == 0) made.cap_micros = 0;
    if (random.Below(8) == 0) made.cap_micros = kUncapped;
    if (node > 0 && random.Below(4) == 0) {
      made.floor_micros = std::min<int64_t>(made.cap_micros, below(8));
    }
    input.nodes.push_back(made);
  }
  for (uint32_t customer = 0; customer < input.customers; ++customer) {
    const auto home = static_cast<int32_t>(below(static_cast<uint64_t>(nodes)));
    const int64_t offers = below(5);
    for (int32_t offer = 0; offer < offers; ++offer) {
      const int32_t node = kind != TinyKind::kAcross
                               ? home
                               : static_cast<int32_t>(below(static_cast<uint64_t>(nodes)));
      const int64_t charge = random.Below(6) == 0 ? 0 : below(14);
      double value = coarse ? static_cast<double>(below(9)) - 1 : 10 * random.Uniform() - 1;
      if (negative) value = -std::abs(value);
      input.candidates.push_back({customer, node, offer, charge, value});
    }
  }
  if (kind != TinyKind::kCapped) return input;
  for (int32_t offer = 0; offer < 4; ++offer) {
    if (random.Below(2) == 0) continue;
    input.side_limits.push_back(
        {absl::StrCat("offer", offer), SideLimit::Measure::kCount, below(4), {offer}});
  }
  if (random.Below(2) == 0) {
    input.side_limits.push_back({"channel", SideLimit::Measure::kChargeMicros, below(20), {0, 2}});
  }
  return input;
}

double BruteForce(const PlanInput& input) { return BruteForceAfter(input, {}, {}); }

}  // namespace tenure::budget
