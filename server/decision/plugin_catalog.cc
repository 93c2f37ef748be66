#include "server/decision/plugin_catalog.h"

#include <utility>

#include "server/decision/offer_specs.h"
#include "server/plugin_host/policy.h"

namespace tenure::decision {

RegistryCatalog::RegistryCatalog(std::shared_ptr<const plugin_host::Registry> plugins)
    : plugins_(std::move(plugins)) {
  for (const auto& plugin : plugins_->all()) {
    std::vector<Column>& fields = columns_[plugin->id()];
    for (const plugin_host::ColumnNeed& need : plugin->columns()) {
      fields.push_back({need.name, need.dtype, need.required});
    }
  }
}

std::vector<std::string> RegistryCatalog::Ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, fields] : columns_) ids.push_back(id);
  return ids;
}

const std::vector<rules::PluginCatalog::Column>* RegistryCatalog::Columns(
    absl::string_view plugin) const {
  const auto it = columns_.find(std::string(plugin));
  return it == columns_.end() ? nullptr : &it->second;
}

std::vector<rules::PluginCatalog::ConfigProblem> RegistryCatalog::CheckConfig(
    absl::string_view plugin, absl::string_view params_json) const {
  std::vector<ConfigProblem> problems;
  const std::shared_ptr<const plugin_host::Plugin> found = plugins_->Find(plugin);
  if (found == nullptr) return problems;
  for (const plugin_host::ConfigProblem& problem : found->CheckConfig(params_json)) {
    problems.push_back({problem.pointer, problem.message});
  }
  return problems;
}

absl::Status RegistryCatalog::CheckPolicy(absl::string_view plugin, absl::string_view params_json,
                                          absl::Span<const rules::Offer> offers) const {
  std::shared_ptr<const plugin_host::Plugin> found = plugins_->Find(plugin);
  if (found == nullptr) return absl::OkStatus();
  return plugin_host::Policy::Create(std::move(found), params_json, OfferSpecs(offers)).status();
}

}  // namespace tenure::decision
