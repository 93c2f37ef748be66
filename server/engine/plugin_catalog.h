// The loaded plugins as the rules compiler wants to know them.
#ifndef TENURE_SERVER_ENGINE_PLUGIN_CATALOG_H_
#define TENURE_SERVER_ENGINE_PLUGIN_CATALOG_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/plugin_host/registry.h"
#include "server/rules/compiler.h"

namespace tenure::engine {

// Thread-safe.
class RegistryCatalog final : public rules::PluginCatalog {
 public:
  explicit RegistryCatalog(std::shared_ptr<const plugin_host::Registry> plugins);
  std::vector<std::string> Ids() const override;
  const std::vector<Column>* Columns(absl::string_view plugin) const override;
  std::vector<ConfigProblem> CheckConfig(absl::string_view plugin,
                                         absl::string_view params_json) const override;

 private:
  const std::shared_ptr<const plugin_host::Registry> plugins_;
  std::map<std::string, std::vector<Column>, std::less<>> columns_;
};

// For rule sets that were checked when they were published: knows every plugin and finds no fault,
// so that a journal can be folded where a plugin is gone. Thread-safe.
class TrustingCatalog final : public rules::PluginCatalog {
 public:
  std::vector<std::string> Ids() const override { return {}; }
  const std::vector<Column>* Columns(absl::string_view) const override { return &none_; }
  std::vector<ConfigProblem> CheckConfig(absl::string_view, absl::string_view) const override {
    return {};
  }

 private:
  const std::vector<Column> none_;
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_PLUGIN_CATALOG_H_
