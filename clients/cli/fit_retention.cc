#include "clients/cli/fit_retention.h"

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/cohorts_file.h"
#include "clients/cli/model_fit.h"
#include "clients/cli/prior_option.h"
#include "clients/cli/session.h"
#include "clients/cli/table.h"
#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/retention_curve.h"

namespace tenure::cli {
namespace {

using Json = nlohmann::ordered_json;

struct FittedCohort {
  clv::RetentionCohort cohort;
  clv::ModelFit fit;
};

clv::RetentionCurve CurveOf(const clv::ModelFit& fit) {
  return {fit.parameters[0], fit.parameters[1], fit.parameters.size() > 2 ? fit.parameters[2] : 1};
}

Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

// The curve from period 0 to the last one known and options.periods more.
Json Forecast(const FittedCohort& fitted, const RetentionOptions& options) {
  const clv::RetentionCurve curve = CurveOf(fitted.fit);
  const std::vector<double>& seen = fitted.cohort.survivors;
  const size_t periods = seen.size() + static_cast<size_t>(options.periods);
  Json forecast = Json::array();
  for (size_t t = 0; t < periods; ++t) {
    const auto period = static_cast<double>(t);
    Json row;
    row["period"] = t;
    row["survival"] = Number(curve.Survival(period));
    row["retention"] = t > 0 ? Number(curve.Retention(period)) : Json(nullptr);
    row["survivors_expected"] = Number(seen[0] * curve.Survival(period));
    row["survivors"] = t < seen.size() ? Json(seen[t]) : Json(nullptr);
    forecast.push_back(std::move(row));
  }
  return forecast;
}

Json ToJson(const FittedCohort& fitted, const RetentionOptions& options) {
  Json json = ModelFitJson(fitted.fit);
  json["cohort"] = fitted.cohort.name;
  if (!fitted.fit.usable()) return json;
  const clv::RetentionCurve curve = CurveOf(fitted.fit);
  const auto renewals = static_cast<double>(fitted.cohort.survivors.size()) - 1;
  json["expected_lifetime"] = Number(curve.Lifetime());
  json["discount_per_period"] = options.discount;
  json["residual_lifetime"] =
      Number(curve.ResidualLifetime(renewals, std::log1p(options.discount)));
  json["forecast"] = Forecast(fitted, options);
  return json;
}

void Print(const FittedCohort& fitted, const RetentionOptions& options) {
  std::cout << "cohort " << fitted.cohort.name << "\n";
  PrintModelFit(fitted.fit);
  if (!fitted.fit.usable()) return;
  const Json document = ToJson(fitted, options);
  const Json& lifetime = document["expected_lifetime"];
  std::cout << "  expected lifetime "
            << (lifetime.is_null() ? "without end"
                                   : absl::StrFormat("%.4f periods", lifetime.get<double>()))
            << absl::StrFormat("; after %d renewals %.4f more to come, discounted %g %% a period\n",
                               fitted.cohort.survivors.size() - 1,
                               document["residual_lifetime"].get<double>(), options.discount * 100);
  Table table({"period", "survival", "retention", "expected", "seen"});
  for (const Json& row : document["forecast"]) {
    const auto cell = [&row](const char* key, const char* format) {
      return row[key].is_null()
                 ? std::string("-")
                 : absl::StrFormat(*absl::ParsedFormat<'f'>::New(format), row[key].get<double>());
    };
    table.Add({absl::StrCat(row["period"].get<int>()), cell("survival", "%.5f"),
               cell("retention", "%.4f"), cell("survivors_expected", "%.2f"),
               cell("survivors", "%.0f")});
  }
  table.Print();
}

absl::StatusOr<clv::ModelFit> FitTogether(const clv::ModelKind& kind,
                                          const std::vector<FittedCohort>& cohorts,
                                          const clv::FitOptions& fit_options) {
  std::vector<clv::PurchaseRow> rows;
  double customers = 0;
  for (const FittedCohort& each : cohorts) {
    const std::vector<clv::PurchaseRow> of_cohort = clv::RowsOf(each.cohort);
    rows.insert(rows.end(), of_cohort.begin(), of_cohort.end());
    customers += each.cohort.survivors[0];
  }
  TENURE_ASSIGN_OR_RETURN(const clv::Summary summary, clv::Summary::Create(rows));
  clv::ModelFit fit = clv::FitPurchaseModel(kind, summary, fit_options);
  fit.rows = std::llround(customers);
  return fit;
}

double SecondsSince(int64_t start_us) {
  return static_cast<double>(MonotonicUs() - start_us) * 1e-6;
}

}  // namespace

absl::Status FitRetentionFile(const RetentionOptions& options, bool json) {
  TENURE_ASSIGN_OR_RETURN(const std::vector<clv::RetentionCohort> cohorts,
                          ReadCohorts(options.file));
  TENURE_ASSIGN_OR_RETURN(const clv::ModelKind kind, clv::FindModelKind(options.model));
  std::vector<clv::ModelPrior> priors;
  clv::FitOptions fit_options;
  if (!options.prior.empty()) {
    const clv::PriorRequest request = ParsePrior(options.prior);
    TENURE_RETURN_IF_ERROR(request.Check(kind));
    // No parameter of theirs is a time.
    priors.push_back({kind.name, request.TermsOf(kind, 1)});
    fit_options.prior = clv::PriorOf(priors.back().terms);
  }
  std::vector<FittedCohort> fitted;
  for (const clv::RetentionCohort& cohort : cohorts) {
    const int64_t start_us = MonotonicUs();
    TENURE_ASSIGN_OR_RETURN(
        clv::ModelFit fit,
        clv::FitRetention(kind, cohort, fit_options.prior ? &*fit_options.prior : nullptr));
    fit.seconds = SecondsSince(start_us);
    fitted.push_back({cohort, std::move(fit)});
  }
  const int64_t start_us = MonotonicUs();
  TENURE_ASSIGN_OR_RETURN(clv::ModelFit together, FitTogether(kind, fitted, fit_options));
  together.seconds = SecondsSince(start_us);
  if (json) {
    Json document = fitted.size() == 1 ? ToJson(fitted[0], options) : ModelFitJson(together);
    document["cohorts"] = Json::array();
    AddPriors(priors, &document);
    for (const FittedCohort& each : fitted) {
      document["cohorts"].push_back(ToJson(each, options));
      AddPriors(priors, &document["cohorts"].back());
    }
    PrintJson(document);
  } else {
    for (const FittedCohort& each : fitted) Print(each, options);
    if (fitted.size() > 1) {
      std::cout << "all cohorts as one population\n";
      PrintModelFit(together);
    }
    PrintPriors(priors);
  }
  for (const FittedCohort& each : fitted) {
    if (each.fit.verdict == clv::Verdict::kFailed) {
      return absl::FailedPreconditionError(absl::StrCat(
          "cohort ", each.cohort.name, ": ", options.model, " ", each.fit.VerdictText()));
    }
  }
  return absl::OkStatus();
}

}  // namespace tenure::cli
