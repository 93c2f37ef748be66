#include "server/clv/bootstrap.h"

#include <cmath>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "server/base/hash.h"
#include "server/base/status.h"
#include "server/clv/draw.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/summary.h"

namespace tenure::clv {

absl::StatusOr<std::vector<std::vector<double>>> Bootstrap(const ModelKind& kind,
                                                           absl::Span<const double> parameters,
                                                           absl::Span<const double> ages,
                                                           int replicates, uint64_t seed) {
  TENURE_ASSIGN_OR_RETURN(const std::shared_ptr<const PurchaseModel> model,
                          CreatePurchaseModel(kind.name, parameters));
  std::vector<std::vector<double>> found;
  std::vector<PurchaseRow> rows(ages.size());
  Life life;
  for (int replicate = 0; replicate < replicates; ++replicate) {
    Random random(CombineHash(seed, static_cast<uint64_t>(replicate)));
    for (size_t i = 0; i < ages.size(); ++i) {
      model->Draw(ages[i], &random, &life);
      PurchaseRow& row = rows[i];
      row = {static_cast<double>(life.times.size() - 1), life.times.back(), ages[i], 1, 0};
      for (size_t n = 1; n < life.times.size(); ++n) {
        row.log_intervals += std::log(life.times[n] - life.times[n - 1]);
      }
    }
    TENURE_ASSIGN_OR_RETURN(const Summary summary, Summary::Create(rows));
    ModelFit fit = FitPurchaseModel(kind, summary);
    if (fit.usable()) found.push_back(std::move(fit.parameters));
  }
  return found;
}

absl::StatusOr<std::vector<std::vector<double>>> BootstrapSpend(
    const GammaGamma& spend, absl::Span<const double> frequencies, int replicates, uint64_t seed) {
  if (!(spend.p > 0 && spend.q > 0 && spend.v > 0)) {
    return absl::InvalidArgumentError("p, q and v must be above 0");
  }
  std::vector<std::vector<double>> found;
  std::vector<SpendRow> rows;
  for (int replicate = 0; replicate < replicates; ++replicate) {
    Random random(CombineHash(seed, static_cast<uint64_t>(replicate)));
    rows.clear();
    for (const double x : frequencies) {
      if (!(x > 0)) continue;
      const double rate = DrawGamma(spend.q, spend.v, &random);
      rows.push_back({x, DrawGamma(spend.p * x, rate, &random) / x});
    }
    TENURE_ASSIGN_OR_RETURN(ModelFit fit, FitGammaGamma(rows));
    if (fit.usable()) found.push_back(std::move(fit.parameters));
  }
  return found;
}

}  // namespace tenure::clv
