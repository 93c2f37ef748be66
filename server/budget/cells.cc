#include "server/budget/cells.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/cells_amounts.h"
#include "server/budget/cells_check.h"
#include "server/budget/cells_polish.h"
#include "server/budget/cells_prices.h"
#include "server/budget/cells_stop.h"
#include "server/budget/cells_verifier.h"
#include "server/budget/response_curve.h"

namespace tenure::budget {
namespace {

constexpr size_t kSearched = 12;          // S-shaped cells whose every set is tried, at most,
constexpr size_t kSetsByCells = 1 << 20;  // and sets times cells
constexpr size_t kLimitWork = 256;        // times that where limits stand across groups
constexpr size_t kPolished = 32;          // cells whose pairs are searched, at most

double TotalValue(const CellsInput& input, const std::vector<int64_t>& amounts) {
  double value = 0;
  for (size_t i = 0; i < amounts.size(); ++i) {
    value += CurveValue(input.cells[i].curve, UnitsFromMicros(amounts[i]));
  }
  return value;
}

// The S-shaped cells whose sets are tried: those nearest to being worth it and not. The others do
// as their envelope says.
std::vector<size_t> Searched(const CellsInput& input, const CellsPrices& envelope) {
  std::vector<size_t> s_shaped;
  for (size_t i = 0; i < input.cells.size(); ++i) {
    if (IsSShaped(input.cells[i].curve)) s_shaped.push_back(i);
  }
  const auto distance = [&](size_t i) {
    const ResponseCurve& curve = input.cells[i].curve;
    const double tangent = TangentPoint(curve);
    return std::abs(CurveValue(curve, tangent) / tangent - envelope.Of(i));
  };
  std::stable_sort(s_shaped.begin(), s_shaped.end(),
                   [&](size_t a, size_t b) { return distance(a) < distance(b); });
  size_t searched = std::min(s_shaped.size(), kSearched);
  // Limits across the groups have their prices found in turn, which is so much more work.
  const size_t work = input.cells.size() * (input.limits.empty() ? 1 : kLimitWork);
  while (searched > 0 && (work << searched) > kSetsByCells) --searched;
  s_shaped.resize(searched);
  return s_shaped;
}

// Cells in the order of their ids.
void SolveSorted(const CellsInput& input, CellsStop* stop, CellsResult* result) {
  const std::vector<CellMode> all(input.cells.size(), CellMode::kEnvelope);
  const CellsPrices envelope(input, all, 0, stop);
  result->price = envelope.budget();
  for (size_t g = 0; g < input.groups.size(); ++g) {
    result->group_price.push_back(envelope.Group(g));
  }
  for (size_t l = 0; l < input.limits.size(); ++l) {
    result->limit_price.push_back(envelope.Limit(l));
  }
  result->upper_bound = envelope.Bound();
  const auto keep_better = [&](std::vector<int64_t> amounts) {
    if (amounts.empty()) return;
    const double value = TotalValue(input, amounts);
    if (!result->amount.empty() && value <= result->achieved) return;
    result->achieved = value;
    result->amount = std::move(amounts);
  };
  keep_better(WholeMicros(input, all, envelope));
  const std::vector<size_t> searched = Searched(input, envelope);
  const size_t sets = searched.empty() ? 0 : size_t{1} << searched.size();
  for (size_t set = 0; set < sets && !stop->Now(); ++set) {
    std::vector<CellMode> modes = all;
    for (size_t k = 0; k < searched.size(); ++k) {
      modes[searched[k]] = (set >> k & 1u) != 0 ? CellMode::kUsed : CellMode::kUnused;
    }
    keep_better(WholeMicros(input, modes, CellsPrices(input, modes, envelope.budget(), stop)));
  }
  if (!searched.empty() && input.cells.size() <= kPolished && !stop->Now()) {
    std::vector<int64_t> amounts = result->amount;
    PolishCells(input, &amounts);
    keep_better(std::move(amounts));
  }
}

// Ties go by id and sums are taken in its order, wherever a cell stands in the input.
CellsInput Sorted(const CellsInput& input, const std::vector<size_t>& order) {
  CellsInput sorted;
  sorted.budget_micros = input.budget_micros;
  sorted.groups = input.groups;
  sorted.cells.reserve(order.size());
  for (const size_t i : order) {
    const Cell& cell = input.cells[i];
    sorted.cells.push_back({"", cell.curve, cell.min_micros, cell.max_micros, cell.group});
  }
  if (input.limits.empty()) return sorted;
  std::vector<int32_t> place(order.size());
  for (size_t k = 0; k < order.size(); ++k) place[order[k]] = static_cast<int32_t>(k);
  sorted.limits = input.limits;
  for (CellLimit& limit : sorted.limits) {
    for (int32_t& cell : limit.cells) cell = place[static_cast<size_t>(cell)];
    std::sort(limit.cells.begin(), limit.cells.end());
  }
  return sorted;
}

}  // namespace

absl::StatusOr<CellsResult> SolveCells(const CellsInput& input, const CellsOptions& options) {
  const int64_t began_us = MonotonicUs();
  TENURE_ASSIGN_OR_RETURN(const std::vector<size_t> order, CheckCells(input));
  CellsResult result;
  result.conflict = FindCellConflict(input);
  if (result.conflict.has_value()) {
    const CellConflict& its = *result.conflict;
    result.status = PlanStatus::kInfeasible;
    result.infeasible =
        absl::StrCat("the minima of '", its.node, "' sum to ", FormatMicros(its.floors_micros),
                     ", it has ", FormatMicros(its.cap_micros), ": ",
                     FormatMicros(its.floors_micros - its.cap_micros), " short");
    return result;
  }
  CellsStop stop(options);
  if (std::is_sorted(order.begin(), order.end())) {
    SolveSorted(input, &stop, &result);
  } else {
    SolveSorted(Sorted(input, order), &stop, &result);
  }
  std::vector<int64_t> amount(result.amount.size());
  for (size_t k = 0; k < amount.size(); ++k) amount[order[k]] = result.amount[k];
  result.amount = std::move(amount);
  result.gap = result.upper_bound > 0
                   ? std::max(0.0, (result.upper_bound - result.achieved) / result.upper_bound)
                   : 0;
  result.status = result.gap <= 1e-9 ? PlanStatus::kOptimal : PlanStatus::kCertified;
  result.stopped = stop.stopped();
  TENURE_RETURN_IF_ERROR(VerifyCells(input, result));
  result.seconds = static_cast<double>(MonotonicUs() - began_us) * 1e-6;
  return result;
}

}  // namespace tenure::budget
