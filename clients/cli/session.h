// What every command of `tenure` shares: where output goes and how it ends.
#ifndef TENURE_CLIENTS_CLI_SESSION_H_
#define TENURE_CLIENTS_CLI_SESSION_H_

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace CLI {
class App;
}

namespace tenure::cli {

// Options before any command, and the outcome. One per process; not thread-safe.
struct Session {
  bool json = false;                      // one JSON document on standard output
  std::string server = "127.0.0.1:7878";  // for commands that ask a server
  absl::Status outcome;                   // not OK: exit 1, the message on standard error
};

// Adds a command: `run` is called once after parsing; its status becomes the session's outcome.
CLI::App* AddCommand(CLI::App* parent, Session* session, const std::string& name,
                     const std::string& description, std::function<absl::Status()> run);

// Prints the one JSON document of --json, with a final newline. Bytes that are no UTF-8 are
// replaced.
void PrintJson(const nlohmann::ordered_json& document);
// Whether it was printed: a command that fails with none prints {"error": {"code", "message"}}.
bool JsonPrinted();

// Ends a command as wrong usage, exit 2: what was asked for can't be, whatever the files hold.
[[noreturn]] void RefuseUsage(const std::string& why);

// A line of progress on standard error where that is a terminal; nothing otherwise.
void Progress(absl::string_view what, double fraction);

// The whole file, "-" for standard input. NOT_FOUND or UNAVAILABLE naming the path.
absl::Status ReadFile(const std::string& path, std::string* contents);
// Writes by temporary file and rename, so that a full disk leaves no half file.
absl::Status WriteFile(const std::string& path, absl::string_view contents);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SESSION_H_
