#include "server/clv/outlook.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace tenure::clv {
namespace {

// Gauss-Legendre on [0, 1].
struct Point {
  double at, weight;
};
constexpr Point kFew[] = {{0.06943184420297371, 0.17392742256872687},
                          {0.33000947820757187, 0.32607257743127305},
                          {0.6699905217924281, 0.32607257743127305},
                          {0.9305681557970262, 0.17392742256872687}};
constexpr Point kMany[] = {
    {0.019855071751231856, 0.05061426814518809}, {0.10166676129318658, 0.11119051722668723},
    {0.2372337950418355, 0.1568533229389437},    {0.4082826787521751, 0.181341891689181},
    {0.591717321247825, 0.181341891689181},      {0.7627662049581645, 0.1568533229389437},
    {0.8983332387068135, 0.11119051722668723},   {0.9801449282487682, 0.05061426814518809}};
static_assert(std::size(kFew) % TimeGrid::kBlock == 0 && std::size(kMany) % TimeGrid::kBlock == 0);

static_assert(TimeGrid::kUsual == std::size(kFew) + std::size(kMany));

// How long a panel of 8 points may be, for 1e-7: in ln(1 + u/s), and in the exponent of e^(−δu);
// beyond kNothingLeft of that only undiscounted counts are left. Four points do for a short window.
constexpr double kLongestPanel = 2;
constexpr double kLongestDecay = 6;
constexpr double kNothingLeft = 45;
constexpr double kShortPanel = 0.7;
constexpr double kShortDecay = 0.5;
constexpr double kGentleFall = 3;  // a fall that halves the panels

void AddPanel(double from, double to, double scale, absl::Span<const Point> points,
              TimeGrid* grid) {
  for (const Point& point : points) {
    const double grown = std::exp(from + (to - from) * point.at);
    const size_t j = grid->nodes++;
    grid->time[j] = scale * (grown - 1);
    grid->weight[j] = scale * grown * (to - from) * point.weight;
    grid->discount[j] = std::exp(-grid->discount_rate * grid->time[j]);
  }
}

// From `from` to `to` in ln(1 + u/scale); up to `most` nodes in all.
void AddPanels(double from, double to, double fall, size_t most, TimeGrid* grid) {
  const double scale = grid->scale;
  const double decay = grid->discount_rate * scale;
  const double shorter = 1 / (1 + fall / kGentleFall);
  if (grid->nodes == 0 && to - from <= kShortPanel * shorter &&
      decay * std::exp(from) * std::expm1(to - from) <= kShortDecay) {
    return AddPanel(from, to, scale, kFew, grid);
  }
  while (from < to) {
    double end = std::min(to, from + kLongestPanel * shorter);
    if (decay * std::expm1(from) + fall * from > kNothingLeft) {
      end = to;
    } else if (decay > 0) {
      end = std::min(end, from + std::log1p(kLongestDecay / (decay * std::exp(from))));
    }
    const bool is_last = grid->nodes + 2 * std::size(kMany) > most;
    if (is_last || to - end < 0.1 * (end - from)) end = to;
    AddPanel(from, end, scale, kMany, grid);
    from = end;
  }
}

}  // namespace

TimeGrid TimeGrid::Over(double window, double horizon, double discount_rate, double scale,
                        double fall) {
  TimeGrid grid;
  grid.scale = scale;
  grid.nodes = 0;
  grid.window = std::min(window, horizon);
  grid.horizon = horizon;
  grid.discount_rate = discount_rate;
  const double log_window = std::log1p(grid.window / scale);
  const double log_horizon = std::log1p(horizon / scale);
  AddPanels(0, log_window, fall, kMostNodes - std::size(kMany), &grid);
  grid.window_nodes = grid.nodes;
  AddPanels(log_window, log_horizon, fall, kMostNodes, &grid);
  return grid;
}

TimeGrid TimeGrid::Between(absl::Span<const double> edges, double window, double discount_rate) {
  TimeGrid grid;
  grid.scale = 0;
  grid.nodes = 0;
  grid.window = window;
  grid.window_nodes = 0;
  grid.horizon = edges.back();
  grid.discount_rate = discount_rate;
  for (size_t i = 0; i + 1 < edges.size(); ++i) {
    for (const Point& point : kMany) {
      const size_t j = grid.nodes++;
      grid.time[j] = edges[i] + (edges[i + 1] - edges[i]) * point.at;
      grid.weight[j] = (edges[i + 1] - edges[i]) * point.weight;
      grid.discount[j] = std::exp(-discount_rate * grid.time[j]);
      if (grid.time[j] < window) grid.window_nodes = grid.nodes;
    }
  }
  return grid;
}

double DiscountedSpan(double u, double rate) {
  return rate * u < 1e-8 ? u : -std::expm1(-rate * u) / rate;
}

}  // namespace tenure::clv
