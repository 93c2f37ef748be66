#include "clients/cli/rules.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/status.h"
#include "server/decision/plugin_catalog.h"
#include "server/plugin_host/default_folder.h"
#include "server/plugin_host/registry.h"
#include "server/rules/compiler.h"
#include "server/rules/test_runner.h"

namespace tenure::cli {
namespace {

using Json = nlohmann::ordered_json;

struct RulesOptions {
  std::string folder;
  std::string plugins = plugin_host::DefaultFolder();
  bool coverage = false;
};

Json MarkJson(const rules::Mark& mark) {
  return {{"file", mark.file}, {"line", mark.line}, {"column", mark.column}};
}

Json ProblemsJson(const std::vector<rules::Problem>& problems) {
  Json list = Json::array();
  for (const rules::Problem& problem : problems) {
    Json one = {{"severity", problem.severity == rules::Severity::kError ? "error" : "warning"}};
    one.update(MarkJson(problem.mark));
    one["message"] = problem.message;
    one["suggestion"] = problem.suggestion;
    one["source_line"] = problem.source_line;
    list.push_back(std::move(one));
  }
  return list;
}

size_t CountErrors(const std::vector<rules::Problem>& problems) {
  return static_cast<size_t>(std::count_if(
      problems.begin(), problems.end(),
      [](const rules::Problem& problem) { return problem.severity == rules::Severity::kError; }));
}

std::string Count(size_t n, absl::string_view what) {
  return absl::StrCat(n, " ", what, n == 1 ? "" : "s");
}

absl::StatusOr<rules::Compiled> CompileFolder(const RulesOptions& options) {
  TENURE_ASSIGN_OR_RETURN(std::vector<rules::Source> sources, rules::ReadFolder(options.folder));
  absl::StatusOr<plugin_host::Registry> registry =
      plugin_host::Registry::LoadFolder(options.plugins);
  if (!registry.ok()) return Annotate(registry.status(), "plugins (--plugins)");
  for (const plugin_host::Registry::Refusal& refusal : registry->refusals()) {
    std::cerr << "plugin refused: " << refusal.status.message() << "\n";
  }
  const decision::RegistryCatalog catalog(
      std::make_shared<const plugin_host::Registry>(*std::move(registry)));
  rules::Compiled compiled = rules::Compile(std::move(sources), catalog);
  for (rules::Problem& problem : compiled.problems) {
    if (!absl::StartsWith(problem.message, "there is no plugin")) continue;
    const std::vector<std::string> ids = catalog.Ids();
    absl::StrAppend(&problem.suggestion, problem.suggestion.empty() ? "" : "; ", "looked in ",
                    options.plugins, " (--plugins names another folder)", ids.empty() ? "" : ": ",
                    absl::StrJoin(ids, ", "));
  }
  return compiled;
}

// OK unless an error is among the problems.
absl::Status Verdict(const RulesOptions& options, const rules::Compiled& compiled) {
  if (compiled.rule_set != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      options.folder, ": ", Count(CountErrors(compiled.problems), "error"), " in the rules"));
}

void PrintProblems(const std::vector<rules::Problem>& problems) {
  for (const rules::Problem& problem : problems) std::cout << Render(problem);
}

absl::Status Check(const RulesOptions& options, const Session& session) {
  TENURE_ASSIGN_OR_RETURN(const rules::Compiled compiled, CompileFolder(options));
  const rules::RuleSet* set = compiled.rule_set.get();
  if (session.json) {
    const size_t errors = CountErrors(compiled.problems);
    PrintJson({{"ok", set != nullptr},
               {"hash", set == nullptr ? Json() : Json(set->hash)},
               {"errors", errors},
               {"warnings", compiled.problems.size() - errors},
               {"problems", ProblemsJson(compiled.problems)}});
    return Verdict(options, compiled);
  }
  PrintProblems(compiled.problems);
  if (set != nullptr) {
    std::cout << options.folder << ": good, " << Count(compiled.problems.size(), "warning") << "; "
              << Count(set->tracks[0].stages.size(), "stage") << ", "
              << Count(set->segments.size(), "segment") << ", "
              << Count(set->budgets.size(), "budget") << ", "
              << Count(set->campaigns.size(), "campaign") << "\nversion " << set->hash << "\n";
  }
  return Verdict(options, compiled);
}

Json ReportJson(const rules::TestReport& report) {
  Json cases = Json::array();
  for (const rules::CaseResult& result : report.cases) {
    Json one = {{"name", result.name}, {"passed", result.failures.empty()}};
    one.update(MarkJson(result.mark));
    one["failures"] = ProblemsJson(result.failures);
    cases.push_back(std::move(one));
  }
  Json unreached = Json::array();
  for (const rules::UnreachedRule& rule : report.unreached) {
    Json one = {{"rule", rule.what}};
    one.update(MarkJson(rule.mark));
    unreached.push_back(std::move(one));
  }
  return {{"ok", report.passed()},
          {"problems", ProblemsJson(report.problems)},
          {"cases", std::move(cases)},
          {"rules", report.rules},
          {"unreached", std::move(unreached)}};
}

void PrintReport(const RulesOptions& options, const rules::TestReport& report) {
  PrintProblems(report.problems);
  size_t failed = 0;
  for (const rules::CaseResult& result : report.cases) {
    if (result.failures.empty()) continue;
    ++failed;
    std::cout << "FAILED " << result.name << "\n";
    PrintProblems(result.failures);
  }
  if (!report.problems.empty()) {
    std::cout << options.folder << ": no case was run, as the test files can't be read\n";
    return;
  }
  const size_t reached = report.rules - report.unreached.size();
  std::cout << options.folder << ": " << report.cases.size() - failed << " of "
            << Count(report.cases.size(), "case") << " passed; " << reached << " of "
            << Count(report.rules, "rule") << " reached\n";
  if (!options.coverage) return;
  for (const rules::UnreachedRule& rule : report.unreached) {
    std::cout << rule.mark.file << ":" << rule.mark.line << ":" << rule.mark.column
              << ": no case reaches " << rule.what << "\n";
  }
}

absl::Status Test(const RulesOptions& options, const Session& session) {
  TENURE_ASSIGN_OR_RETURN(const rules::Compiled compiled, CompileFolder(options));
  if (compiled.rule_set == nullptr) {
    if (session.json) {
      PrintJson({{"ok", false}, {"problems", ProblemsJson(compiled.problems)}});
    } else {
      PrintProblems(compiled.problems);
    }
    return Verdict(options, compiled);
  }
  TENURE_ASSIGN_OR_RETURN(const std::vector<rules::Source> tests,
                          rules::ReadFolder(options.folder, rules::FolderPart::kTests));
  const rules::TestReport report = rules::RunTests(*compiled.rule_set, tests);
  if (session.json) {
    PrintJson(ReportJson(report));
  } else {
    PrintReport(options, report);
  }
  if (report.passed()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(options.folder, ": the rules' tests failed"));
}

}  // namespace

void AddRulesCommands(const Command& app, Session* session) {
  const Command rules = app.Group("rules", "the rules that marketing writes");
  auto options = std::make_shared<RulesOptions>();
  const Command check = rules.Add(session, "check", "report every problem of a folder of rules",
                                  [options, session] { return Check(*options, *session); });
  const Command test = rules.Add(session, "test", "run the cases beside the rules (*_test.yaml)",
                                 [options, session] { return Test(*options, *session); });
  for (const Command& command : {check, test}) {
    command.AddOption("folder", options->folder, "where the *.yaml files are")
        .Required()
        .Type("DIR");
    command.AddOption("--plugins", options->plugins, "folder of the plugins")
        .Type("DIR")
        .ShowDefault();
  }
  test.AddFlag("--coverage", options->coverage, "name the rules that no case reaches");
}

}  // namespace tenure::cli
