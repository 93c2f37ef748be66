#include "server/budget/packed_verifier.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "absl/strings/str_cat.h"

namespace tenure::budget {
namespace {

__extension__ using Wide = __int128;

absl::Status Wrong(absl::string_view where, absl::string_view what) {
  return absl::InternalError(absl::StrCat("plan: ", where, ": ", what));
}

// The choices of the places from `first` to `end`, all of one node.
struct Part {
  uint32_t first = 0;
  uint32_t end = 0;
  Wide cost = 0;
  long double value = 0;
  bool foreign = false;
};

void Sum(const PackedInput& input, const PackedResult& result, Part* part) {
  const PackedOffers& offers = *input.offers;
  for (uint32_t place = part->first; place < part->end; ++place) {
    const uint32_t choice = result.choice[place];
    if (choice == 0) continue;
    if (choice > offers.offers()) {
      part->foreign = true;
      return;
    }
    part->cost += offers.cost(place, choice - 1);
    part->value += static_cast<long double>(
        input.originals != nullptr ? input.originals[size_t{place} * offers.offers() + choice - 1]
                                   : static_cast<double>(offers.value(place, choice - 1)));
  }
}

// Each node's places in as many parts as there are threads; part t of every node is thread t's.
std::vector<Part> SumAll(const PackedInput& input, const PackedResult& result, size_t threads) {
  std::vector<Part> parts(input.nodes.size() * threads);
  for (size_t node = 0; node < input.nodes.size(); ++node) {
    const uint32_t first = input.offers->first_block(node) * PackedOffers::kLanes;
    const uint32_t end = input.offers->first_block(node + 1) * PackedOffers::kLanes;
    const uint32_t step = (end - first) / static_cast<uint32_t>(threads);
    for (size_t t = 0; t < threads; ++t) {
      Part& part = parts[node * threads + t];
      part.first = first + static_cast<uint32_t>(t) * step;
      part.end = t + 1 == threads ? end : part.first + step;
    }
  }
  const auto run = [&](size_t t) {
    for (size_t i = t; i < parts.size(); i += threads) Sum(input, result, &parts[i]);
  };
  std::vector<std::thread> others;
  for (size_t t = 1; t < threads; ++t) others.emplace_back(run, t);
  run(0);
  for (std::thread& thread : others) thread.join();
  return parts;
}

// What a node takes from its parent: all that is below it, at least its floor.
Wide Taken(const PackedInput& input, const std::vector<std::vector<size_t>>& below,
           const std::vector<Wide>& own, size_t node, bool* fits) {
  Wide sum = own[node];
  for (const size_t child : below[node]) sum += Taken(input, below, own, child, fits);
  if (sum > input.nodes[node].cap_micros) *fits = false;
  return sum < input.nodes[node].floor_micros ? Wide{input.nodes[node].floor_micros} : sum;
}

}  // namespace

absl::Status VerifyPacked(const PackedInput& input, const PackedResult& result, int threads) {
  const PackedOffers& offers = *input.offers;
  if (result.choice.size() != offers.places()) return Wrong("choice", "not one a place");
  const auto most = static_cast<size_t>(std::max(threads, 1));
  const std::vector<Part> parts = SumAll(input, result, most);
  std::vector<Wide> own(input.nodes.size(), 0);
  std::vector<Wide> spent(input.nodes.size(), 0);
  long double value = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].foreign) return Wrong("choice", "is not an offer");
    const Wide charged = parts[i].cost * offers.unit_micros();
    own[i / most] += charged;
    for (auto node = static_cast<int32_t>(i / most); node >= 0;
         node = input.nodes[static_cast<size_t>(node)].parent) {
      spent[static_cast<size_t>(node)] += charged;
    }
    value += parts[i].value;
  }
  std::vector<std::vector<size_t>> below(input.nodes.size());
  for (size_t node = 0; node < input.nodes.size(); ++node) {
    if (input.nodes[node].parent < 0) continue;
    below[static_cast<size_t>(input.nodes[node].parent)].push_back(node);
  }
  for (size_t node = 0; node < input.nodes.size(); ++node) {
    bool fits = true;
    Taken(input, below, own, node, &fits);
    if (!fits) return Wrong(input.nodes[node].id, "over its cap");
    if (spent[node] != result.spend[node]) {
      return Wrong(input.nodes[node].id, "the spend reported is not the sum of its charges");
    }
  }
  const auto achieved = static_cast<double>(value);
  if (!(std::abs(achieved - result.achieved) <= 1e-10 * std::abs(achieved))) {
    return Wrong("achieved", "not the sum of the chosen values");
  }
  if (!(result.upper_bound >= result.achieved * (1 - 1e-12))) {
    return Wrong("upper_bound", "below what was achieved");
  }
  return absl::OkStatus();
}

}  // namespace tenure::budget
