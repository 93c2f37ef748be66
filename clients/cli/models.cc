// `tenure models fit`, `tenure models show`
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/client.h"
#include "clients/cli/command.h"
#include "clients/cli/server_commands.h"
#include "clients/cli/table.h"
#include "server/base/status.h"
#include "tenure/v1/model_service.pb.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

struct FitOptions {
  std::string request_id;
  int32_t holdout_days = 0;
  bool dry_run = false;
};

void PrintModel(const v1::Model& model) {
  std::cout << model.name() << "\n"
            << model.customers() << " customers with " << model.purchases()
            << " purchases; values over " << model.horizon_days() << " days, discounted "
            << absl::StrFormat("%.3g %% a year, margin rate %.4f (%s)\n",
                               model.discount_per_year() * 100, model.margin_rate(),
                               model.margin_rate_source());
  Table table({"model", "parameter", "estimate", "std. error", "log-likelihood", "verdict"});
  for (const v1::FittedModel& fit : model.fits()) {
    bool first = true;
    for (const v1::Parameter& parameter : fit.parameters()) {
      table.Add(
          {first ? fit.kind() : "", parameter.name(), absl::StrFormat("%.6g", parameter.estimate()),
           parameter.has_standard_error() ? absl::StrFormat("%.3g", parameter.standard_error())
                                          : "-",
           first ? absl::StrFormat("%.3f", fit.log_likelihood()) : "",
           first ? v1::FitVerdict_Name(fit.verdict()).substr(12) : ""});
      first = false;
    }
  }
  table.Print();
  for (const v1::FittedModel& fit : model.fits()) {
    if (!fit.note().empty()) std::cout << fit.kind() << ": " << fit.note() << "\n";
  }
  std::cout << "chosen: " << model.chosen_kind() << ": " << model.why() << "\n";
  if (!model.fallback().empty()) std::cout << "fallback: " << model.fallback() << "\n";
  for (const v1::HoldoutCheck& check : model.holdout()) {
    std::cout << absl::StrFormat(
        "holdout of %.0f days, %s: %.1f purchases expected, %.0f seen, mean absolute error %.3f a "
        "customer\n",
        check.days(), check.kind(), check.expected(), check.actual(), check.mean_absolute_error());
  }
}

absl::Status Print(const Session& session, const v1::Model& model) {
  if (session.json) return PrintMessage(model);
  PrintModel(model);
  return absl::OkStatus();
}

absl::Status Fit(const Session& session, const FitOptions& options) {
  v1::FitModelRequest request;
  request.set_request_id(RequestId(options.request_id));
  request.set_holdout_days(options.holdout_days);
  request.set_validate_only(options.dry_run);
  v1::FitModelResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("ModelService/FitModel", request, &response, kLongCallMs));
  return Print(session, response.model());
}

absl::Status Show(const Session& session) {
  v1::GetModelRequest request;
  request.set_name("models/active");
  v1::GetModelResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("ModelService/GetModel", request, &response));
  return Print(session, response.model());
}

}  // namespace

void AddModels(const Command& app, Session* session) {
  const Command group = app.Group("models", "the value model of the server's population");
  auto options = std::make_shared<FitOptions>();
  const Command fit = group.Add(session, "fit", "fit to everybody and put it in force",
                                [=] { return Fit(*session, *options); });
  fit.AddOption("--holdout-days", options->holdout_days,
                "also predict the last days from what came before")
      .WholeIn(0, 36'500);
  fit.AddOption("--request-id", options->request_id, "makes a retry by hand safe");
  fit.AddFlag("--dry-run", options->dry_run, "fit, but put nothing in force");
  group.Add(session, "show", "the model in force", [=] { return Show(*session); });
}

}  // namespace tenure::cli
