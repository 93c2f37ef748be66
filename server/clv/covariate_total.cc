#include "server/clv/covariate_total.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/laplace.h"
#include "server/clv/spend_estimate.h"

namespace tenure::clv {
namespace {

constexpr size_t kMostGroups = 500;
constexpr size_t kFewestRows = 20;  // of a group that its draws are evaluated on

// Customers alike in their covariates: [begin, end) of the order.
struct Group {
  size_t begin = 0;
  size_t end = 0;
  double clv = 0;
};

// Customers by their covariates. Groups may be as many as customers, so that they hold no more than
// where they are.
class Alike {
 public:
  Alike(absl::Span<const Observation> rows, absl::Span<const double> z, size_t width,
        absl::Span<const double> weights)
      : rows_(rows), z_(z), width_(width), weights_(weights), order_(rows.size()) {
    std::iota(order_.begin(), order_.end(), size_t{0});
    std::sort(order_.begin(), order_.end(), [this](size_t l, size_t r) {
      const absl::Span<const double> left = At(l), right = At(r);
      return left != right ? left < right : l < r;
    });
  }

  // In the order of z, which doesn't depend on the rows'.
  std::vector<Group> Groups() const {
    std::vector<Group> groups;
    for (size_t i = 0; i < order_.size(); ++i) {
      if (i == 0 || At(order_[i]) != At(order_[i - 1])) groups.push_back({i, i});
      groups.back().end = i + 1;
    }
    return groups;
  }

  absl::Span<const double> CovariatesOf(const Group& group) const {
    return At(order_[group.begin]);
  }
  std::vector<Observation> RowsOf(const Group& group) const { return Of(rows_, group); }
  // Empty: 1 each.
  std::vector<double> WeightsOf(const Group& group) const {
    return weights_.empty() ? std::vector<double>() : Of(weights_, group);
  }

 private:
  absl::Span<const double> At(size_t row) const { return z_.subspan(row * width_, width_); }
  template <typename Value>
  std::vector<Value> Of(absl::Span<const Value> values, const Group& group) const {
    std::vector<Value> of;
    of.reserve(group.end - group.begin);
    for (size_t i = group.begin; i < group.end; ++i) of.push_back(values[order_[i]]);
    return of;
  }

