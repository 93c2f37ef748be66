#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/call.h"
#include "server/api/model_conversion.h"
#include "server/api/model_validation.h"
#include "server/api/names.h"
#include "server/api/request_digest.h"
#include "server/api/services.h"
#include "server/decision/world.h"
#include "server/engine/engine.h"
#include "server/planning/model_fit.h"
#include "tenure/v1/model_service.grpc.pb.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

constexpr Reasons kModelReasons = {.not_found = "MODEL_NOT_FOUND",
                                   .failed_precondition = "NO_PURCHASES"};
constexpr int32_t kMostHoldoutDays = 3'650;

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
          if (request->holdout_days() < 0 || request->holdout_days() > kMostHoldoutDays) {
            violations.Add("holdout_days", absl::StrCat("must be 0 to ", kMostHoldoutDays));
          }
          if (!violations.empty()) return call->Fail(violations.ToStatus());
          engine::RequestKey key = {call->caller(), request->request_id(), RequestDigest(*request)};
          auto fit = [call, key, days = request->holdout_days(),
                      activate = !request->validate_only()] { Fit(call, key, days, activate); };
          call->backend().engine->FindModel(key, [call, fit](absl::StatusOr<uint64_t> seq) {
            if (!seq.ok()) return call->Fail(FromEngine(seq.status(), kModelReasons));
            if (*seq != 0) return AnswerRecorded(call, *seq);
            call->WorkLong(fit);
          });
        },
        Length::kLong);
  }

  ServerUnaryReactor* GetModel(CallbackServerContext* context, const v1::GetModelRequest* request,
                               v1::GetModelResponse* response) override {
    return Serve(context_.gatekeeper, context, "GetModel", response, [&](auto call) {
      Violations violations;
      const std::string hash(ParseName("name", kModels, request->name(), 64, &violations));
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      call->Work([call, hash] {
        const auto record = call->backend().engine->GetModel();
        if (!record.ok()) return call->Fail(FromEngine(record.status(), kModelReasons));
        if (hash != kActive && hash != record->hash) {
          return call->Fail(
              WithReason(absl::NotFoundError(absl::StrCat(
                             "models/", hash, " is not in force; models/", record->hash, " is")),
                         kModelReasons.not_found));
        }
        Answer(*call, *record);
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

 private:
  template <typename Response>
  static void Answer(Call<Response>& call, const journal::ModelRecord& record) {
    v1::Model model;
    if (absl::Status status = ConvertModel(record, &model); !status.ok()) return call.Fail(status);
    call.Reply([&](Response* response) { response->mutable_model()->Swap(&model); });
  }

  static void AnswerRecorded(const std::shared_ptr<Call<v1::FitModelResponse>>& call,
                             uint64_t seq) {
    call->Work([call, seq] {
      const auto record = call->backend().engine->GetModel(seq);
      if (!record.ok()) return call->Fail(FromEngine(record.status(), kModelReasons));
      Answer(*call, *record);
    });
  }

  static void Fit(const std::shared_ptr<Call<v1::FitModelResponse>>& call,
                  const engine::RequestKey& key, int32_t holdout_days, bool activate) {
    engine::Engine* const engine = call->backend().engine;
    const auto world = engine->world();
    if (world == nullptr || world->rules == nullptr) {
      return call->Fail(WithReason(
          absl::FailedPreconditionError(
              "no rule set is in force, and its `value` settings say what to fit: publish one "
              "first (`tenure rules publish`)"),
          "NO_RULE_SET"));
    }
    planning::FitRequest request;
    request.at_us = engine->NowUs();
    request.holdout_days = holdout_days;
    request.cancel = &call->over();
    auto fitted = planning::FitPopulation(world->rules, engine->population(), request);
    if (!fitted.ok()) return call->Fail(FromEngine(fitted.status(), kModelReasons));
    if (!activate) return Answer(*call, *fitted);
    if (call->over()) return call->Fail(absl::CancelledError("nobody waits for the fit any more"));
    fitted->caller = key.caller;
    fitted->request_id = key.request_id;
    fitted->request_digest = key.digest;
    engine->ActivateModel(*std::move(fitted), [call](absl::StatusOr<uint64_t> seq) {
      if (!seq.ok()) return call->Fail(FromEngine(seq.status(), kModelReasons));
      // As recorded: where a try of the same request came first, that is its model.
      AnswerRecorded(call, *seq);
    });
  }

  const ServiceContext context_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeModelService(ServiceContext context) {
  return std::make_unique<ModelService>(context);
}

}  // namespace tenure::api
