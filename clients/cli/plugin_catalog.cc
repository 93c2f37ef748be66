#include "clients/cli/plugin_catalog.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace tenure::cli {

FolderCatalog::FolderCatalog(plugin_host::Registry registry) : registry_(std::move(registry)) {
  for (const auto& plugin : registry_.all()) {
    std::vector<Column>& columns = columns_[plugin->id()];
    for (const plugin_host::ColumnNeed& need : plugin->columns()) {
      columns.push_back({need.name, need.dtype, need.required});
    }
  }
}

std::vector<std::string> FolderCatalog::Ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, columns] : columns_) ids.push_back(id);
  return ids;
}

const std::vector<FolderCatalog::Column>* FolderCatalog::Columns(absl::string_view plugin) const {
  const auto it = columns_.find(std::string(plugin));
  return it == columns_.end() ? nullptr : &it->second;
}

std::vector<FolderCatalog::ConfigProblem> FolderCatalog::CheckConfig(
    absl::string_view plugin, absl::string_view params_json) const {
  std::vector<ConfigProblem> problems;
  const std::shared_ptr<const plugin_host::Plugin> found = registry_.Find(plugin);
  if (found == nullptr) return problems;
  for (plugin_host::ConfigProblem& problem : found->CheckConfig(params_json)) {
    problems.push_back({std::move(problem.pointer), std::move(problem.message)});
  }
  return problems;
}

std::string DefaultPluginFolder() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return "lib/tenure/plugins";
  return (self.parent_path().parent_path() / "lib" / "tenure" / "plugins").string();
}

}  // namespace tenure::cli
