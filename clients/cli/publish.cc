// `tenure rules publish DIR`
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cli/client.h"
#include "clients/cli/server_commands.h"
#include "server/base/status.h"
#include "server/rules/compiler.h"
#include "tenure/v1/rule_service.pb.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

struct PublishOptions {
  std::string folder;
  std::string request_id;
  bool dry_run = false;
};

absl::Status Publish(const Session& session, const PublishOptions& options) {
  TENURE_ASSIGN_OR_RETURN(const std::vector<rules::Source> sources,
                          rules::ReadFolder(options.folder));
  v1::PublishRuleSetRequest request;
  request.set_request_id(RequestId(options.request_id));
  request.set_validate_only(options.dry_run);
  for (const rules::Source& source : sources) {
    v1::RuleFile* const file = request.add_files();
    file->set_path(source.file);
    file->set_text(source.text);
  }
  v1::PublishRuleSetResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("RuleService/PublishRuleSet", request, &response));
  if (session.json) TENURE_RETURN_IF_ERROR(PrintMessage(response));
  int errors = 0;
  for (const v1::Problem& problem : response.problems()) {
    errors += problem.severity() == v1::SEVERITY_ERROR ? 1 : 0;
    if (!session.json) std::cerr << problem.rendered() << "\n";
  }
  if (!response.has_rule_set()) {
    return absl::InvalidArgumentError(
        absl::StrCat("not published: ", errors, errors == 1 ? " error" : " errors", " in ",
                     options.folder, "; the rule set in force stays"));
  }
  if (!session.json) {
    std::cout << response.rule_set().name() << " \"" << response.rule_set().title() << "\""
              << (options.dry_run ? " could be published" : " is in force") << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddPublish(const Command& app, Session* session) {
  const Command group = app.Group("rules", "the rules workflow");
  auto options = std::make_shared<PublishOptions>();
  const Command command =
      group.Add(session, "publish", "check a folder of rules and put them in force",
                [=] { return Publish(*session, *options); });
  command.AddOption("folder", options->folder, "folder of *.yaml").Required();
  command.AddOption("--request-id", options->request_id, "makes a retry by hand safe");
  command.AddFlag("--dry-run", options->dry_run, "check on the server, but publish nothing");
}

}  // namespace tenure::cli
