// `tenure models validate`
#include <iostream>
#include <memory>
#include <string>

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

struct Options {
  std::string model;
  std::string out;
  int32_t holdout_days = 0;
};

std::string GradeName(v1::ValidationGrade grade) {
  return v1::ValidationGrade_Name(grade).substr(std::string("VALIDATION_GRADE_").size());
}

void Print(const v1::ModelValidation& validation) {
  std::cout << GradeName(validation.grade()) << ": " << validation.summary()
            << "\nfirst: " << validation.first_step() << "\n"
            << validation.kind() << ", " << validation.model()
            << absl::StrFormat(": %.0f customers, %.0f days held out\n", validation.customers(),
                               validation.holdout_days());
  Table table({"", "expected", "actual", "MAE", "RMSE", "Spearman", "Gini gain"});
  const auto add = [&](const char* name, const v1::ValidationAgreement& agreement) {
    table.Add({name, absl::StrFormat("%.2f", agreement.expected()),
               absl::StrFormat("%.2f", agreement.actual()),
               absl::StrFormat("%.4f", agreement.mean_absolute_error()),
               absl::StrFormat("%.4f", agreement.root_mean_square_error()),
               agreement.has_spearman() ? absl::StrFormat("%.3f", agreement.spearman()) : "-",
               agreement.has_gini_gain() ? absl::StrFormat("%.3f", agreement.gini_gain()) : "-"});
  };
  add("purchases", validation.purchases());
  if (validation.has_spend()) add("spend", validation.spend());
  table.Print();
  for (const v1::ValidationFinding& finding : validation.findings()) {
    std::cout << GradeName(finding.grade()) << " " << finding.code() << ": " << finding.what()
              << (finding.remedy().empty() ? "" : " ") << finding.remedy() << "\n";
  }
}

absl::Status Run(const Session& session, const Options& options) {
  v1::ValidateModelRequest request;
  request.set_holdout_days(options.holdout_days);
  if (!options.model.empty()) request.set_model(WithPrefix("models/", options.model));
  v1::ValidateModelResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(
      client.Call("ModelService/ValidateModel", request, &response, kLongCallMs));
  if (!options.out.empty()) {
    TENURE_RETURN_IF_ERROR(WriteFile(options.out, response.validation().report_html()));
  }
  if (session.json) return PrintMessage(response.validation());
  Print(response.validation());
  return absl::OkStatus();
}

}  // namespace

void AddModelsValidate(const Command& app, Session* session) {
  const Command group = app.Group("models", "the value model of the server's population");
  auto options = std::make_shared<Options>();
  const Command command =
      group.Add(session, "validate", "hold a model against the last days of the server's data",
                [=] { return Run(*session, *options); });
  command.AddOption("--holdout-days", options->holdout_days, "days held out, up to yesterday")
      .WholeIn(1, 3'650)
      .Required();
  command.AddOption("--model", options->model,
                    "`active`: the model in force; without it one is fitted to what came before");
  command.AddOption("--out", options->out, "file for the report, HTML");
}

}  // namespace tenure::cli
