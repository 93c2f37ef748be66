#include "server/clv/covariate_total.h"

#include <algorithm>
#include <cmath>
#include <map>
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

// Customers alike in their covariates.
struct Group {
  std::vector<double> z;
  std::vector<Observation> rows;
  std::vector<double> weights;  // empty: 1 each
  std::shared_ptr<const ValueModel> model;
  double clv = 0;
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
std::vector<double> Relative(const std::vector<std::shared_ptr<const CovariateModel>>& drawn,
                             const std::vector<const Group*>& groups, const TotalOptions& options,
                             size_t customers) {
  std::vector<double> sums(drawn.size());
  double own = 0;
  for (const Group* group : groups) {
    std::vector<std::shared_ptr<const ValueModel>> models;
    for (const auto& there : drawn) {
      // A draw too far out for these customers leaves them as the fit has them.
      auto here = there->At(group->z);
      models.push_back(here.ok() ? *std::move(here) : group->model);
    }
    const size_t share = options.most_rows * group->rows.size() / std::max<size_t>(customers, 1);
    const std::vector<double> relative = RelativeTotals(
        *group->model, models, group->rows, group->weights, std::max(share, kFewestRows));
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
    return l->clv != r->clv ? l->clv < r->clv : l->z < r->z;
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
  std::map<std::vector<double>, Group> alike;
  for (size_t i = 0; i < rows.size(); ++i) {
    const absl::Span<const double> own = z.subspan(i * width, width);
    Group& group = alike[std::vector<double>(own.begin(), own.end())];
    group.rows.push_back(rows[i]);
    if (!weights.empty()) group.weights.push_back(weights[i]);
  }
  TotalOptions fewest = options;
  fewest.draws = 2;  // the spread is found below, of all groups together
  std::vector<Group> groups;
  TotalValue total;
  for (auto& [at, group] : alike) {
    group.z = at;
    TENURE_ASSIGN_OR_RETURN(group.model, model.At(at));
    TENURE_ASSIGN_OR_RETURN(const TotalValue part,
                            TotalOf(*group.model, group.rows, fewest, group.weights));
    group.clv = part.clv;
    total.customers += part.customers;
    total.clv += part.clv;
    total.expected_purchases += part.expected_purchases;
    total.luck_variance += part.luck_variance;
    total.log_nothing += part.log_nothing;
    groups.push_back(std::move(group));
  }
  const std::vector<const Group*> chosen = Chosen(groups);
  if (!chosen.empty()) {
    if (options.draws < 2 || options.draws > 10'000) {
      return absl::InvalidArgumentError(
          absl::StrCat("draws must be 2 to 10,000, not ", options.draws));
    }
    TENURE_ASSIGN_OR_RETURN(const auto drawn, Drawn(model, options.draws, options.seed));
    total.standard_error =
        std::abs(total.clv) * LogDeviation(Relative(drawn, chosen, options, rows.size()));
  }
  return WithIntervals(total);
}

}  // namespace tenure::clv
