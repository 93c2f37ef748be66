// The manifest beside a plugin's file: what its vendor says it is, before anything of it runs.
#ifndef TENURE_SERVER_PLUGIN_HOST_MANIFEST_H_
#define TENURE_SERVER_PLUGIN_HOST_MANIFEST_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tenure::plugin_host {

// {"id": …, "version": …, "sha256": …, "abi": 1}; all four are needed and no other key is known.
struct Manifest {
  std::string path, id, version, sha256;

  // FAILED_PRECONDITION when the file's bytes are not the ones the manifest was made for.
  absl::Status CheckBytes(absl::string_view file_sha256) const;
  // FAILED_PRECONDITION when the plugin says otherwise of itself.
  absl::Status CheckIdentity(absl::string_view plugin_id, absl::string_view plugin_version) const;
};

// "folder/name.so" → "folder/name.plugin.json".
std::string ManifestPath(const std::string& plugin_path);

// Nothing when there is no such file. FAILED_PRECONDITION when it is there and wrong.
absl::StatusOr<std::optional<Manifest>> ReadManifest(const std::string& path);

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_MANIFEST_H_
