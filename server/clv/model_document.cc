#include "server/clv/model_document.h"

#include "absl/strings/str_cat.h"
#include "server/base/status.h"

namespace tenure::clv {

bool ModelDocument::IsOwn(const ValueModel& of) const {
  if (populations == nullptr) return true;
  for (const Population& population : populations->populations()) {
    if (population.model.get() == &of) return population.IsOwn();
  }
  return false;
}

const char* ModelDocument::basis() const {
  if (populations == nullptr) return model->basis();
  for (const Population& population : populations->populations()) {
    if (absl::string_view(population.model->basis()) == "margin") return "margin";
  }
  return populations->pooled().basis();
}

std::string TextOf(const ModelDocument& models, absl::string_view population) {
  if (models.populations == nullptr) {
    return absl::StrCat("pooled: the model is one for all; a new fit parts `", population, "`");
  }
  return models.populations->TextOf(population);
}

absl::StatusOr<ModelDocument> ReadModelDocument(absl::string_view json) {
  ModelDocument document;
  if (PopulationModels::IsJson(json)) {
    TENURE_ASSIGN_OR_RETURN(document.populations, PopulationModels::FromJson(json));
    document.model = document.populations->pooled_model();
    return document;
  }
  TENURE_ASSIGN_OR_RETURN(document.model, ValueModel::FromJson(json));
  return document;
}

}  // namespace tenure::clv
