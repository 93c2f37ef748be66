#include "server/plugin_host/registry.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"

namespace tenure::plugin_host {

absl::StatusOr<Registry> Registry::LoadFolder(const std::string& dir, const LogSink& log) {
  std::error_code error;
  std::vector<std::string> paths;
  for (std::filesystem::directory_iterator it(dir, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".so") paths.push_back(it->path().string());
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat("plugin folder ", dir, ": ", error.message()));
  }
  std::sort(paths.begin(), paths.end());
  Registry registry;
  for (const std::string& path : paths) {
    auto plugin = Plugin::Load(path, log);
    if (!plugin.ok()) {
      registry.refusals_.push_back({path, plugin.status()});
    } else if (const auto other = registry.Find((*plugin)->id()); other != nullptr) {
      registry.refusals_.push_back(
          {path, absl::FailedPreconditionError(absl::StrCat(
                     path, ": found the plugin id '", other->id(), "', which ", other->path(),
                     " has already; accepted is one file for an id; take one of them away"))});
    } else {
      registry.plugins_.push_back(*std::move(plugin));
    }
  }
  std::sort(registry.plugins_.begin(), registry.plugins_.end(),
            [](const auto& a, const auto& b) { return a->id() < b->id(); });
  return registry;
}

std::shared_ptr<const Plugin> Registry::Find(absl::string_view id) const {
  for (const auto& plugin : plugins_) {
    if (plugin->id() == id) return plugin;
  }
  return nullptr;
}

}  // namespace tenure::plugin_host
