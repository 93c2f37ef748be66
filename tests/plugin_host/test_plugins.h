// Where the build puts the plugins that tests load.
#ifndef TENURE_TESTS_PLUGIN_HOST_TEST_PLUGINS_H_
#define TENURE_TESTS_PLUGIN_HOST_TEST_PLUGINS_H_

#include <filesystem>
#include <string>

namespace tenure::plugin_host {

// The build's folder: tests stand in its tests/.
inline std::string BuildFolder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path().string();
}
inline std::string TestPlugin(const std::string& name) {
  return BuildFolder() + "/lib/tenure/test-plugins/" + name + ".so";
}
inline std::string ShippedPlugin(const std::string& name) {
  return BuildFolder() + "/lib/tenure/plugins/" + name + ".so";
}

}  // namespace tenure::plugin_host

#endif  // TENURE_TESTS_PLUGIN_HOST_TEST_PLUGINS_H_
