#include "server/clv/log_prior.h"

#include <algorithm>
#include <cmath>

namespace tenure::clv {

LogPrior LogPrior::Of(const Prior& prior, const std::vector<double>& units) {
  LogPrior scaled;
  scaled.precision = prior.log_precision;
  for (size_t i = 0; i < units.size(); ++i) {
    scaled.center.push_back(std::log(prior.parameters[i] / units[i]));
  }
  return scaled;
}

Point LogPrior::Start() const {
  Point start = center;
  for (double& log : start) log = std::clamp(log, -kLogBound, kLogBound);
  return start;
}

void LogPrior::AddTo(const Point& logs, Surface* surface) const {
  for (size_t i = 0; i < logs.size(); ++i) {
    double pull = 0;
    for (size_t j = 0; j < logs.size(); ++j) {
      pull += precision(i, j) * (logs[j] - center[j]);
      surface->hessian(i, j) -= precision(i, j);
    }
    surface->value -= 0.5 * pull * (logs[i] - center[i]);
    surface->gradient[i] -= pull;
  }
}

}  // namespace tenure::clv
