#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/call.h"
#include "server/api/model_conversion.h"
#include "server/api/model_validation.h"
#include "server/api/names.h"
#include "server/api/paging.h"
#include "server/api/request_digest.h"
#include "server/api/services.h"
#include "server/decision/world.h"
#include "server/engine/engine.h"
#include "server/planning/model_comparison.h"
#include "server/planning/model_fit.h"
#include "server/planning/model_health.h"
#include "tenure/v1/model_service.grpc.pb.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

constexpr Reasons kModelReasons = {.not_found = "MODEL_NOT_FOUND",
                                   .failed_precondition = "NO_PURCHASES"};
constexpr int32_t kMostDays = 3'650;
constexpr size_t kHashBytes = 64;
constexpr size_t kMostReasonBytes = 256;
constexpr size_t kMostModels = 100;  // a page; each is some kilobytes

void CheckDays(absl::string_view field, int32_t days, Violations* violations) {
  if (days < 0 || days > kMostDays) {
    violations->Add(field, absl::StrCat("must be 0 to ", kMostDays));
  }
}

// FAILED_PRECONDITION where no rule set says what to fit.
absl::StatusOr<std::shared_ptr<const rules::RuleSet>> RulesInForce(const engine::Engine& engine) {
  const auto world = engine.world();
  if (world != nullptr && world->rules != nullptr) return world->rules;
  return WithReason(absl::FailedPreconditionError(
                        "no rule set is in force, and its `value` settings say what to fit: "
                        "publish one first (`tenure rules publish`)"),
                    "NO_RULE_SET");
}

absl::StatusOr<journal::ModelRecord> Find(const engine::Engine& engine, const std::string& hash) {
  if (hash == kActive) return engine.GetModel();
  auto version = engine.FindModelVersion(hash);
  if (!version.ok()) return version.status();
  return *version->record;
}

// Null where there are none.
std::shared_ptr<const rules::RuleSet> RulesOf(const engine::Engine& engine) {
  const auto world = engine.world();
  return world == nullptr ? nullptr : world->rules;
}

std::string InForce(const engine::Engine& engine) {
  const auto record = engine.GetModel();
  return record.ok() ? record->hash : "";
}

class ModelService final : public v1::ModelService::CallbackService {
 public:
  explicit ModelService(ServiceContext context) : context_(context) {}

  ServerUnaryReactor* FitModel(CallbackServerContext* context, const v1::FitModelRequest* request,
                               v1::FitModelResponse* response) override {
    return Serve(
        context_.gatekeeper, context, "FitModel", response,
        [&](auto call) {
          Violations violations;
          CheckText("request_id", request->request_id(), call->limits().id_bytes, &violations);
          CheckDays("holdout_days", request->holdout_days(), &violations);
          if (!violations.empty()) return call->Fail(violations.ToStatus());
          Job job;
          job.key = {call->caller(), request->request_id(), RequestDigest(*request)};
          job.holdout_days = request->holdout_days();
          job.record = !request->validate_only();
          job.activate = !request->has_activate() || request->activate();
          call->backend().engine->FindModel(job.key, [call, job](absl::StatusOr<uint64_t> seq) {
            if (!seq.ok()) return call->Fail(FromEngine(seq.status(), kModelReasons));
            if (*seq != 0) return AnswerRecorded(call, *seq, nullptr);
            call->WorkLong([call, job] { Fit(call, job); });
          });
        },
        Length::kLong);
  }

  ServerUnaryReactor* GetModel(CallbackServerContext* context, const v1::GetModelRequest* request,
                               v1::GetModelResponse* response) override {
    return Serve(context_.gatekeeper, context, "GetModel", response, [&](auto call) {
      Violations violations;
      const std::string hash(ParseName("name", kModels, request->name(), kHashBytes, &violations));
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      call->Work([call, hash] { AnswerVersion(*call, hash); });
    });
  }

  ServerUnaryReactor* ListModels(CallbackServerContext* context,
                                 const v1::ListModelsRequest* request,
                                 v1::ListModelsResponse* response) override {
    return Serve(context_.gatekeeper, context, "ListModels", response, [&](auto call) {
      Violations violations;
      // A token names the journal's entry that the page begins with.
      const Page page =
          ParsePage(request->page_size(), request->page_token(), kMostModels, &violations);
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      call->Work([call, page] {
        const engine::Engine& engine = *call->backend().engine;
        const auto found = engine.ListModels(page.first, page.size);
        if (!found.ok()) return call->Fail(FromEngine(found.status(), kModelReasons));
        const std::string in_force = InForce(engine);
        const auto rules = RulesOf(engine);
        v1::ListModelsResponse answer;
        for (const engine::ModelVersion& version : found->versions) {
          absl::Status status = ConvertVersion(version, in_force, rules.get(), answer.add_models());
          if (!status.ok()) return call->Fail(status);
        }
        answer.set_next_page_token(PageToken(found->next, found->next == 0 ? 0 : ~uint64_t{0}));
        call->Reply([&](auto* out) { out->Swap(&answer); });
      });
    });
  }

