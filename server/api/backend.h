// What the services speak to, and who may speak to them.
#ifndef TENURE_SERVER_API_BACKEND_H_
#define TENURE_SERVER_API_BACKEND_H_

#include <memory>
#include <string>
#include <vector>

#include "server/base/limits.h"

namespace tenure::engine {
class Engine;
}
namespace tenure::plugin_host {
class Registry;
}
namespace tenure::rules {
class PluginCatalog;
}

namespace tenure::api {

// The house behind the API. Everything outlives the server.
struct Backend {
  engine::Engine* engine = nullptr;
  std::shared_ptr<const plugin_host::Registry> plugins;
  const rules::PluginCatalog* catalog = nullptr;
};

struct AccessOptions {
  Limits limits;
  std::vector<std::string> callers;  // who may call; empty: anybody
  size_t open_calls = 16'384;        // calls and streams under way at once
};

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_BACKEND_H_
