#include "server/plugin_host/manifest.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tenure::plugin_host {
namespace {

absl::Status Wrong(absl::string_view path, absl::string_view found, absl::string_view accepted) {
  return absl::FailedPreconditionError(absl::StrCat(
      "manifest ", path, ": found ", found, "; accepted is ", accepted, "; write it again"));
}

}  // namespace

absl::Status Manifest::CheckBytes(absl::string_view file_sha256) const {
  if (file_sha256 == sha256) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("found SHA-256 ", file_sha256, "; accepted is ", sha256, ", by ", path,
                   "; take the file that belongs to this manifest"));
}

absl::Status Manifest::CheckIdentity(absl::string_view plugin_id,
                                     absl::string_view plugin_version) const {
  if (plugin_id == id && plugin_version == version) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("found plugin ", plugin_id, " ", plugin_version, "; accepted is ", id, " ",
                   version, ", by ", path, "; correct the manifest or the plugin's own"));
}

std::string ManifestPath(const std::string& plugin_path) {
  return absl::StrCat(absl::StripSuffix(plugin_path, ".so"), ".plugin.json");
}

absl::StatusOr<std::optional<Manifest>> ReadManifest(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::optional<Manifest>();
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return Wrong(path, "no JSON object", "one");
  Manifest manifest;
  manifest.path = path;
  bool abi = false;
  for (const auto& [key, value] : json.items()) {
    std::string* const into = key == "id"        ? &manifest.id
                              : key == "version" ? &manifest.version
                              : key == "sha256"  ? &manifest.sha256
                                                 : nullptr;
    if (into != nullptr && value.is_string()) {
      *into = value.get<std::string>();
    } else if (key == "abi" && value == 1) {
      abi = true;
    } else {
      return Wrong(path, absl::StrCat("\"", key, "\": ", value.dump()),
                   "id, version and sha256 as texts, and \"abi\": 1");
    }
  }
  if (manifest.id.empty() || manifest.version.empty() || manifest.sha256.empty() || !abi) {
    return Wrong(path, "a key that is missing or empty", "id, version, sha256 and abi");
  }
  return std::optional<Manifest>(std::move(manifest));
}

}  // namespace tenure::plugin_host