  ServerUnaryReactor* ValidateModel(CallbackServerContext* context,
                                    const v1::ValidateModelRequest* request,
                                    v1::ValidateModelResponse* response) override {
    return Serve(
        context_.gatekeeper, context, "ValidateModel", response,
        [&](auto call) { ServeModelValidation(call, *request); }, Length::kLong);
  }

  ServerUnaryReactor* ActivateModel(CallbackServerContext* context,
                                    const v1::ActivateModelRequest* request,
                                    v1::ActivateModelResponse* response) override {
    return Serve(context_.gatekeeper, context, "ActivateModel", response, [&](auto call) {
      Violations violations;
      CheckText("request_id", request->request_id(), call->limits().id_bytes, &violations);
      const std::string hash(ParseName("name", kModels, request->name(), kHashBytes, &violations));
      if (request->reason().size() > kMostReasonBytes) {
        violations.Add("reason", absl::StrCat("must have at most ", kMostReasonBytes, " bytes"));
      }
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      const engine::RequestKey key = {call->caller(), request->request_id(),
                                      RequestDigest(*request)};
      call->Work([call, hash, key, reason = request->reason()] {
        engine::Engine* const engine = call->backend().engine;
        const std::string name = hash == kActive ? InForce(*engine) : hash;
        engine->ActivateModel(key, name, reason, [call](absl::StatusOr<uint64_t> seq) {
          if (!seq.ok()) return call->Fail(FromEngine(seq.status(), kModelReasons));
          AnswerRecorded(call, *seq, nullptr);
        });
      });
    });
  }

  ServerUnaryReactor* CompareModels(CallbackServerContext* context,
                                    const v1::CompareModelsRequest* request,
                                    v1::CompareModelsResponse* response) override {
    return Serve(
        context_.gatekeeper, context, "CompareModels", response,
        [&](auto call) {
          Violations violations;
          const std::string model(
              ParseName("model", kModels, request->model(), kHashBytes, &violations));
          std::string base(kActive);
          if (!request->base().empty()) {
            base =
                std::string(ParseName("base", kModels, request->base(), kHashBytes, &violations));
          }
          CheckDays("days", request->days(), &violations);
          if (!violations.empty()) return call->Fail(violations.ToStatus());
          call->WorkLong(
              [call, model, base, days = request->days()] { Compare(call, model, base, days); });
        },
        Length::kLong);
  }

  ServerUnaryReactor* GetModelHealth(CallbackServerContext* context,
                                     const v1::GetModelHealthRequest*,
                                     v1::GetModelHealthResponse* response) override {
    return Serve(
        context_.gatekeeper, context, "GetModelHealth", response,
        [&](auto call) {
          call->WorkLong([call] {
            const engine::Engine& engine = *call->backend().engine;
            const auto rules = RulesInForce(engine);
            if (!rules.ok()) return call->Fail(rules.status());
            const auto record = engine.GetModel();
            if (!record.ok()) return call->Fail(FromEngine(record.status(), kModelReasons));
            const auto health =
                planning::CheckHealth(*rules, engine.population(), *record, engine.NowUs());
            if (!health.ok()) return call->Fail(FromEngine(health.status(), kModelReasons));
            call->Reply([&](auto* out) { ConvertHealth(*health, out->mutable_health()); });
          });
        },
        Length::kLong);
  }

 private:
  struct Job {
    engine::RequestKey key;
    int32_t holdout_days = 0;
    bool record = true;
    bool activate = true;
  };
  using Comparison = std::shared_ptr<const planning::ModelComparison>;

  static void AddComparison(const Comparison& comparison, v1::FitModelResponse* response) {
    if (comparison != nullptr) ConvertComparison(*comparison, response->mutable_comparison());
  }
  template <typename Response>
  static void AddComparison(const Comparison&, Response*) {}

  template <typename Response>
  static void Answer(Call<Response>& call, v1::Model* model, const Comparison& comparison) {
    call.Reply([&](Response* response) {
      response->mutable_model()->Swap(model);
      AddComparison(comparison, response);
    });
  }

