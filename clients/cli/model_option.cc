#include "clients/cli/model_option.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/time_unit.h"
#include "clients/cli/value_parameters.h"
#include "server/base/status.h"
#include "server/clv/covariate_model.h"
#include "server/clv/model_kind.h"
#include "server/clv/population_models.h"

namespace tenure::cli {

void ModelOption::AddTo(const Command& command) {
  command.AddOption("files", files, "MODEL.json FILE.csv, or FILE.csv with --model")
      .Required()
      .Count(1, 2);
  command.AddOption(
      "--model", model,
      absl::StrCat("use --params instead of a saved model: ",
                   absl::StrJoin(clv::ModelNames(), ", "), ", or as mbg_cnbd_3 of regular timing"));
  command.AddOption("--params", params, "r=…,alpha=…,a=…,b=… and p=…,q=…,v=… for spend");
  command
      .AddOption(
          "--unit", unit,
          "unit of recency and T in the file (a month is 30.4375 days); the saved model's if "
          "not given, needed with --params")
      .OneOf(TimeUnits());
}

void ModelOption::Check() const {
  if (!model.empty()) {
    const auto kind = clv::FindModelKind(model);
    if (!kind.ok()) RefuseUsage(absl::StrCat("--model: ", kind.status().message()));
    if (unit.empty()) {
      RefuseUsage(absl::StrCat("--params are in a unit of time, as the file: say --unit ",
                               absl::StrJoin(TimeUnits(), ", "), " with --model"));
    }
  }
  if (files.size() == (model.empty() ? 2 : 1)) return;
  RefuseUsage("give MODEL.json and FILE.csv, or --model, --params and FILE.csv");
}

absl::StatusOr<LoadedModel> Load(const ModelOption& option) {
  LoadedModel loaded;
  if (option.model.empty()) {
    std::string json;
    TENURE_RETURN_IF_ERROR(ReadFile(option.files[0], &json));
    if (clv::CovariateModel::IsJson(json)) {
      return absl::InvalidArgumentError(absl::StrCat(
          option.files[0],
          ": with covariates each customer has a model of their own, which `tenure score` and "
          "`tenure value early` use; this command takes one model for all"));
    }
    if (clv::PopulationModels::IsJson(json)) {
      return absl::InvalidArgumentError(
          absl::StrCat(option.files[0],
                       " is of several populations; `tenure score` and `tenure value early` use "
                       "it; this command takes one model for all"));
    }
    absl::StatusOr<std::shared_ptr<const clv::ValueModel>> saved = clv::ValueModel::FromJson(json);
    if (!saved.ok()) return Annotate(saved.status(), option.files[0]);
    loaded.parameters = (*saved)->parameters();
    loaded.options = (*saved)->options();
  } else {
    TENURE_ASSIGN_OR_RETURN(loaded.parameters, ParseValueParameters(option.model, option.params));
    loaded.options.time_unit_days = UnitDays(option.unit);
  }
  loaded.file_unit_days =
      option.unit.empty() ? loaded.options.time_unit_days : UnitDays(option.unit);
  return loaded;
}

}  // namespace tenure::cli
