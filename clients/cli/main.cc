// `tenure`: works alone on files, or asks a server. Exits 0 on success, 1 on a refused or failed
// operation, 2 on wrong usage.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "clients/cli/allocate.h"
#include "clients/cli/command.h"
#include "clients/cli/command_words.h"
#include "clients/cli/expr.h"
#include "clients/cli/fit.h"
#include "clients/cli/rfm.h"
#include "clients/cli/rules.h"
#include "clients/cli/score.h"
#include "clients/cli/server_commands.h"
#include "clients/cli/session.h"
#include "clients/cli/simulate.h"
#include "clients/cli/summarize.h"
#include "clients/cli/validate_model.h"
#include "clients/cli/value.h"
#include "server/plugin_host/plugin_call.h"

namespace tenure::cli {
namespace {

void PrintError(const absl::Status& status) {
  PrintJson({{"error",
              {{"code", absl::StatusCodeToString(status.code())},
               {"message", std::string(status.message())}}}});
}

int Report(const Session& session) {
  if (session.outcome.ok()) return 0;
  std::cerr << "tenure: " << session.outcome.message() << std::endl;
  if (session.json && !JsonPrinted()) PrintError(session.outcome);
  return 1;
}

// Wrong usage. What was parsed so far need not have come to --json.
int ReportUsage(const std::string& why, int argc, char** argv) {
  const auto is_json = [](const char* word) { return absl::string_view(word) == "--json"; };
  if (std::any_of(argv, argv + argc, is_json)) PrintError(absl::InvalidArgumentError(why));
  return 2;
}

int Main(int argc, char** argv) {
  CLI::App app("Tenure: which campaign for this customer, now, at what cost, and why.", "tenure");
  const Command program(&app);
  Session session;
  program.AddFlag("--json", session.json, "one JSON document on standard output");
  program.AddOption("--server", session.server, "address of tenured")
      .Environment("TENURE_SERVER")
      .ShowDefault();
  app.set_version_flag("--version", "tenure 0.1.0");
  app.require_subcommand(1);
  // Inherited by every command's help.
  app.footer(
      "Every command also takes --json (one JSON document on standard output) and, where it asks a "
      "server,\n--server ADDRESS (else TENURE_SERVER, else 127.0.0.1:7878).");
  AddAllocate(program, &session);
  AddExprCommands(program, &session);
  AddFit(program, &session);
  AddRfm(program, &session);
  AddRulesCommands(program, &session);
  AddScore(program, &session);
  AddServerCommands(program, &session);
  AddSimulate(program, &session);
  AddSummarize(program, &session);
  AddValueCommands(program, &session);
  AddValidateModel(program, &session);
  plugin_host::NamePluginOnCrash();
  if (const std::string unknown = FindUnknownCommand(app, argc, argv); !unknown.empty()) {
    std::cerr << "tenure: " << unknown << std::endl;
    return ReportUsage(unknown, argc, argv);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return ReportUsage(error.what(), argc, argv);
  }
  return Report(session);
}

}  // namespace
}  // namespace tenure::cli

int main(int argc, char** argv) { return tenure::cli::Main(argc, argv); }
