#include "server/validation/correlation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

namespace tenure::validation {
namespace {

// Puts mid-ranks in the place of one of the two values.
void Rank(double Ranked::*value, std::vector<Ranked>* customers) {
  std::vector<size_t> order(customers->size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t l, size_t r) { return (*customers)[l].*value < (*customers)[r].*value; });
  double before = 0;
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    const double here = (*customers)[order[begin]].*value;
    double weight = 0;
    for (end = begin; end < order.size() && (*customers)[order[end]].*value == here; ++end) {
      weight += (*customers)[order[end]].weight;
    }
    for (size_t i = begin; i < end; ++i) (*customers)[order[i]].*value = before + (weight + 1) / 2;
    before += weight;
  }
}

bool Constant(absl::Span<const Ranked> customers, double Ranked::*value) {
  return std::all_of(customers.begin(), customers.end(), [&](const Ranked& customer) {
    return customer.*value == customers[0].*value;
  });
}

}  // namespace

double PearsonCorrelation(absl::Span<const Ranked> customers) {
  if (Constant(customers, &Ranked::prediction) || Constant(customers, &Ranked::actual)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  double weight = 0, prediction = 0, actual = 0;
  for (const Ranked& customer : customers) {
    weight += customer.weight;
    prediction += customer.weight * customer.prediction;
    actual += customer.weight * customer.actual;
  }
  prediction /= weight;
  actual /= weight;
  double xx = 0, yy = 0, xy = 0;
  for (const Ranked& customer : customers) {
    const double x = customer.prediction - prediction;
    const double y = customer.actual - actual;
    xx += customer.weight * x * x;
    yy += customer.weight * y * y;
    xy += customer.weight * x * y;
  }
  return std::clamp(xy / std::sqrt(xx) / std::sqrt(yy), -1.0, 1.0);
}

double SpearmanCorrelation(absl::Span<const Ranked> customers) {
  std::vector<Ranked> ranks(customers.begin(), customers.end());
  Rank(&Ranked::prediction, &ranks);
  Rank(&Ranked::actual, &ranks);
  return PearsonCorrelation(ranks);
}

}  // namespace tenure::validation
