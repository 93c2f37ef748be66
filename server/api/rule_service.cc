#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/api/call.h"
#include "server/api/names.h"
#include "server/api/request_digest.h"
#include "server/api/rule_sets.h"
#include "server/api/services.h"
#include "server/decision/world.h"
#include "server/engine/engine.h"
#include "server/rules/compiler.h"
#include "tenure/v1/rule_service.grpc.pb.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

constexpr size_t kMostFiles = 256;

void ConvertRuleSet(const rules::RuleSet& from, v1::RuleSet* out) {
  out->set_name(Name(kRuleSets, from.hash));
  out->set_title(from.name);
  out->set_currency_code(from.currency);
  out->set_time_zone(from.zone);
  for (const rules::Source& source : from.sources) {
    v1::RuleFile* const file = out->add_files();
    file->set_path(source.file);
    file->set_text(source.text);
  }
  for (const rules::Campaign& campaign : from.campaigns) out->add_campaigns(campaign.id);
  if (from.tracks.empty()) return;
  for (const rules::Stage& stage : from.tracks[0].stages) out->add_stages(stage.id);
}

void ConvertProblem(const rules::Problem& from, v1::Problem* out) {
  out->set_severity(from.severity == rules::Severity::kError ? v1::SEVERITY_ERROR
                                                             : v1::SEVERITY_WARNING);
  out->set_path(from.mark.file);
  out->set_line(from.mark.line);
  out->set_column(from.mark.column);
  out->set_message(from.message);
  out->set_suggestion(from.suggestion);
  out->set_rendered(rules::Render(from));
}

constexpr Reasons kPublishReasons = {.failed_precondition = "CURRENCY_DIFFERS"};

class RuleService final : public v1::RuleService::CallbackService {
 public:
  explicit RuleService(ServiceContext context) : context_(context) {}

  ServerUnaryReactor* PublishRuleSet(CallbackServerContext* context,
                                     const v1::PublishRuleSetRequest* request,
                                     v1::PublishRuleSetResponse* response) override {
    return Serve(context_.gatekeeper, context, "PublishRuleSet", response, [&](auto call) {
      std::vector<rules::Source> sources;
      if (absl::Status status = ReadSources(*call, *request, &sources); !status.ok()) {
        return call->Fail(status);
      }
      engine::RequestKey key = {call->caller(), request->request_id(), RequestDigest(*request)};
      const bool publish = !request->validate_only();
      call->Work([call, sources = std::move(sources), key = std::move(key), publish]() mutable {
        Publish(call, std::move(sources), std::move(key), publish);
      });
    });
  }

  ServerUnaryReactor* GetRuleSet(CallbackServerContext* context,
                                 const v1::GetRuleSetRequest* request,
                                 v1::GetRuleSetResponse* response) override {
    return Serve(context_.gatekeeper, context, "GetRuleSet", response, [&](auto call) {
      Violations violations;
      const std::string hash(ParseName("name", kRuleSets, request->name(), 64, &violations));
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      call->Work([this, call, hash] {
        const engine::Engine& engine = *call->backend().engine;
        std::shared_ptr<const rules::RuleSet> found;
        if (hash == kActive) {
          if (const auto world = engine.world()) found = world->rules;
          if (found == nullptr) {
            return call->Fail(
                WithReason(absl::NotFoundError(
                               "no rule set is in force: publish one (`tenure rules publish`)"),
                           "RULE_SET_NOT_FOUND"));
          }
        } else {
          auto read = context_.rule_sets->Find(engine, hash);
          if (!read.ok()) return call->Fail(read.status());
          found = *std::move(read);
        }
        call->Reply(
            [&](v1::GetRuleSetResponse* out) { ConvertRuleSet(*found, out->mutable_rule_set()); });
      });
    });
  }

 private:
  static absl::Status ReadSources(const OpenCall& call, const v1::PublishRuleSetRequest& request,
                                  std::vector<rules::Source>* sources) {
    const Limits& limits = call.limits();
    Violations violations;
    CheckText("request_id", request.request_id(), limits.id_bytes, &violations);
    if (request.files().empty()) violations.Add("files", "is required");
    if (static_cast<size_t>(request.files_size()) > kMostFiles) {
      return OverLimit("files", absl::StrCat("at most ", kMostFiles, " files a rule set, has ",
                                             request.files_size()));
    }
    size_t bytes = 0;
    for (int i = 0; i < request.files_size(); ++i) {
      const v1::RuleFile& file = request.files(i);
      CheckText(absl::StrCat("files[", i, "].path"), file.path(), limits.id_bytes, &violations);
      bytes += file.text().size();
      sources->push_back({file.path(), file.text()});
    }
    if (bytes > limits.rule_set_bytes) {
      return OverLimit("files", absl::StrCat("all files together may have ", limits.rule_set_bytes,
                                             " bytes, have ", bytes));
    }
    return violations.ToStatus();
  }

  static void Publish(const std::shared_ptr<Call<v1::PublishRuleSetResponse>>& call,
                      std::vector<rules::Source> sources, engine::RequestKey key, bool publish) {
    const rules::Compiled compiled = rules::Compile(std::move(sources), *call->backend().catalog);
    auto answer = std::make_shared<v1::PublishRuleSetResponse>();
    for (const rules::Problem& problem : compiled.problems) {
      ConvertProblem(problem, answer->add_problems());
    }
    if (compiled.rule_set != nullptr)
      ConvertRuleSet(*compiled.rule_set, answer->mutable_rule_set());
    if (!publish || compiled.rule_set == nullptr) {
      return call->Reply([&](auto* out) { out->Swap(answer.get()); });
    }
    call->backend().engine->PublishRules(
        std::move(key), compiled.rule_set, [call, answer](absl::StatusOr<uint64_t> seq) {
          if (!seq.ok()) return call->Fail(FromEngine(seq.status(), kPublishReasons));
          call->Reply([&](auto* out) { out->Swap(answer.get()); });
        });
  }

  const ServiceContext context_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeRuleService(ServiceContext context) {
  return std::make_unique<RuleService>(context);
}

}  // namespace tenure::api
