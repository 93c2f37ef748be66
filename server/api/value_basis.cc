#include "server/api/value_basis.h"

#include "server/clv/model_document.h"
#include "server/decision/world.h"

namespace tenure::api {

namespace v1 = tenure::v1;

namespace {

constexpr size_t kKept = 1'024;  // more versions than a server sees in years

}  // namespace

v1::ValueBasis BasisOf(absl::string_view name) {
  if (name == "revenue") return v1::VALUE_BASIS_REVENUE;
  return name == "margin" ? v1::VALUE_BASIS_MARGIN : v1::VALUE_BASIS_UNSPECIFIED;
}

std::optional<v1::ValueBasis> ValueBases::Peek(const engine::Engine& engine,
                                               absl::string_view hash) {
  if (hash.empty()) return v1::VALUE_BASIS_UNSPECIFIED;
  {
    MutexLock lock(&mutex_);
    const auto kept = kept_.find(std::string(hash));
    if (kept != kept_.end()) return kept->second;
  }
  const auto world = engine.world();
  if (world == nullptr || world->valuation.model == nullptr || world->model_hash != hash) {
    return std::nullopt;
  }
  const v1::ValueBasis basis = BasisOf(world->valuation.models().basis());
  Keep(hash, basis);
  return basis;
}

v1::ValueBasis ValueBases::Find(const engine::Engine& engine, absl::string_view hash) {
  if (const auto known = Peek(engine, hash)) return *known;
  const auto version = engine.FindModelVersion(hash);
  if (!version.ok()) return v1::VALUE_BASIS_UNSPECIFIED;
  const auto models = clv::ReadModelDocument(version->record->model_json);
  const v1::ValueBasis basis = models.ok() ? BasisOf(models->basis()) : v1::VALUE_BASIS_UNSPECIFIED;
  Keep(hash, basis);
  return basis;
}

void ValueBases::Keep(absl::string_view hash, v1::ValueBasis basis) {
  MutexLock lock(&mutex_);
  if (kept_.size() >= kKept) kept_.clear();
  kept_.emplace(std::string(hash), basis);
}

}  // namespace tenure::api
