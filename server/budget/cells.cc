#include "server/budget/cells.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <set>

#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/response_curve.h"

namespace tenure::budget {
namespace {

constexpr size_t kSearched = 12;  // S-shaped cells whose every set is tried

// How an S-shaped cell is treated: by its envelope for the bound, on its concave part, or left at
// its minimum.
enum class Mode { kEnvelope, kUsed, kUnused };

// The lowest price >= 0 at which falling `demand` is within the limit, exact to the last bit.
double LowestPrice(const std::function<double(double)>& demand, double limit) {
  if (demand(0) <= limit) return 0;
  uint64_t above = 0;
  uint64_t fits = 0;
  const double most = std::numeric_limits<double>::max();
  std::memcpy(&fits, &most, sizeof(fits));
  while (fits - above > 1) {
    const uint64_t middle = above + (fits - above) / 2;
    double price = 0;
    std::memcpy(&price, &middle, sizeof(price));
    (demand(price) <= limit ? fits : above) = middle;
  }
  double price = 0;
  std::memcpy(&price, &fits, sizeof(price));
  return price;
}

class CellsProblem {
 public:
  CellsProblem(const CellsInput& input, std::vector<Mode> modes)
      : input_(input), modes_(std::move(modes)), own_(input.groups.size(), 0) {
    members_.resize(input.groups.size());
    for (size_t i = 0; i < input.cells.size(); ++i) {
      if (input.cells[i].group >= 0) {
        members_[static_cast<size_t>(input.cells[i].group)].push_back(i);
      }
    }
    for (size_t g = 0; g < input.groups.size(); ++g) {
      if (input.groups[g].cap_micros == kUncapped) continue;
      own_[g] = LowestPrice([&](double p) { return GroupDemand(g, p); },
                            UnitsFromMicros(input.groups[g].cap_micros));
    }
    price_ = LowestPrice([&](double p) { return Demand(p); }, UnitsFromMicros(input.budget_micros));
  }

  double price() const { return price_; }
  double PriceOf(size_t cell) const {
    const int32_t group = input_.cells[cell].group;
    return group < 0 ? price_ : std::max(price_, own_[static_cast<size_t>(group)]);
  }
  double GroupPrice(size_t group) const { return std::max(price_, own_[group]) - price_; }

  // Whole micros: everybody's demand rounded down, then the rest to who is at the margin, lowest
  // position first. Empty when the cells' least amounts exceed the budget or a group.
  std::vector<int64_t> Amounts() const {
    std::vector<int64_t> amounts;
    int64_t left = input_.budget_micros;
    std::vector<int64_t> group_left;
    for (const CellGroup& group : input_.groups) group_left.push_back(group.cap_micros);
    for (size_t i = 0; i < input_.cells.size(); ++i) {
      amounts.push_back(Micros(i, CellDemand(i, PriceOf(i))));
      left -= amounts[i];
      if (input_.cells[i].group >= 0) {
        group_left[static_cast<size_t>(input_.cells[i].group)] -= amounts[i];
      }
    }
    if (left < 0 || std::any_of(group_left.begin(), group_left.end(),
                                [](int64_t micros) { return micros < 0; })) {
      return {};
    }
    for (size_t i = 0; i < input_.cells.size() && left > 0; ++i) {
      int64_t more = Micros(i, CellDemand(i, PriceOf(i) * (1 - 1e-9))) - amounts[i];
      more = std::min(more, left);
      if (input_.cells[i].group >= 0) {
        auto& room = group_left[static_cast<size_t>(input_.cells[i].group)];
        more = std::min(more, room);
        room -= more;
      }
      amounts[i] += more;
      left -= more;
    }
    return amounts;
  }

  // The dual value at these prices.
  double Bound() const {
    double bound = price_ * UnitsFromMicros(input_.budget_micros);
    double size = bound;
    for (size_t g = 0; g < input_.groups.size(); ++g) {
      if (GroupPrice(g) > 0) bound += GroupPrice(g) * UnitsFromMicros(input_.groups[g].cap_micros);
    }
    for (size_t i = 0; i < input_.cells.size(); ++i) {
      const double x = CellDemand(i, PriceOf(i));
      const double value = Envelope(input_.cells[i].curve, x);
      bound += value - PriceOf(i) * x;
      size += std::abs(value) + std::abs(PriceOf(i) * x);
    }
    return bound + 64 * 0x1.0p-53 * size;  // a few last places in each power and logarithm
  }

 private:
  static double Envelope(const ResponseCurve& curve, double x) {
    const double tangent = TangentPoint(curve);
    if (x >= tangent) return CurveValue(curve, x);
    return CurveValue(curve, tangent) / tangent * x;
  }

  double CellDemand(size_t i, double price) const {
    const Cell& cell = input_.cells[i];
    const double most =
        UnitsFromMicros(std::max(cell.min_micros, std::min(cell.max_micros, input_.budget_micros)));
    const double least = UnitsFromMicros(cell.min_micros);
    if (modes_[i] == Mode::kUnused) return least;
    double x = ConcaveDemand(cell.curve, price);
    const double tangent = TangentPoint(cell.curve);
    if (modes_[i] == Mode::kEnvelope && tangent > 0) {
      x = price >= CurveValue(cell.curve, tangent) / tangent ? 0 : std::max(x, tangent);
    }
    return std::clamp(x, least, most);
  }
  double GroupDemand(size_t group, double price) const {
    double demand = 0;
    for (const size_t cell : members_[group]) demand += CellDemand(cell, price);
    return demand;
  }
  double Demand(double price) const {
    double demand = 0;
    for (size_t i = 0; i < input_.cells.size(); ++i) {
      const int32_t group = input_.cells[i].group;
      demand +=
          CellDemand(i, group < 0 ? price : std::max(price, own_[static_cast<size_t>(group)]));
    }
    return demand;
  }
  int64_t Micros(size_t i, double x) const {
    // Amounts that are whole micros stay so: a double holds them to a part of a micro.
    const double micros = x * static_cast<double>(kMicrosPerUnit);
    const double nearest = std::round(micros);
    const bool whole = std::abs(micros - nearest) < 1e-3;
    const auto amount = static_cast<int64_t>(whole ? nearest : std::floor(micros));
    return std::max(amount, input_.cells[i].min_micros);
  }

