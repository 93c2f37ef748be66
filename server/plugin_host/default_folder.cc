#include "server/plugin_host/default_folder.h"

#include <filesystem>
#include <system_error>

namespace tenure::plugin_host {

std::string DefaultFolder() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return "lib/tenure/plugins";
  return (self.parent_path().parent_path() / "lib" / "tenure" / "plugins").string();
}

}  // namespace tenure::plugin_host
