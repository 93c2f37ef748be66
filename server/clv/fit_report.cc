#include "server/clv/fit_report.h"

namespace tenure::clv {

const char* VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kConverged:
      return "CONVERGED";
    case Verdict::kBoundary:
      return "BOUNDARY";
    case Verdict::kNotIdentified:
      return "NOT_IDENTIFIED";
    case Verdict::kFailed:
      return "FAILED";
  }
  return "FAILED";
}

std::string ModelFit::VerdictText() const {
  const std::string name = VerdictName(verdict);
  return explanation.empty() ? name : name + ": " + explanation;
}

}  // namespace tenure::clv
