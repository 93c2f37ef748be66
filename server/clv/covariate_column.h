// Covariates that a simulation draws for each customer.
#ifndef TENURE_SERVER_CLV_COVARIATE_COLUMN_H_
#define TENURE_SERVER_CLV_COVARIATE_COLUMN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/base/random.h"

namespace tenure::clv {

struct CovariateColumn {
  enum class Distribution {
    kBernoulli,  // 1 with probability `first`, else 0
    kUniform,    // between `first` and `second`
    kWhole,      // a whole number from `first` to `second`, all equally likely
    kNormal,     // of mean `first` and standard deviation `second`
  };

  std::string name;
  Distribution distribution = Distribution::kBernoulli;
  double first = 0;
  double second = 0;

  // INVALID_ARGUMENT naming the column and what its distribution takes.
  absl::Status Check() const;
  double Draw(Random* random) const;
};

// What a simulation's customers differ by, and what that does: coefficients as they are named by
// CovariatePlan::CoefficientNames, "alpha:age".
struct SimulatedCovariates {
  struct Coefficient {
    std::string name;
    double value = 0;
  };
  std::vector<CovariateColumn> columns;
  std::vector<Coefficient> coefficients;  // 0 where there is none
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_COVARIATE_COLUMN_H_
