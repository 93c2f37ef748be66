// What the rules compiler asks of plugins, answered by the plugins of a folder.
#ifndef TENURE_CLIENTS_CLI_PLUGIN_CATALOG_H_
#define TENURE_CLIENTS_CLI_PLUGIN_CATALOG_H_

#include <map>
#include <string>
#include <vector>

#include "server/plugin_host/registry.h"
#include "server/rules/compiler.h"

namespace tenure::cli {

// Immutable; thread-safe.
class FolderCatalog final : public rules::PluginCatalog {
 public:
  explicit FolderCatalog(plugin_host::Registry registry);

  std::vector<std::string> Ids() const override;
  const std::vector<Column>* Columns(absl::string_view plugin) const override;
  std::vector<ConfigProblem> CheckConfig(absl::string_view plugin,
                                         absl::string_view params_json) const override;

 private:
  const plugin_host::Registry registry_;
  std::map<std::string, std::vector<Column>> columns_;
};

// "../lib/tenure/plugins" from where this program lies.
std::string DefaultPluginFolder();

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_PLUGIN_CATALOG_H_
