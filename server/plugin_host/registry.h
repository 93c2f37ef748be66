// The plugins of a folder, by id.
#ifndef TENURE_SERVER_PLUGIN_HOST_REGISTRY_H_
#define TENURE_SERVER_PLUGIN_HOST_REGISTRY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/plugin_host/plugin.h"

namespace tenure::plugin_host {

// Immutable once loaded; thread-safe.
class Registry {
 public:
  struct Refusal {
    std::string path;
    absl::Status status;
  };

  // Loads every `*.so` of a folder in the order of their names. A file that is refused does not
  // stop the others: see refusals(). NOT_FOUND when there is no such folder. `log`: see
  // Plugin::Load.
  static absl::StatusOr<Registry> LoadFolder(const std::string& dir, const LogSink& log = {});

  // Null when there is none of that id.
  std::shared_ptr<const Plugin> Find(absl::string_view id) const;
  // By id.
  const std::vector<std::shared_ptr<const Plugin>>& all() const { return plugins_; }
  const std::vector<Refusal>& refusals() const { return refusals_; }

 private:
  std::vector<std::shared_ptr<const Plugin>> plugins_;
  std::vector<Refusal> refusals_;
};

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_REGISTRY_H_
