#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/rules/compiler.h"

namespace tenure::rules {
namespace {

absl::StatusOr<Source> ReadSource(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(path.string(), ": can't be opened"));
  return Source{path.filename().string(),
                std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>())};
}

}  // namespace

absl::StatusOr<std::vector<Source>> ReadFolder(const std::string& folder, FolderPart part) {
  std::error_code error;
  std::filesystem::directory_iterator files(folder, error);
  if (error) return absl::NotFoundError(absl::StrCat(folder, ": ", error.message()));
  std::vector<std::filesystem::path> paths;
  size_t bytes = 0;
  for (const std::filesystem::directory_entry& entry : files) {
    const std::string name = entry.path().filename().string();
    if (absl::EndsWith(name, ".yml")) {
      return absl::InvalidArgumentError(
          absl::StrCat(entry.path().string(), ": rule files end in .yaml; rename it"));
    }
    if (!absl::EndsWith(name, ".yaml") || absl::StartsWith(name, ".")) continue;
    if (absl::EndsWith(name, "_test.yaml") != (part == FolderPart::kTests)) continue;
    const uintmax_t size = entry.file_size(error);
    if (error) return absl::NotFoundError(absl::StrCat(entry.path().string(), ": no file"));
    bytes += size;
    paths.push_back(entry.path());
  }
  if (bytes > Limits().rule_set_bytes) {
    return absl::InvalidArgumentError(absl::StrCat(folder, ": the files have ", bytes,
                                                   " bytes together, the limit is ",
                                                   Limits().rule_set_bytes));
  }
  if (paths.empty() && part == FolderPart::kRules) {
    return absl::NotFoundError(absl::StrCat(folder, ": no *.yaml file"));
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Source> sources;
  for (const std::filesystem::path& path : paths) {
    TENURE_ASSIGN_OR_RETURN(Source source, ReadSource(path));
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace tenure::rules