  const absl::Span<const Observation> rows_;
  const absl::Span<const double> z_;
  const size_t width_;
  const absl::Span<const double> weights_;
  std::vector<size_t> order_;
};

// Models whose parameters and coefficients are drawn from what the fit leaves open of both; without
// covariances, since they are asked for values alone.
absl::StatusOr<std::vector<std::shared_ptr<const CovariateModel>>> Drawn(
    const CovariateModel& model, int draws, uint64_t seed) {
  const CovariateParameters& fitted = model.parameters();
  const size_t own = fitted.baseline.purchase.size();
  std::vector<double> at = fitted.baseline.purchase;
  // The sampler moves logs: a coefficient is moved by the log of what 1 becomes.
  at.insert(at.end(), fitted.coefficients.size(), 1.0);
  TENURE_ASSIGN_OR_RETURN(const LaplaceSampler purchases,
                          LaplaceSampler::Create(at, fitted.covariance));
  TENURE_ASSIGN_OR_RETURN(
      const LaplaceSampler spends,
      LaplaceSampler::Create(fitted.baseline.spend, fitted.baseline.spend_log_cov));
  Random random(seed);
  std::vector<std::shared_ptr<const CovariateModel>> models;
  for (int draw = 0; draw < draws; ++draw) {
    const std::vector<double> drawn = purchases.Draw(&random);
    CovariateParameters parameters = fitted;
    parameters.covariance.clear();
    parameters.baseline.purchase_log_cov.clear();
    parameters.baseline.spend_log_cov.clear();
    for (size_t i = 0; i < own; ++i) parameters.baseline.purchase[i] = drawn[i];
    for (size_t i = own; i < drawn.size(); ++i) {
      parameters.coefficients[i - own] += std::log(drawn[i]);
    }
    parameters.baseline.spend = spends.Draw(&random);
    auto there = CovariateModel::Create(std::move(parameters), model.baseline().options());
    if (there.ok()) models.push_back(*std::move(there));  // else it has no mean spend
  }
  return models;
}

// Everybody's value by each drawn model over that by the fit itself.
absl::StatusOr<std::vector<double>> Relative(
    const CovariateModel& model, const std::vector<std::shared_ptr<const CovariateModel>>& drawn,
    const Alike& alike, const std::vector<const Group*>& groups, const TotalOptions& options,
    size_t customers) {
  std::vector<double> sums(drawn.size());
  double own = 0;
  for (const Group* group : groups) {
    const absl::Span<const double> z = alike.CovariatesOf(*group);
    TENURE_ASSIGN_OR_RETURN(const std::shared_ptr<const ValueModel> fitted, model.At(z));
    std::vector<std::shared_ptr<const ValueModel>> models;
    for (const auto& there : drawn) {
      // A draw too far out for these customers leaves them as the fit has them.
      auto here = there->At(z);
      models.push_back(here.ok() ? *std::move(here) : fitted);
    }
    const size_t size = group->end - group->begin;
    const size_t share = options.most_rows * size / std::max<size_t>(customers, 1);
    const std::vector<double> relative =
        RelativeTotals(*fitted, models, alike.RowsOf(*group), alike.WeightsOf(*group),
                       std::max(share, kFewestRows));
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += group->clv * relative[i];
    own += group->clv;
  }
  for (double& sum : sums) sum /= own;
  return sums;
}

// Every k-th in the order of their value, which doesn't depend on the rows' order.
std::vector<const Group*> Chosen(const std::vector<Group>& groups) {
  std::vector<const Group*> all;
  for (const Group& group : groups) {
    if (group.clv != 0) all.push_back(&group);
  }
  if (all.size() <= kMostGroups) return all;
  std::sort(all.begin(), all.end(), [](const Group* l, const Group* r) {
    return l->clv != r->clv ? l->clv < r->clv : l->begin < r->begin;
  });
  std::vector<const Group*> chosen;
  for (size_t i = 0; i < kMostGroups; ++i) {
    chosen.push_back(all[(2 * i + 1) * all.size() / (2 * kMostGroups)]);
  }
  return chosen;
}

}  // namespace

absl::StatusOr<TotalValue> TotalOf(const CovariateModel& model, absl::Span<const Observation> rows,
                                   absl::Span<const double> z, const TotalOptions& options,
                                   absl::Span<const double> weights) {
  TENURE_RETURN_IF_ERROR(CheckWeights(rows, weights));
  const size_t width = model.names().size();
  if (z.size() != rows.size() * width) {
    return absl::InvalidArgumentError(absl::StrCat("there are ", rows.size(), " rows, but ",
                                                   z.size(), " covariates, not ",
                                                   rows.size() * width));
  }
  const Alike alike(rows, z, width, weights);
  TotalOptions fewest = options;
  fewest.draws = 2;  // the spread is found below, of all groups together
  std::vector<Group> groups = alike.Groups();
  TotalValue total;
  for (Group& group : groups) {
    TENURE_ASSIGN_OR_RETURN(const auto there, model.At(alike.CovariatesOf(group)));
    TENURE_ASSIGN_OR_RETURN(const TotalValue part,
                            TotalOf(*there, alike.RowsOf(group), fewest, alike.WeightsOf(group)));
    group.clv = part.clv;
    total.customers += part.customers;
    total.clv += part.clv;
    total.expected_purchases += part.expected_purchases;
    total.luck_variance += part.luck_variance;
    total.log_nothing += part.log_nothing;
  }
  const std::vector<const Group*> chosen = Chosen(groups);
  if (!chosen.empty()) {
    if (options.draws < 2 || options.draws > 10'000) {
      return absl::InvalidArgumentError(
          absl::StrCat("draws must be 2 to 10,000, not ", options.draws));
    }
    TENURE_ASSIGN_OR_RETURN(const auto drawn, Drawn(model, options.draws, options.seed));
    TENURE_ASSIGN_OR_RETURN(const std::vector<double> relative,
                            Relative(model, drawn, alike, chosen, options, rows.size()));
    total.standard_error = std::abs(total.clv) * LogDeviation(relative);
  }
  return WithIntervals(total);
}

}  // namespace tenure::clv
