// A Normal prior on the logs of parameters, as a term of what is maximised.
#ifndef TENURE_SERVER_CLV_LOG_PRIOR_H_
#define TENURE_SERVER_CLV_LOG_PRIOR_H_

#include <string>
#include <vector>

#include "server/clv/newton.h"
#include "server/clv/square_matrix.h"

namespace tenure::clv {

// What is known of the parameters before the data: their logs are Normal.
struct Prior {
  std::vector<double> parameters;  // in the rows' time unit, the medians
  SquareMatrix log_precision;      // inverse covariance of the logs
};

// A coefficient of a covariate is Normal, in its own unit.
struct CoefficientTerm {
  std::string coefficient;  // "alpha:channel"
  double mean = 0;
  double sd = 0;
};

// The same in the logs of the units of the maximisation.
struct LogPrior {
  Point center;
  SquareMatrix precision;

  // `units` has for each parameter what its unit is in the prior's.
  static LogPrior Of(const Prior& prior, const std::vector<double>& units);
  // Where a search may start: the centre, held to the box.
  Point Start() const;
  void AddTo(const Point& logs, Surface* surface) const;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_LOG_PRIOR_H_
