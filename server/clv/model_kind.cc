#include "server/clv/model_kind.h"

#include <cmath>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/status.h"
#include "server/clv/beta_bernoulli.h"
#include "server/clv/beta_bernoulli_model.h"
#include "server/clv/beta_discrete_weibull.h"
#include "server/clv/beta_geometric.h"
#include "server/clv/beta_geometric_model.h"
#include "server/clv/condensed_nbd.h"
#include "server/clv/condensed_nbd_model.h"
#include "server/clv/contract_model.h"
#include "server/clv/nbd.h"
#include "server/clv/pareto_nbd.h"
#include "server/clv/pareto_nbd_model.h"
#include "server/clv/retention_cohort.h"
#include "server/clv/shifted_beta_geometric.h"

namespace tenure::clv {
namespace {

// A higher γ buys more often.
const ModelKind::Parameter kAlpha = {"alpha", true, ModelKind::Process::kRate, -1};

ModelKind Nbd() {
  ModelKind kind;
  kind.name = "nbd";
  kind.parameters = {{"r"}, kAlpha};
  kind.log_likelihood = NbdLogLikelihood;
  kind.starts = [](const Summary& summary, const Vector&) {
    return std::vector<Vector>{{1, summary.exposure() / summary.purchases()}};
  };
  kind.make = [](const Vector& at) {
    return std::make_shared<BetaGeometricModel>(Dropout::kNever, at[0], at[1]);
  };
  return kind;
}

ModelKind BetaGeometric(const std::string& name, Dropout dropout) {
  ModelKind kind;
  kind.name = name;
  kind.parameters = {{"r"},
                     kAlpha,
                     {"a", false, ModelKind::Process::kDropout, 1},
                     {"b", false, ModelKind::Process::kDropout, 1}};
  kind.without_dropout = "nbd";
  kind.log_likelihood = [dropout](const Summary& summary, const Vector& at) {
    return BetaGeometricLogLikelihood(summary, dropout, at);
  };
  kind.starts = [](const Summary&, const Vector& nbd) {
    return std::vector<Vector>{
        {nbd[0], nbd[1], 0.8, 2.5}, {nbd[0], nbd[1], 0.2, 5}, {nbd[0], nbd[1], 3, 3}};
  };
  kind.make = [dropout](const Vector& at) {
    return std::make_shared<BetaGeometricModel>(dropout, at[0], at[1], at[2], at[3]);
  };
  return kind;
}

ModelKind ParetoNbd() {
  ModelKind kind;
  kind.name = "pareto_nbd";
  kind.parameters = {{"r"}, kAlpha, {"s"}, {"beta", true, ModelKind::Process::kDropout, -1}};
  kind.without_dropout = "nbd";
  kind.log_likelihood = ParetoNbdLogLikelihood;
  kind.starts = [](const Summary&, const Vector& nbd) {
    // Times are in mean ages: half of the customers leave within one, few, or nearly all.
    return std::vector<Vector>{
        {nbd[0], nbd[1], 0.6, 0.4}, {nbd[0], nbd[1], 0.2, 1}, {nbd[0], nbd[1], 2, 1}};
  };
  kind.make = [](const Vector& at) {
    return std::make_shared<ParetoNbdModel>(at[0], at[1], at[2], at[3]);
  };
  return kind;
}

// k = 2 and above of nbd, bg_nbd and mbg_nbd.
ModelKind Condensed(Dropout dropout, int k) {
  ModelKind kind = dropout == Dropout::kNever ? Nbd() : BetaGeometric("", dropout);
  kind.name = CondensedName(dropout, k);
  kind.regularity = k;
  kind.needs_intervals = true;
  if (dropout != Dropout::kNever) kind.without_dropout = CondensedName(Dropout::kNever, k);
  kind.log_likelihood = [dropout, k](const Summary& summary, const Vector& at) {
    return CondensedNbdLogLikelihood(summary, dropout, k, at);
  };
  kind.make = [dropout, k](const Vector& at) {
    return std::make_shared<CondensedNbdModel>(dropout, k, at[0], at[1], at[2], at[3]);
  };
  return kind;
}

// "mbg_cnbd_3" and its like.
std::optional<ModelKind> FindCondensed(absl::string_view name) {
  for (const Dropout dropout :
       {Dropout::kNever, Dropout::kAfterRepeat, Dropout::kAfterEveryPurchase}) {
    for (int k = 2; k <= kMostRegular; ++k) {
      if (CondensedName(dropout, k) == name) return Condensed(dropout, k);
    }
  }
  return std::nullopt;
}

ModelKind BetaBinomial() {
  ModelKind kind;
  kind.name = "beta_binomial";
  kind.parameters = {{"alpha"}, {"beta"}};
  kind.is_discrete = true;
  kind.problem = OccasionsProblem;
  kind.log_likelihood = BetaBinomialLogLikelihood;
  kind.starts = [](const Summary&, const Vector&) {
    return std::vector<Vector>{{1, 1}, {0.3, 3}, {5, 5}};
  };
  kind.make = [](const Vector& at) { return std::make_shared<BetaBernoulliModel>(at[0], at[1]); };
  return kind;
}

ModelKind BetaBernoulli() {
  ModelKind kind;
  kind.name = "bg_bb";
  kind.parameters = {{"alpha"}, {"beta"}, {"gamma"}, {"delta"}};
  kind.is_discrete = true;
  kind.without_dropout = "beta_binomial";
  kind.problem = OccasionsProblem;
  kind.log_likelihood = BetaBernoulliLogLikelihood;
  kind.starts = [](const Summary&, const Vector& binomial) {
    return std::vector<Vector>{
        {1, 1, 0.5, 3}, {binomial[0], binomial[1], 0.2, 5}, {1, 1, 3, 30}, {1, 3, 1, 1}};
  };
  kind.make = [](const Vector& at) {
    return std::make_shared<BetaBernoulliModel>(at[0], at[1], at[2], at[3]);
  };
  return kind;
}

ModelKind ShiftedBetaGeometric() {
  ModelKind kind;
  kind.name = "sbg";
  kind.parameters = {{"alpha"}, {"beta"}};
  kind.is_discrete = true;
  kind.problem = RenewalsProblem;
  kind.log_likelihood = [](const Summary& summary, const Vector& at) {
    return ShiftedBetaGeometricLogLikelihood(TallyOf(summary), at);
  };
  kind.starts = [](const Summary&, const Vector&) {
    return std::vector<Vector>{{1, 2}, {0.3, 3}, {5, 20}};
  };
  kind.make = [](const Vector& at) { return std::make_shared<ContractModel>(at[0], at[1]); };
  return kind;
}

ModelKind BetaDiscreteWeibull() {
  ModelKind kind = ShiftedBetaGeometric();
  kind.name = "bdw";
  kind.parameters.push_back({"c"});
  kind.log_likelihood = [](const Summary& summary, const Vector& at) {
    return BetaDiscreteWeibullLogLikelihood(TallyOf(summary), at);
  };
  kind.starts = [](const Summary&, const Vector&) {
    return std::vector<Vector>{{1, 2, 1}, {0.3, 3, 1.5}, {5, 20, 0.8}};
  };
  kind.make = [](const Vector& at) { return std::make_shared<ContractModel>(at[0], at[1], at[2]); };
  return kind;
}

const std::vector<ModelKind>& Kinds() {
  static const auto* const kinds = new std::vector<ModelKind>{
      Nbd(),
      BetaGeometric("bg_nbd", Dropout::kAfterRepeat),
      BetaGeometric("mbg_nbd", Dropout::kAfterEveryPurchase),
      BetaBinomial(),
      BetaBernoulli(),
      ShiftedBetaGeometric(),
      BetaDiscreteWeibull(),
      ParetoNbd(),
  };
  return *kinds;
}

}  // namespace

std::vector<std::string> ModelKind::ParameterNames() const {
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters) names.push_back(parameter.name);
  return names;
}

