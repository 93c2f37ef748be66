// Where the build puts the plugins that tests load.
#ifndef TENURE_TESTS_PLUGIN_HOST_TEST_PLUGINS_H_
#define TENURE_TESTS_PLUGIN_HOST_TEST_PLUGINS_H_

#include <cstdlib>
#include <string>

namespace tenure::plugin_host {

inline std::string BuildFolder() {
  const char* folder = std::getenv("TENURE_BINARY_DIR");
  return folder == nullptr ? "." : folder;
}
inline std::string TestPlugin(const std::string& name) {
  return BuildFolder() + "/lib/tenure/test-plugins/" + name + ".so";
}
inline std::string ShippedPlugin(const std::string& name) {
  return BuildFolder() + "/lib/tenure/plugins/" + name + ".so";
}

}  // namespace tenure::plugin_host

#endif  // TENURE_TESTS_PLUGIN_HOST_TEST_PLUGINS_H_
