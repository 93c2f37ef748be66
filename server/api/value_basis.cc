#include "server/api/value_basis.h"

#include "server/clv/model_document.h"
#include "server/decision/world.h"

namespace tenure::api {

namespace v1 = tenure::v1;

v1::ValueBasis BasisOf(absl::string_view name) {
  if (name == "revenue") return v1::VALUE_BASIS_REVENUE;
  return name == "margin" ? v1::VALUE_BASIS_MARGIN : v1::VALUE_BASIS_UNSPECIFIED;
}

v1::ValueBasis BasisOfModel(const engine::Engine& engine, absl::string_view hash) {
  if (hash.empty()) return v1::VALUE_BASIS_UNSPECIFIED;
  const auto world = engine.world();
  if (world != nullptr && world->valuation.model != nullptr && world->model_hash == hash) {
    return BasisOf(world->valuation.models().basis());
  }
  const auto version = engine.FindModelVersion(hash);
  if (!version.ok()) return v1::VALUE_BASIS_UNSPECIFIED;
  const auto models = clv::ReadModelDocument(version->record->model_json);
  return models.ok() ? BasisOf(models->basis()) : v1::VALUE_BASIS_UNSPECIFIED;
}

}  // namespace tenure::api
