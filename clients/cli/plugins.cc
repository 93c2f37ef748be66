// `tenure plugins`
#include <iostream>
#include <string>

#include "clients/cli/client.h"
#include "clients/cli/server_commands.h"
#include "clients/cli/table.h"
#include "server/base/status.h"
#include "tenure/v1/plugin_service.pb.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

absl::Status List(const Session& session) {
  Client client(session);
  v1::ListPluginsRequest request;
  request.set_page_size(1'000);
  v1::ListPluginsResponse all, page;
  do {
    TENURE_RETURN_IF_ERROR(client.Call("PluginService/ListPlugins", request, &page));
    all.mutable_plugins()->MergeFrom(page.plugins());
    request.set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty());
  if (session.json) return PrintMessage(all);
  Table table({"plugin", "version", "vendor", "state", "file"});
  for (const v1::Plugin& plugin : all.plugins()) {
    const bool ready = plugin.state() == v1::PLUGIN_STATE_READY;
    table.Add({ready ? plugin.name().substr(8) : "-", ready ? plugin.version() : "-",
               ready ? plugin.vendor() : "-", ready ? "READY" : "REFUSED", plugin.path()});
  }
  table.Print();
  for (const v1::Plugin& plugin : all.plugins()) {
    if (!plugin.refusal().empty()) std::cout << plugin.refusal() << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddPlugins(const Command& app, Session* session) {
  app.Add(session, "plugins", "what the server loaded, and what it refused and why",
          [=] { return List(*session); })
      .Alias("plugin");
}

}  // namespace tenure::cli
