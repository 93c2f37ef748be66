#include "clients/cli/session.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "clients/cli/output_file.h"
#include "server/base/status.h"

namespace tenure::cli {
namespace {

bool progress_wanted = false;
bool json_printed = false;

}  // namespace

void PrintJson(const nlohmann::ordered_json& document) {
  json_printed = true;
  using Json = nlohmann::ordered_json;
  std::cout << document.dump(2, ' ', false, Json::error_handler_t::replace) << std::endl;
}

bool JsonPrinted() { return json_printed; }

void Progress(absl::string_view what, double fraction) {
  static const bool terminal = isatty(STDERR_FILENO) == 1;
  if (!terminal && !progress_wanted) return;
  std::fprintf(stderr, "%s%.*s %3.0f %%%s", terminal ? "\r" : "", static_cast<int>(what.size()),
               what.data(), fraction * 100, !terminal || fraction >= 1 ? "\n" : "");
}

void AlwaysShowProgress() { progress_wanted = true; }

absl::Status ReadFile(const std::string& path, std::string* contents) {
  if (path == "-") {
    contents->assign(std::istreambuf_iterator<char>(std::cin), {});
    return absl::OkStatus();
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError(absl::StrCat("can't open ", path, ": ", std::strerror(errno)));
  }
  contents->assign(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) return absl::UnavailableError(absl::StrCat("can't read ", path));
  return absl::OkStatus();
}

absl::Status WriteFile(const std::string& path, absl::string_view contents) {
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<OutputFile> out, OutputFile::Create(path));
  out->text()->append(contents.data(), contents.size());
  return out->Keep();
}

}  // namespace tenure::cli
