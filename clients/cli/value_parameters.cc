#include "clients/cli/value_parameters.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/numbers.h"
#include "server/base/status.h"
#include "server/clv/model_kind.h"

namespace tenure::cli {
namespace {

using Named = std::vector<std::pair<std::string, double>>;

// Moves the named values out of `given`, in the order of `names`.
absl::StatusOr<std::vector<double>> Take(const std::vector<std::string>& names,
                                         const std::string& model, Named* given) {
  std::vector<double> values;
  for (const std::string& name : names) {
    const auto found = std::find_if(given->begin(), given->end(),
                                    [&](const auto& each) { return each.first == name; });
    if (found == given->end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--params: ", model, " needs ", name, "=NUMBER"));
    }
    values.push_back(found->second);
    given->erase(found);
  }
  return values;
}

}  // namespace

absl::StatusOr<clv::ValueParameters> ParseValueParameters(const std::string& model,
                                                          const std::string& params) {
  TENURE_ASSIGN_OR_RETURN(const clv::ModelKind kind, clv::FindModelKind(model));
  TENURE_ASSIGN_OR_RETURN(Named given, ParseParameters(params));
  clv::ValueParameters parameters;
  parameters.model = model;
  TENURE_ASSIGN_OR_RETURN(parameters.purchase, Take(kind.ParameterNames(), model, &given));
  if (!given.empty()) {
    const bool spend = std::any_of(given.begin(), given.end(), [](const auto& each) {
      return each.first == "p" || each.first == "q" || each.first == "v";
    });
    if (spend) {
      TENURE_ASSIGN_OR_RETURN(parameters.spend, Take({"p", "q", "v"}, "spend", &given));
    }
  }
  if (given.empty()) return parameters;
  return absl::InvalidArgumentError(absl::StrCat(
      "--params: ", given[0].first, " is not a parameter of ", model, ", or it is there twice"));
}

}  // namespace tenure::cli
