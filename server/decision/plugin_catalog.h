// What the rules compiler asks of plugins, answered by those that are loaded.
#ifndef TENURE_SERVER_DECISION_PLUGIN_CATALOG_H_
#define TENURE_SERVER_DECISION_PLUGIN_CATALOG_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/plugin_host/registry.h"
#include "server/rules/compiler.h"

namespace tenure::decision {

// Immutable; thread-safe.
class RegistryCatalog final : public rules::PluginCatalog {
 public:
  explicit RegistryCatalog(std::shared_ptr<const plugin_host::Registry> plugins);
  std::vector<std::string> Ids() const override;
  const std::vector<Column>* Columns(absl::string_view plugin) const override;
  std::vector<ConfigProblem> CheckConfig(absl::string_view plugin,
                                         absl::string_view params_json) const override;
  absl::Status CheckPolicy(absl::string_view plugin, absl::string_view params_json,
                           absl::Span<const rules::Offer> offers) const override;

 private:
  const std::shared_ptr<const plugin_host::Registry> plugins_;
  std::map<std::string, std::vector<Column>, std::less<>> columns_;
};

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_PLUGIN_CATALOG_H_
