#include "clients/cli/fittable_model.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "server/clv/model_kind.h"

namespace tenure::cli {

std::vector<std::string> FittableModels() {
  std::vector<std::string> models = clv::ModelNames();
  models.insert(models.begin(), "auto");
  models.insert(models.end(), {"cnbd_k", "bg_cnbd_k", "mbg_cnbd_k"});
  return models;
}

void CheckFittable(const std::string& model, absl::string_view more) {
  const std::vector<std::string> known = FittableModels();
  if (std::find(known.begin(), known.end(), model) != known.end()) return;
  if (const auto kind = clv::FindModelKind(model); !kind.ok()) {
    RefuseUsage(absl::StrCat("--model: ", kind.status().message(), more));
  }
}

}  // namespace tenure::cli
