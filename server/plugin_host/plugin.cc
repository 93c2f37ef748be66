#include "server/plugin_host/plugin.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "plugins/abi/tenure_plugin.h"
#include "server/base/digest.h"
#include "server/base/status.h"
#include "server/base/utf8.h"
#include "server/plugin_host/elf_check.h"
#include "server/plugin_host/library.h"
#include "server/plugin_host/manifest.h"
#include "server/plugin_host/plugin_call.h"

namespace tenure::plugin_host {
namespace {

constexpr size_t kMostBytes = 256u << 20;
constexpr uint64_t kMostItems = 1'024;  // columns, stages, reasons

std::string Copy(tenure_str text) {
  return text.data == nullptr ? "" : ReplaceInvalidUtf8({text.data, text.size});
}

absl::Status Refuse(absl::string_view found, absl::string_view accepted, absl::string_view remedy) {
  return absl::FailedPreconditionError(
      absl::StrCat("found ", found, "; accepted is ", accepted, "; ", remedy));
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("there is no such file, or it can't be read");
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (bytes.size() > kMostBytes) {
    return Refuse(absl::StrCat(bytes.size(), " bytes"), "256 MiB at most", "strip the file");
  }
  return bytes;
}

bool IsId(absl::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// S2: what stands behind the part that this host knows is of a later version, and must be zero. A
// missing tail counts as zero, but not of what the first version had, up to `least`.
absl::Status CheckSize(absl::string_view what, absl::string_view type, const void* given,
                       uint64_t size, uint64_t least, uint64_t known) {
  constexpr uint64_t kMostBytesOfStruct = 64 << 10;
  if (size < least || size > kMostBytesOfStruct) {
    return Refuse(absl::StrCat("a ", what, " of ", size, " bytes"), absl::StrCat(known),
                  absl::StrCat("set struct_size to sizeof(", type, ")"));
  }
  const char* bytes = static_cast<const char*>(given);
  if (size > known && std::any_of(bytes + known, bytes + size, [](char c) { return c != 0; })) {
    return Refuse(absl::StrCat("a ", what, " of ", size, " bytes with more than ABI 1.",
                               TENURE_ABI_MINOR, " knows"),
                  absl::StrCat("zeros after the first ", known), "update the server");
  }
  return absl::OkStatus();
}

absl::Status CheckList(absl::string_view what, uint64_t count, const void* list) {
  if (count > kMostItems) {
    return Refuse(absl::StrCat(count, " ", what), absl::StrCat(kMostItems, " at most"),
                  "correct the manifest");
  }
  if (count == 0 || list != nullptr) return absl::OkStatus();
  return Refuse(absl::StrCat(count, " ", what, " and no address"), "an address, or a count of 0",
                "correct the manifest");
}

// Decisions are replayed from the journal, and planned in other batches than they are made in.
absl::Status CheckGuarantees(uint32_t guarantees) {
  const bool deterministic = (guarantees & TENURE_DETERMINISTIC) != 0;
  if (deterministic && (guarantees & TENURE_BATCH_INVARIANT) != 0) return absl::OkStatus();
  return Refuse(
      absl::StrCat("no ", deterministic ? "TENURE_BATCH_INVARIANT" : "TENURE_DETERMINISTIC",
                   " among the guarantees"),
      "both guarantees", "keep them and declare them in the manifest");
}

absl::Status CheckTable(const tenure_plugin* table) {
  if (table == nullptr) return Refuse("no table", "a table", "return it from the entry symbol");
  // The majors agree on struct_size, abi_major and nothing else.
  if (table->abi_major != TENURE_ABI_MAJOR) {
    return Refuse(absl::StrCat("ABI version ", table->abi_major),
                  absl::StrCat("version ", TENURE_ABI_MAJOR),
                  "build it against this server's tenure_plugin.h");
  }
  TENURE_RETURN_IF_ERROR(CheckSize("table", "tenure_plugin", table, table->struct_size,
                                   offsetof(tenure_plugin, get_extension), sizeof(tenure_plugin)));
  if (table->min_host_minor > TENURE_ABI_MINOR) {
    return Refuse(absl::StrCat("a need for ABI 1.", table->min_host_minor),
                  absl::StrCat("1.", TENURE_ABI_MINOR, " at most"), "update the server");
  }
  if (table->describe == nullptr || table->policy_create == nullptr ||
      table->policy_destroy == nullptr || table->worker_create == nullptr ||
      table->worker_destroy == nullptr || table->propose == nullptr) {
    return Refuse("an empty slot in the table", "functions in all but get_extension",
                  "fill describe, policy_*, worker_* and propose");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Plugin::Describe() {
  const tenure_manifest* manifest = table_->describe();
  if (manifest == nullptr) {
    return Refuse("no manifest", "a manifest of ABI 1.0", "return a static one from describe");
  }
  TENURE_RETURN_IF_ERROR(CheckSize("manifest", "tenure_manifest", manifest, manifest->struct_size,
                                   sizeof(tenure_manifest), sizeof(tenure_manifest)));
  id_ = Copy(manifest->id);
  version_ = Copy(manifest->version);
  vendor_ = Copy(manifest->vendor);
  description_ = Copy(manifest->description);
  config_schema_json_ = Copy(manifest->config_schema_json);
  if (!IsId(id_)) {
    return Refuse(absl::StrCat("the id '", id_, "'"), "a-z, 0-9 and '_', 1 to 64 bytes",
                  "correct the manifest");
  }
  if (manifest->feature_schema != 1) {
    return Refuse(absl::StrCat("feature schema ", manifest->feature_schema), "1",
                  "build it for this server's features");
  }
  TENURE_RETURN_IF_ERROR(CheckGuarantees(manifest->guarantees));
  TENURE_RETURN_IF_ERROR(CheckList("stages", manifest->stage_count, manifest->stages));
  TENURE_RETURN_IF_ERROR(CheckList("columns", manifest->column_count, manifest->columns));
  TENURE_RETURN_IF_ERROR(CheckList("reasons", manifest->reason_count, manifest->reasons));
  for (uint64_t i = 0; i < manifest->stage_count; ++i) stages_.push_back(Copy(manifest->stages[i]));
  for (uint64_t i = 0; i < manifest->column_count; ++i) {
    const tenure_field& field = manifest->columns[i];
    if (field.dtype < TENURE_BOOL || field.dtype > TENURE_DURATION || field.name.size == 0) {
      return Refuse(absl::StrCat("column '", Copy(field.name), "' of type ", field.dtype),
                    "a name and a type of 1 to 6", "correct the manifest");
    }
    columns_.push_back({Copy(field.name), static_cast<DType>(field.dtype),
                        (field.flags & TENURE_FIELD_REQUIRED) != 0});
  }
  for (uint64_t i = 0; i < manifest->reason_count; ++i) {
    reasons_.push_back({manifest->reasons[i].code, Copy(manifest->reasons[i].text)});
  }
  TENURE_ASSIGN_OR_RETURN(schema_, ConfigSchema::Parse(config_schema_json_));
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const Plugin>> Plugin::Load(const std::string& path, LogSink log) {
  std::shared_ptr<Plugin> plugin(new Plugin(path, std::move(log)));
  const absl::Status status = [&]() -> absl::Status {
    TENURE_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
    plugin->sha256_ = Sha256Hex(bytes);
    TENURE_ASSIGN_OR_RETURN(const auto manifest, ReadManifest(ManifestPath(path)));
    if (manifest.has_value()) TENURE_RETURN_IF_ERROR(manifest->CheckBytes(plugin->sha256_));
    TENURE_RETURN_IF_ERROR(CheckSharedObject(bytes, TENURE_ENTRY_SYMBOL));
    Log(plugin->faults_.sink(), Severity::kInfo, absl::StrCat("loading ", path));
    const PluginCall call("", path.c_str(), "its loading");  // constructors, entry and describe
    TENURE_ASSIGN_OR_RETURN(void* const symbol,
                            LoadLibraryBytes(bytes, plugin->sha256_, TENURE_ENTRY_SYMBOL));
    plugin->table_ = reinterpret_cast<decltype(&tenure_plugin_entry_v1)>(symbol)();
    TENURE_RETURN_IF_ERROR(CheckTable(plugin->table_));
    TENURE_RETURN_IF_ERROR(plugin->Describe());
    if (manifest.has_value()) return manifest->CheckIdentity(plugin->id_, plugin->version_);
    return absl::OkStatus();
  }();
  if (!status.ok()) return Annotate(status, path);
  return std::shared_ptr<const Plugin>(std::move(plugin));
}

std::vector<ConfigProblem> Plugin::CheckConfig(absl::string_view canonical_json) const {
  return schema_->Check(canonical_json);
}

}  // namespace tenure::plugin_host
