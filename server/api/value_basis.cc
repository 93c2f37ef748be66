#include "server/api/value_basis.h"

#include "server/clv/value_model.h"
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
    return BasisOf(world->valuation.model->basis());
  }
  const auto version = engine.FindModelVersion(hash);
  if (!version.ok()) return v1::VALUE_BASIS_UNSPECIFIED;
  const auto model = clv::ValueModel::FromJson(version->record->model_json);
  return model.ok() ? BasisOf((*model)->basis()) : v1::VALUE_BASIS_UNSPECIFIED;
}

}  // namespace tenure::api
