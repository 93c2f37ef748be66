// What a saved document holds: one value model, or one for each of several populations.
#ifndef TENURE_SERVER_CLV_MODEL_DOCUMENT_H_
#define TENURE_SERVER_CLV_MODEL_DOCUMENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/clv/population_models.h"
#include "server/clv/value_model.h"

namespace tenure::clv {

struct ModelDocument {
  std::shared_ptr<const ValueModel> model;  // the pooled one where there are populations
  std::shared_ptr<const PopulationModels> populations;  // null: one model for all

  const ValueModel& ModelOf(absl::string_view population) const {
    return populations == nullptr ? *model : populations->ModelOf(population);
  }
  // Whether a model was fitted to its customers alone, so that its errors are its own.
  bool IsOwn(const ValueModel& of) const;
  // What sums of their values are: "revenue" where every model's are, else "margin".
  const char* basis() const;
};

// Where the model of a population's customers comes from, for a person.
std::string TextOf(const ModelDocument& models, absl::string_view population);

// What ToJson of either wrote. INVALID_ARGUMENT naming what is wrong. Thread-safe.
absl::StatusOr<ModelDocument> ReadModelDocument(absl::string_view json);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_MODEL_DOCUMENT_H_
