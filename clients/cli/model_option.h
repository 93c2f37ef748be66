// How a command is told which model to use: a saved one, or a name and parameters.
#ifndef TENURE_CLIENTS_CLI_MODEL_OPTION_H_
#define TENURE_CLIENTS_CLI_MODEL_OPTION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/command.h"
#include "server/clv/value_model.h"

namespace tenure::cli {

struct ModelOption {
  std::vector<std::string> files;  // MODEL.json FILE.csv, or FILE.csv with model and params
  std::string model;
  std::string params;
  std::string unit;  // of the file's times; the model's where empty

  // Adds files, --model, --params and --unit to a command.
  void AddTo(const Command& command);
  // Ends the command as wrong usage where files and --model don't go together.
  void Check() const;
  const std::string& file() const { return files.back(); }
};

struct LoadedModel {
  clv::ValueParameters parameters;
  clv::ValueOptions options;
  double file_unit_days = 1;
};

// NOT_FOUND or INVALID_ARGUMENT naming the file, the key or the parameter.
absl::StatusOr<LoadedModel> Load(const ModelOption& option);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_MODEL_OPTION_H_
