#include "clients/cli/prior_option.h"

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cli/command.h"
#include "clients/cli/numbers.h"

namespace tenure::cli {
namespace {

using Json = nlohmann::ordered_json;

void AddPrior(const std::vector<clv::ModelPrior>& priors, Json* fit) {
  const auto model = fit->find("model");
  if (model == fit->end()) return;
  for (const clv::ModelPrior& prior : priors) {
    if (*model != prior.model) continue;
    Json terms = Json::object();
    for (const clv::PriorTerm& term : prior.terms) {
      terms[term.parameter] = {{"median", term.median}, {"log_sd", term.log_sd}};
    }
    if (prior.coefficient_sd > 0) {
      terms["coefficients"] = {{"mean", 0}, {"sd_per_deviation", prior.coefficient_sd}};
    }
    for (const clv::CoefficientTerm& term : prior.coefficients) {
      terms[term.coefficient] = {{"mean", term.mean}, {"sd", term.sd}};
    }
    (*fit)["prior"] = std::move(terms);
    return;
  }
}

}  // namespace

clv::PriorRequest ParsePrior(const std::string& text) {
  clv::PriorRequest request;
  if (text == "weak") return request;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> sides =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    const std::pair<absl::string_view, absl::string_view> numbers =
        absl::StrSplit(sides.second, absl::MaxSplits(':', 1));
    const auto median = ParseNumber(numbers.first, "--prior");
    const auto log_sd = ParseNumber(numbers.second, "--prior");
    if (sides.first.find(':') != absl::string_view::npos && median.ok() && log_sd.ok() &&
        *log_sd > 0) {
      request.coefficients.push_back({std::string(sides.first), *median, *log_sd});
      continue;
    }
    if (sides.first.empty() || !median.ok() || !log_sd.ok() || !(*median > 0) || !(*log_sd > 0)) {
      RefuseUsage(absl::StrCat("--prior: `", part,
                               "` is no PARAMETER=MEDIAN:LOG_SD, both above 0, as alpha=8:0.7, nor "
                               "COEFFICIENT=MEAN:SD, as alpha:channel=0.5:0.2; or write weak"));
    }
    request.terms.push_back({std::string(sides.first), *median, *log_sd});
  }
  return request;
}

void AddPriors(const std::vector<clv::ModelPrior>& priors, Json* document) {
  AddPrior(priors, document);
  if (const auto models = document->find("models"); models != document->end()) {
    for (Json& fit : *models) AddPrior(priors, &fit);
  }
  if (const auto spend = document->find("spend"); spend != document->end()) {
    AddPrior(priors, &*spend);
  }
}

void PrintPriors(const std::vector<clv::ModelPrior>& priors) {
  for (const clv::ModelPrior& prior : priors) {
    std::cout << "prior of " << prior.model << ": medians " << clv::PriorText(prior.terms);
    if (prior.coefficient_sd > 0) {
      std::cout << absl::StrCat(" with mean covariates; coefficients 0, s.d. ",
                                prior.coefficient_sd, " a standard deviation of the covariate");
    }
    for (const clv::CoefficientTerm& term : prior.coefficients) {
      std::cout << absl::StrCat(", but ", term.coefficient, " ", term.mean, ", s.d. ", term.sd);
    }
    std::cout << "\n";
  }
  if (!priors.empty()) {
    std::cout << "parameters are the maximum of likelihood times prior (MAP); log-likelihoods are "
                 "the data's alone\n";
  }
}

}  // namespace tenure::cli
