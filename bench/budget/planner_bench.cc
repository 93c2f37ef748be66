// The planner's figures on the campaign instances (N customers, eight offers, 20 segments): gaps by
// size, time as a ratio to one streaming read of the packed input and to Clp's dual simplex in the
// same run, memory as a ratio to the packed input, proofs for few customers, limits in number, and
// cells.
// planner_bench [--slow | --cells]: only what takes minutes (a million customers with limits in
// number, and Clp with 100,000); only cells.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/budget/cells.h"
#include "server/budget/packed_planner.h"
#include "server/budget/planner.h"
#include "tests/budget/plan_instances.h"
#ifdef TENURE_WITH_CLP
#include "bench/budget/clp_baseline.h"
#endif

namespace tenure::budget {
namespace {

constexpr int kRuns = 5;

double SecondsSince(int64_t started_us) {
  return static_cast<double>(MonotonicUs() - started_us) * 1e-6;
}

// Seconds of the fastest read of the whole input, eight bytes at a time.
double StreamingRead(const PackedOffers& offers) {
  double fastest = 1e9;
  uint64_t sum = 0;
  for (int run = 0; run < kRuns; ++run) {
    const int64_t started_us = MonotonicUs();
    const auto* words = reinterpret_cast<const unsigned char*>(offers.block(0));
    uint64_t lanes[8] = {};
    for (size_t at = 0; at < offers.bytes(); at += sizeof(lanes)) {
      uint64_t line[8];
      std::memcpy(line, words + at, sizeof(line));
      for (size_t i = 0; i < 8; ++i) lanes[i] += line[i];
    }
    for (const uint64_t lane : lanes) sum += lane;
    fastest = std::min(fastest, SecondsSince(started_us));
  }
  // The sum is used, so that the reads are not left out.
  if (sum == 1) std::printf("\n");
  return std::max(fastest, 1e-6);
}

double PeakBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

void Packed(uint32_t customers) {
  const double before = PeakBytes();
  const PackedInstance instance = MakePackedCampaign(customers, 1, false);
  const double read = StreamingRead(*instance.offers);
  const auto bytes = static_cast<double>(instance.offers->bytes());
  std::printf("%9u customers, packed: one read %.5f s (%.1f GB/s)\n", customers, read,
              bytes / read * 1e-9);
  for (const int threads : {1, 2}) {
    double fastest = 1e9;
    double gap = 0;
    uint32_t undecided = 0;
    for (int run = 0; run < kRuns; ++run) {
      const auto result = SolvePacked(instance.input, {.threads = threads});
      if (!result.ok()) {
        std::printf("%s\n", result.status().ToString().c_str());
        return;
      }
      fastest = std::min(fastest, result->seconds);
      gap = result->gap;
      undecided = result->undecided;
    }
    std::printf(
        "  %d thread(s): gap %.2e, %.5f s, %.2f x one read, %u sorted, "
        "peak memory %.3f x packed\n",
        threads, gap, fastest, fastest / read, undecided, (PeakBytes() - before) / bytes);
  }
}

void Few() {
  int proven = 0;
  double slowest = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const auto result = Solve(MakeCampaignInstance(200, seed));
    proven += result.ok() && result->proven ? 1 : 0;
    if (result.ok()) slowest = std::max(slowest, result->seconds);
  }
  std::printf("      200 customers: %d of 10 proven optimal, slowest %.3f s\n", proven, slowest);
}

// Each offer for at most one customer in forty.
void Counted(uint32_t customers) {
  PlanInput input = MakeCampaignInstance(customers, 1);
  for (int32_t offer = 0; offer < 8; ++offer) {
    input.side_limits.push_back(
        {"offer" + std::to_string(offer), SideLimit::Measure::kCount, customers / 40, {offer}});
  }
  const auto result = Solve(input);
  if (!result.ok()) return;
  std::printf("%9u customers, offers limited in number: gap %.2e, %.3f s\n", customers, result->gap,
              result->seconds);
}

std::string Name(const char* kind, int number) {
  std::string name = kind;
  name += std::to_string(number);
  return name;
}

enum class Shape { kConcave, kPieces, kFloors, kLimits };

// So many cells of all kinds, a unit of money each; pieces and all else that Shape adds.
CellsInput MakeCells(int count, Shape shape) {
  CellsInput input;
  input.budget_micros = int64_t{count} * 1'000'000;
  const int kinds = shape == Shape::kConcave ? 4 : 5;
  for (int i = 0; i < count; ++i) {
    const auto kind = static_cast<ResponseCurve::Kind>(i % kinds);
    Cell cell{Name("cell", i), {kind, 1 + 0.3 * (i % 17), 1 + 0.7 * (i % 5), 1, {}}};
    const double slope = 0.2 + 0.01 * (i * 7919 % 213);
    cell.curve.pieces = {{0.5 + i % 3, 2 * slope}, {4, slope}, {9, slope / 3}};
    input.cells.push_back(std::move(cell));
  }
  if (shape == Shape::kFloors) {
    // Twenty segments, every other with a floor above what it would take, every fifth with a cap.
    const int64_t share = input.budget_micros / 20;
    for (int g = 0; g < 20; ++g) {
      const int64_t cap = g % 5 == 4 ? share / 2 : kUncapped;
      input.groups.push_back({Name("s", g), cap, -1, g % 2 == 0 ? share * 2 / 5 : 0});
    }
    for (int i = 0; i < count; ++i) input.cells[static_cast<size_t>(i)].group = i / 3 % 20;
  }
  for (int l = 0; shape == Shape::kLimits && l < 10; ++l) {
    CellLimit limit{Name("l", l), input.budget_micros / 30 + l * 10'000'000, {}};
    for (int i = 0; i < count; ++i) {
      if ((i * 31 + i / 7) % 10 == l || i % 23 == l) limit.cells.push_back(i);
    }
    input.limits.push_back(std::move(limit));
  }
  return input;
}

void Cells(int count, Shape shape, const char* name) {
  const CellsInput input = MakeCells(count, shape);
  double fastest = 1e9;
  double gap = 0;
  for (int run = 0; run < (shape == Shape::kLimits ? 2 : 20); ++run) {
    const int64_t started_us = MonotonicUs();
    const auto result = SolveCells(input);
    fastest = std::min(fastest, SecondsSince(started_us));
    if (result.ok()) gap = result->gap;
  }
  std::printf("%9d cells, %s: gap %.2e, %.3f ms\n", count, name, gap, fastest * 1e3);
}

void AllCells() {
  for (const int cells : {20, 10'000}) {
    Cells(cells, Shape::kConcave, "concave");
    Cells(cells, Shape::kPieces, "pieces among them");
    Cells(cells, Shape::kFloors, "pieces, floors and caps among them");
  }
  Cells(2'000, Shape::kLimits, "ten limits across them");
}

void Clp([[maybe_unused]] uint32_t customers) {
#ifdef TENURE_WITH_CLP
  const ClpResult clp = SolveWithClp(MakeCampaignInstance(customers, 1));
  const PackedInstance packed = MakePackedCampaign(customers, 1, true);
  double fastest = 1e9;
  double bound = 0;
  for (int run = 0; run < kRuns; ++run) {
    const auto result = SolvePacked(packed.input);
    if (!result.ok()) return;
    fastest = std::min(fastest, result->seconds);
    bound = result->upper_bound;
  }
  std::printf(
      "%9u customers: Clp's dual simplex %.3f s, this %.5f s with its integer plan: "
      "%.0f x; bounds differ by %.1e\n",
      customers, clp.seconds, fastest, clp.seconds / fastest,
      std::abs(bound - clp.objective) / bound);
#else
  std::printf("Clp is not installed (coinor-libclp-dev): no comparison\n");
#endif
}

}  // namespace
}  // namespace tenure::budget

int main(int argc, char** argv) {
  const bool slow = argc == 2 && std::strcmp(argv[1], "--slow") == 0;
  const bool cells = argc == 2 && std::strcmp(argv[1], "--cells") == 0;
  if (argc > 1 && !slow && !cells) {
    std::fprintf(stderr, "planner_bench [--slow | --cells]\n");
    return 2;
  }
  if (cells) {
    tenure::budget::AllCells();
    return 0;
  }
  if (slow) {
    tenure::budget::Counted(1'000'000);
    tenure::budget::Clp(100'000);
    return 0;
  }
  for (const uint32_t customers : {1'000, 10'000, 100'000, 1'000'000, 10'000'000}) {
    tenure::budget::Packed(customers);
  }
  tenure::budget::Few();
  for (const uint32_t customers : {10'000, 100'000}) tenure::budget::Counted(customers);
  tenure::budget::AllCells();
  tenure::budget::Clp(10'000);
  return 0;
}
