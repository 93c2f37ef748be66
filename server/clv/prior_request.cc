#include "server/clv/prior_request.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/clv/condensed_nbd_model.h"
#include "server/clv/purchase_fit.h"

namespace tenure::clv {
namespace {

const PriorTerm* Find(const std::vector<PriorTerm>& terms, const std::string& parameter) {
  for (const PriorTerm& term : terms) {
    if (term.parameter == parameter) return &term;
  }
  return nullptr;
}

PriorTerm AskedOrWeak(const std::vector<PriorTerm>& asked, const std::string& parameter,
                      double median) {
  const PriorTerm* term = Find(asked, parameter);
  return term != nullptr ? *term : PriorTerm{parameter, median, kWeakLogSd};
}

std::string Rounded(double value) {
  const double step = std::pow(10, std::floor(std::log10(value)) - 2);
  return absl::StrCat(std::round(value / step) * step);
}

}  // namespace

absl::Status PriorRequest::Check(const ModelKind& kind,
                                 absl::Span<const std::string> coefficient_names) const {
  std::vector<std::string> known = kind.ParameterNames();
  known.insert(known.end(), {"p", "q", "v"});
  for (const PriorTerm& term : terms) {
    if (std::find(known.begin(), known.end(), term.parameter) == known.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "prior: ", term.parameter, " is no parameter of ", kind.name, " nor of spend (p, q, v)"));
    }
    if (Find(terms, term.parameter) != &term) {
      return absl::InvalidArgumentError(absl::StrCat("prior: ", term.parameter, " is there twice"));
    }
    const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
    if (positive(term.median) && positive(term.log_sd)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("prior of ", term.parameter,
                     ": the median and the log's standard deviation must be above "
                     "0 and finite"));
  }
  for (size_t i = 0; i < coefficients.size(); ++i) {
    const CoefficientTerm& term = coefficients[i];
    if (std::find(coefficient_names.begin(), coefficient_names.end(), term.coefficient) ==
        coefficient_names.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "prior: ", term.coefficient, " is no coefficient of ", kind.name, "'s covariates",
          coefficient_names.empty() ? "" : "; there are ", absl::StrJoin(coefficient_names, ", ")));
    }
    for (size_t j = 0; j < i; ++j) {
      if (coefficients[j].coefficient != term.coefficient) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("prior: ", term.coefficient, " is there twice"));
    }
    if (std::isfinite(term.mean) && std::isfinite(term.sd) && term.sd > 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("prior of ", term.coefficient,
                     ": the mean must be finite and the standard deviation above 0"));
  }
  return absl::OkStatus();
}

std::vector<PriorTerm> PriorRequest::TermsOf(const ModelKind& kind, double mean_age) const {
  std::vector<PriorTerm> all;
  for (const ModelKind::Parameter& parameter : kind.parameters) {
    all.push_back(AskedOrWeak(terms, parameter.name, parameter.is_time ? mean_age : 1));
  }
  return all;
}

std::vector<PriorTerm> PriorRequest::SpendTerms(double mean_spend) const {
  return {AskedOrWeak(terms, "p", 2), AskedOrWeak(terms, "q", 3),
          AskedOrWeak(terms, "v", mean_spend)};
}

absl::StatusOr<ModelKind> KindOf(absl::string_view name) {
  const std::optional<Dropout> dropout = RegularDropout(name);
  return FindModelKind(dropout.has_value() ? CondensedName(*dropout, 1) : std::string(name));
}

Prior PriorOf(absl::Span<const PriorTerm> terms) {
  Prior prior;
  prior.log_precision = SquareMatrix(terms.size());
  for (size_t i = 0; i < terms.size(); ++i) {
    prior.parameters.push_back(terms[i].median);
    prior.log_precision(i, i) = 1 / (terms[i].log_sd * terms[i].log_sd);
  }
  return prior;
}

std::string PriorText(absl::Span<const PriorTerm> terms) {
  std::string text;
  for (const PriorTerm& term : terms) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", term.parameter, " ", Rounded(term.median),
                    " (factor ", Rounded(std::exp(term.log_sd)), ")");
  }
  return text;
}

}  // namespace tenure::clv
