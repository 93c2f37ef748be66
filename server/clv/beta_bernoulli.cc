#include "server/clv/beta_bernoulli.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/clv/rising.h"

namespace tenure::clv {
namespace {

constexpr double kWhole = 1e-6;  // scaling times and back rounds

struct Occasions {
  size_t x, last, n;
};

Occasions OccasionsOf(const PurchaseRow& row) {
  return {static_cast<size_t>(std::llround(row.frequency)),
          static_cast<size_t>(std::llround(row.recency)),
          static_cast<size_t>(std::llround(row.age))};
}

size_t MostOccasions(const Summary& summary) {
  size_t most = 0;
  for (const PurchaseRow& row : summary.rows()) most = std::max(most, OccasionsOf(row).n);
  return most;
}

// ln Γ(c + n) − ln Γ(c) with derivatives for n = 0 … most: sums, so that nothing cancels.
std::vector<Rising> RisingTable(double c, size_t most) {
  std::vector<Rising> table(most + 1);
  for (size_t n = 0; n < most; ++n) {
    const double term = c + static_cast<double>(n);
    const Rising& before = table[n];
    table[n + 1] = {before.log + std::log(term), before.d1 + 1 / term,
                    before.d2 - 1 / (term * term)};
  }
  return table;
}

// ln B(a + k, b + l)/B(a, b) and its derivatives by a and b.
struct BetaRatio {
  double log, by_a, by_b, by_aa, by_ab, by_bb;

  BetaRatio(const Rising& up_a, const Rising& up_b, const Rising& sum)
      : log(up_a.log + up_b.log - sum.log),
        by_a(up_a.d1 - sum.d1),
        by_b(up_b.d1 - sum.d1),
        by_aa(up_a.d2 - sum.d2),
        by_ab(-sum.d2),
        by_bb(up_b.d2 - sum.d2) {}
};

struct BetaTables {
  std::vector<Rising> a, b, sum;

  BetaTables(double first, double second, size_t most)
      : a(RisingTable(first, most)),
        b(RisingTable(second, most)),
        sum(RisingTable(first + second, most)) {}
  BetaRatio At(size_t k, size_t l) const { return {a[k], b[l], sum[k + l]}; }
};

// The log of one way in which a row can have come about, and its derivatives.
struct Way {
  double log;
  Vector gradient;
  BetaRatio buys, stays;
};

// Adds `weight` · ln Σ exp(way) and its derivatives.
void AddWays(const std::vector<Way>& ways, double weight, Evaluation* sum) {
  double most = -std::numeric_limits<double>::infinity();
  for (const Way& way : ways) most = std::max(most, way.log);
  double total = 0;
  Vector mean{};
  Matrix second{};
  for (const Way& way : ways) {
    const double share = std::exp(way.log - most);
    total += share;
    for (size_t i = 0; i < 4; ++i) {
      mean[i] += share * way.gradient[i];
      for (size_t j = 0; j < 4; ++j) second[i][j] += share * way.gradient[i] * way.gradient[j];
    }
    for (size_t pair = 0; pair < 4; pair += 2) {
      const BetaRatio& ratio = pair == 0 ? way.buys : way.stays;
      second[pair][pair] += share * ratio.by_aa;
      second[pair][pair + 1] += share * ratio.by_ab;
      second[pair + 1][pair] += share * ratio.by_ab;
      second[pair + 1][pair + 1] += share * ratio.by_bb;
    }
  }
  sum->value += weight * (most + std::log(total));
  for (size_t i = 0; i < 4; ++i) {
    sum->gradient[i] += weight * mean[i] / total;
    for (size_t j = 0; j < 4; ++j) {
      sum->hessian[i][j] += weight * (second[i][j] / total - mean[i] / total * (mean[j] / total));
    }
  }
}

Way WayOf(const BetaRatio& buys, const BetaRatio& stays) {
  return {buys.log + stays.log, {buys.by_a, buys.by_b, stays.by_a, stays.by_b}, buys, stays};
}

Evaluation NotOccasions() {
  Evaluation none;
  none.value = std::numeric_limits<double>::quiet_NaN();
  return none;
}

}  // namespace

std::string OccasionsProblem(const Summary& summary) {
  for (const PurchaseRow& row : summary.rows()) {
    const char* why = nullptr;
    if (row.age > kMostOccasions + 0.5) {
      why = "more than 100,000 occasions";
    } else if (std::abs(row.recency - std::round(row.recency)) > kWhole ||
               std::abs(row.age - std::round(row.age)) > kWhole) {
      why = "recency and T must be whole: they count occasions";
    } else if (row.frequency > row.recency + 0.5) {
      why = "more purchases than occasions up to the last one: an occasion has one at most";
    }
    if (why != nullptr) {
      return absl::StrCat("frequency ", row.frequency, ", recency ", row.recency, ", T ", row.age,
                          ": ", why);
    }
  }
  return "";
}

Evaluation BetaBernoulliLogLikelihood(const Summary& summary, const Vector& parameters) {
  if (!OccasionsProblem(summary).empty()) return NotOccasions();
  const auto [alpha, beta, gamma, delta] = parameters;
  const size_t most = MostOccasions(summary) + 1;
  const BetaTables buys(alpha, beta, most);
  const BetaTables stays(gamma, delta, most);
  Evaluation sum;
  std::vector<Way> ways;
  for (const PurchaseRow& row : summary.rows()) {
    const auto [x, last, n] = OccasionsOf(row);
    ways.clear();
    ways.push_back(WayOf(buys.At(x, n - x), stays.At(0, n)));
    for (size_t m = last; m < n; ++m) {
      ways.push_back(WayOf(buys.At(x, m - x), stays.At(1, m)));
    }
    AddWays(ways, row.weight, &sum);
  }
  return sum;
}

Evaluation BetaBinomialLogLikelihood(const Summary& summary, const Vector& parameters) {
  if (!OccasionsProblem(summary).empty()) return NotOccasions();
  const BetaTables buys(parameters[0], parameters[1], MostOccasions(summary));
  Evaluation sum;
  for (const PurchaseRow& row : summary.rows()) {
    const auto [x, last, n] = OccasionsOf(row);
    const BetaRatio ratio = buys.At(x, n - x);
    sum.value += row.weight * ratio.log;
    sum.gradient[0] += row.weight * ratio.by_a;
    sum.gradient[1] += row.weight * ratio.by_b;
    sum.hessian[0][0] += row.weight * ratio.by_aa;
    sum.hessian[0][1] += row.weight * ratio.by_ab;
    sum.hessian[1][0] += row.weight * ratio.by_ab;
    sum.hessian[1][1] += row.weight * ratio.by_bb;
  }
  return sum;
}

}  // namespace tenure::clv