  const CellsInput& input_;
  const std::vector<Mode> modes_;
  std::vector<std::vector<size_t>> members_;
  std::vector<double> own_;  // per group, the price at which it just fits its cap
  double price_ = 0;
};

double TotalValue(const CellsInput& input, const std::vector<int64_t>& amounts) {
  double value = 0;
  for (size_t i = 0; i < amounts.size(); ++i) {
    value += CurveValue(input.cells[i].curve, UnitsFromMicros(amounts[i]));
  }
  return value;
}

absl::Status Check(const CellsInput& input) {
  if (input.budget_micros < 0) return absl::InvalidArgumentError("budget_micros: is negative");
  std::set<std::string> ids;
  for (size_t i = 0; i < input.cells.size(); ++i) {
    const Cell& cell = input.cells[i];
    const std::string where = absl::StrCat("cells[", i, "]");
    TENURE_RETURN_IF_ERROR(Annotate(CheckCurve(cell.curve), absl::StrCat(where, ".curve")));
    if (!ids.insert(cell.id).second) {
      return absl::InvalidArgumentError(absl::StrCat(where, ".id: '", cell.id, "' stands twice"));
    }
    if (cell.min_micros < 0 || cell.min_micros > cell.max_micros) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": needs 0 <= min <= max"));
    }
    if (cell.group < -1 || cell.group >= static_cast<int32_t>(input.groups.size())) {
      return absl::InvalidArgumentError(absl::StrCat(where, ".group: is not a position in groups"));
    }
  }
  for (size_t g = 0; g < input.groups.size(); ++g) {
    if (input.groups[g].cap_micros < 0) {
      return absl::InvalidArgumentError(absl::StrCat("groups[", g, "].cap_micros: is negative"));
    }
  }
  return absl::OkStatus();
}

std::string FindConflict(const CellsInput& input) {
  __extension__ using Wide = __int128;
  Wide all = 0;
  std::vector<Wide> grouped(input.groups.size(), 0);
  for (const Cell& cell : input.cells) {
    all += cell.min_micros;
    if (cell.group >= 0) grouped[static_cast<size_t>(cell.group)] += cell.min_micros;
  }
  const auto conflict = [](absl::string_view where, Wide sum, int64_t cap) {
    const auto total = static_cast<int64_t>(std::min<Wide>(sum, kUncapped));
    return absl::StrCat("the minima of ", where, " sum to ", FormatMicros(total), ", it has ",
                        FormatMicros(cap), ": ", FormatMicros(total - cap), " short");
  };
  for (size_t g = 0; g < grouped.size(); ++g) {
    if (grouped[g] > input.groups[g].cap_micros) {
      return conflict(absl::StrCat("'", input.groups[g].id, "'"), grouped[g],
                      input.groups[g].cap_micros);
    }
  }
  return all > input.budget_micros ? conflict("the budget", all, input.budget_micros) : "";
}

}  // namespace

absl::StatusOr<CellsResult> SolveCells(const CellsInput& input) {
  TENURE_RETURN_IF_ERROR(Check(input));
  CellsResult result;
  result.infeasible = FindConflict(input);
  if (!result.infeasible.empty()) {
    result.status = PlanStatus::kInfeasible;
    return result;
  }
  const CellsProblem envelope(input, std::vector<Mode>(input.cells.size(), Mode::kEnvelope));
  result.price = envelope.price();
  for (size_t g = 0; g < input.groups.size(); ++g) {
    result.group_price.push_back(envelope.GroupPrice(g));
  }
  result.upper_bound = envelope.Bound();
  result.amount = envelope.Amounts();
  result.achieved = TotalValue(input, result.amount);
  std::vector<size_t> s_shaped;
  for (size_t i = 0; i < input.cells.size(); ++i) {
    if (IsSShaped(input.cells[i].curve)) s_shaped.push_back(i);
  }
  const size_t sets = s_shaped.size() <= kSearched ? size_t{1} << s_shaped.size() : 0;
  for (size_t set = 0; set < sets && !s_shaped.empty(); ++set) {
    std::vector<Mode> modes(input.cells.size(), Mode::kEnvelope);
    for (size_t k = 0; k < s_shaped.size(); ++k) {
      modes[s_shaped[k]] = (set >> k & 1u) != 0 ? Mode::kUsed : Mode::kUnused;
    }
    const std::vector<int64_t> amounts = CellsProblem(input, modes).Amounts();
    if (amounts.empty()) continue;
    const double value = TotalValue(input, amounts);
    if (value <= result.achieved) continue;
    result.achieved = value;
    result.amount = amounts;
  }
  result.gap = result.upper_bound > 0
                   ? std::max(0.0, (result.upper_bound - result.achieved) / result.upper_bound)
                   : 0;
  result.status = result.gap <= 1e-9 ? PlanStatus::kOptimal : PlanStatus::kCertified;
  return result;
}

}  // namespace tenure::budget
