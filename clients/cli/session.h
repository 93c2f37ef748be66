// What every command of `tenure` shares: where output goes and how it ends.
#ifndef TENURE_CLIENTS_CLI_SESSION_H_
#define TENURE_CLIENTS_CLI_SESSION_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tenure::cli {

// Options before any command, and the outcome. One per process; not thread-safe.
struct Session {
  bool json = false;                      // one JSON document on standard output
  std::string server = "127.0.0.1:7878";  // for commands that ask a server
  absl::Status outcome;                   // not OK: exit 1, the message on standard error
};

// Prints the one JSON document of --json, with a final newline. Bytes that are no UTF-8 are
// replaced.
void PrintJson(const nlohmann::ordered_json& document);
// Whether it was printed: a command that fails with none prints {"error": {"code", "message"}}.
bool JsonPrinted();

// A line of progress on standard error where that is a terminal; nothing otherwise.
void Progress(absl::string_view what, double fraction);
// From now on also where it is no terminal, a line each time.
void AlwaysShowProgress();

// The whole file, "-" for standard input. NOT_FOUND or UNAVAILABLE naming the path.
absl::Status ReadFile(const std::string& path, std::string* contents);
// As OutputFile, so that a full disk leaves no half file.
absl::Status WriteFile(const std::string& path, absl::string_view contents);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SESSION_H_