std::vector<std::string> ModelNames() {
  std::vector<std::string> names;
  for (const ModelKind& kind : Kinds()) names.push_back(kind.name);
  return names;
}

absl::StatusOr<ModelKind> FindModelKind(absl::string_view name) {
  for (const ModelKind& kind : Kinds()) {
    if (kind.name == name) return kind;
  }
  if (std::optional<ModelKind> condensed = FindCondensed(name)) return *std::move(condensed);
  return absl::InvalidArgumentError(
      absl::StrCat("unknown purchase model `", name, "`; use ", absl::StrJoin(ModelNames(), ", "),
                   ", or cnbd_k, bg_cnbd_k and mbg_cnbd_k, where k may be 2 to ", kMostRegular));
}

absl::StatusOr<std::shared_ptr<const PurchaseModel>> CreatePurchaseModel(
    absl::string_view name, absl::Span<const double> parameters) {
  TENURE_ASSIGN_OR_RETURN(const ModelKind kind, FindModelKind(name));
  if (parameters.size() != kind.parameters.size()) {
    return absl::InvalidArgumentError(absl::StrCat(name, " has ", kind.parameters.size(),
                                                   " parameters, not ", parameters.size()));
  }
  Vector at{};
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!std::isfinite(parameters[i]) || parameters[i] <= 0) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": parameter ", kind.parameters[i].name,
                                                     " must be above 0 and finite, not ",
                                                     parameters[i]));
    }
    at[i] = parameters[i];
  }
  return kind.make(at);
}

}  // namespace tenure::clv
