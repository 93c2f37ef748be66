// Where plugins lie when nobody says it.
#ifndef TENURE_SERVER_PLUGIN_HOST_DEFAULT_FOLDER_H_
#define TENURE_SERVER_PLUGIN_HOST_DEFAULT_FOLDER_H_

#include <string>

namespace tenure::plugin_host {

// "../lib/tenure/plugins" from where the running program lies.
std::string DefaultFolder();

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_DEFAULT_FOLDER_H_
