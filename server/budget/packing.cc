#include "server/budget/packing.h"

#include <algorithm>
#include <numeric>

namespace tenure::budget {
namespace {

struct Measures {
  uint32_t offers = 0;  // of the customer who has most
  int64_t unit = 1;     // divides every charge
  bool floats = true;   // every value is one
  bool fits = true;
};

Measures Measure(const PlanProblem& problem) {
  Measures measures;
  for (uint32_t customer = 0; customer < problem.customers; ++customer) {
    measures.offers =
        std::max(measures.offers, problem.first[customer + 1] - problem.first[customer]);
  }
  int64_t unit = 0;
  int64_t most = 0;
  for (size_t i = 0; i < problem.charge.size(); ++i) {
    if (unit != 1) unit = std::gcd(unit, problem.charge[i]);
    most = std::max(most, problem.charge[i]);
    const double value = problem.value[i];
    if (value > static_cast<double>(std::numeric_limits<float>::max())) measures.fits = false;
    measures.floats &= static_cast<double>(static_cast<float>(value)) == value;
  }
  measures.unit = std::max<int64_t>(unit, 1);
  measures.fits &= problem.separable && measures.offers <= PackedOffers::kMostOffers &&
                   most / measures.unit <= int64_t{PackedOffers::kMostCost};
  return measures;
}

}  // namespace

std::optional<Packing> Pack(const std::vector<PlanNode>& nodes, const PlanProblem& problem) {
  const Measures measures = Measure(problem);
  if (!measures.fits) return std::nullopt;
  Packing packing;
  std::vector<uint32_t> customers_of_node(nodes.size(), 0);
  packing.place.assign(problem.customers, Packing::kNoPlace);
  for (uint32_t customer = 0; customer < problem.customers; ++customer) {
    const uint32_t first = problem.first[customer];
    if (first == problem.first[customer + 1]) continue;
    packing.place[customer] = customers_of_node[static_cast<size_t>(problem.node[first])]++;
  }
  packing.offers = std::make_unique<PackedOffers>(customers_of_node, std::max(1u, measures.offers),
                                                  measures.unit);
  PackedOffers& offers = *packing.offers;
  if (!measures.floats) packing.originals.resize(size_t{offers.places()} * offers.offers());
  for (uint32_t customer = 0; customer < problem.customers; ++customer) {
    uint32_t& place = packing.place[customer];
    if (place == Packing::kNoPlace) continue;
    const uint32_t first = problem.first[customer];
    place = offers.Place(static_cast<size_t>(problem.node[first]), place);
    for (uint32_t i = first; i < problem.first[customer + 1]; ++i) {
      offers.Set(place, i - first, static_cast<uint32_t>(problem.charge[i] / measures.unit),
                 static_cast<float>(problem.value[i]));
      if (measures.floats) continue;
      packing.originals[size_t{place} * offers.offers() + i - first] = problem.value[i];
    }
  }
  packing.input.nodes = nodes;
  packing.input.offers = packing.offers.get();
  if (!measures.floats) packing.input.originals = packing.originals.data();
  return packing;
}

}  // namespace tenure::budget
