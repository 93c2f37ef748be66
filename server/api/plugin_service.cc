#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "server/api/call.h"
#include "server/api/names.h"
#include "server/api/paging.h"
#include "server/api/services.h"
#include "server/plugin_host/registry.h"
#include "tenure/v1/plugin_service.grpc.pb.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;

std::vector<v1::Plugin> AllPlugins(const plugin_host::Registry& registry) {
  std::vector<v1::Plugin> all;
  for (const auto& plugin : registry.all()) {
    v1::Plugin& out = all.emplace_back();
    out.set_name(Name(kPlugins, plugin->id()));
    out.set_version(plugin->version());
    out.set_vendor(plugin->vendor());
    out.set_path(plugin->path());
    out.set_sha256(plugin->sha256());
    out.set_state(v1::PLUGIN_STATE_READY);
  }
  for (const auto& refusal : registry.refusals()) {
    v1::Plugin& out = all.emplace_back();
    out.set_path(refusal.path);
    out.set_state(v1::PLUGIN_STATE_REFUSED);
    out.set_refusal(std::string(refusal.status.message()));
  }
  std::sort(all.begin(), all.end(),
            [](const v1::Plugin& a, const v1::Plugin& b) { return a.path() < b.path(); });
  return all;
}

class PluginService final : public v1::PluginService::CallbackService {
 public:
  explicit PluginService(ServiceContext context) : context_(context) {}

  grpc::ServerUnaryReactor* ListPlugins(grpc::CallbackServerContext* context,
                                        const v1::ListPluginsRequest* request,
                                        v1::ListPluginsResponse* response) override {
    return Serve(context_.gatekeeper, context, "ListPlugins", response, [&](auto call) {
      Violations violations;
      const Page page = ParsePage(request->page_size(), request->page_token(),
                                  call->limits().page_size, &violations);
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      std::vector<v1::Plugin> all = AllPlugins(*call->backend().plugins);
      call->Reply([&](v1::ListPluginsResponse* out) {
        const uint64_t end = std::min<uint64_t>(all.size(), page.first + page.size);
        for (uint64_t i = page.first; i < end; ++i) out->add_plugins()->Swap(&all[i]);
        out->set_next_page_token(PageToken(end, all.size()));
      });
    });
  }

 private:
  const ServiceContext context_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakePluginService(ServiceContext context) {
  return std::make_unique<PluginService>(context);
}

}  // namespace tenure::api