  // As it stands in the list.
  static void AnswerVersion(Call<v1::GetModelResponse>& call, const std::string& hash) {
    const engine::Engine& engine = *call.backend().engine;
    const std::string in_force = InForce(engine);
    if (hash == kActive && in_force.empty()) {
      return call.Fail(FromEngine(engine.GetModel().status(), kModelReasons));
    }
    const auto version = engine.FindModelVersion(hash == kActive ? in_force : hash);
    if (!version.ok()) return call.Fail(FromEngine(version.status(), kModelReasons));
    v1::Model model;
    absl::Status status = ConvertVersion(*version, in_force, RulesOf(engine).get(), &model);
    if (!status.ok()) return call.Fail(status);
    Answer(call, &model, nullptr);
  }

  // As recorded by that entry: where a try of the same request came first, that is its model.
  template <typename Response>
  static void AnswerRecorded(const std::shared_ptr<Call<Response>>& call, uint64_t seq,
                             const Comparison& comparison) {
    call->Work([call, seq, comparison] {
      const engine::Engine& engine = *call->backend().engine;
      const auto record = engine.GetModel(seq);
      if (!record.ok()) return call->Fail(FromEngine(record.status(), kModelReasons));
      v1::Model model;
      const auto version = engine.FindModelVersion(record->hash);
      absl::Status status =
          version.ok() ? ConvertVersion(*version, InForce(engine), RulesOf(engine).get(), &model)
                       : ConvertModel(*record, &model);
      if (!status.ok()) return call->Fail(status);
      model.set_caller(record->caller);
      model.set_reason(record->reason);
      Answer(*call, &model, comparison);
    });
  }

  static void Fit(const std::shared_ptr<Call<v1::FitModelResponse>>& call, const Job& job) {
    engine::Engine* const engine = call->backend().engine;
    const auto rules = RulesInForce(*engine);
    if (!rules.ok()) return call->Fail(rules.status());
    planning::FitRequest request;
    request.at_us = engine->NowUs();
    request.holdout_days = job.holdout_days;
    request.cancel = &call->over();
    auto fitted = planning::FitPopulation(*rules, engine->population(), request);
    if (!fitted.ok()) return call->Fail(FromEngine(fitted.status(), kModelReasons));
    Comparison comparison;
    if (const auto in_force = engine->GetModel(); in_force.ok()) {
      auto compared = planning::CompareModels(
          *rules, engine->population(), *in_force, *fitted,
          {request.at_us, static_cast<double>(job.holdout_days), request.cancel});
      if (!compared.ok()) return call->Fail(FromEngine(compared.status(), kModelReasons));
      comparison = std::make_shared<const planning::ModelComparison>(*std::move(compared));
    }
    if (!job.record) {
      v1::Model model;
      absl::Status status = ConvertModel(*fitted, &model);
      if (!status.ok()) return call->Fail(status);
      return Answer(*call, &model, comparison);
    }
    if (call->over()) return call->Fail(absl::CancelledError("nobody waits for the fit any more"));
    fitted->candidate = !job.activate;
    fitted->caller = job.key.caller;
    fitted->request_id = job.key.request_id;
    fitted->request_digest = job.key.digest;
    engine->RecordModel(*std::move(fitted), [call, comparison](absl::StatusOr<uint64_t> seq) {
      if (!seq.ok()) return call->Fail(FromEngine(seq.status(), kModelReasons));
      AnswerRecorded(call, *seq, comparison);
    });
  }

  static void Compare(const std::shared_ptr<Call<v1::CompareModelsResponse>>& call,
                      const std::string& model, const std::string& base, int32_t days) {
    const engine::Engine& engine = *call->backend().engine;
    const auto rules = RulesInForce(engine);
    if (!rules.ok()) return call->Fail(rules.status());
    const auto base_record = Find(engine, base);
    if (!base_record.ok()) return call->Fail(FromEngine(base_record.status(), kModelReasons));
    const auto record = Find(engine, model);
    if (!record.ok()) return call->Fail(FromEngine(record.status(), kModelReasons));
    const double window = (*rules)->value.response_window_days;
    const auto compared = planning::CompareModels(
        *rules, engine.population(), *base_record, *record,
        {engine.NowUs(), days == 0 ? window : static_cast<double>(days), &call->over()});
    if (!compared.ok()) return call->Fail(FromEngine(compared.status(), kModelReasons));
    call->Reply([&](auto* out) { ConvertComparison(*compared, out->mutable_comparison()); });
  }

  const ServiceContext context_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeModelService(ServiceContext context) {
  return std::make_unique<ModelService>(context);
}

}  // namespace tenure::api
