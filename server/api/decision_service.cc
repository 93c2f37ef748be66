#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "server/api/call.h"
#include "server/api/decision_conversion.h"
#include "server/api/names.h"
#include "server/api/request_digest.h"
#include "server/api/rule_sets.h"
#include "server/api/services.h"
#include "server/api/value_basis.h"
#include "server/clv/model_document.h"
#include "server/engine/requests.h"
#include "tenure/v1/decision_service.grpc.pb.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

constexpr Reasons kDecideReasons = {.not_found = "CUSTOMER_NOT_FOUND",
                                    .failed_precondition = "NO_RULE_SET"};
constexpr Reasons kDecisionReasons = {.not_found = "DECISION_NOT_FOUND"};
constexpr Reasons kHoldReasons = {.not_found = "HOLD_NOT_FOUND",
                                  .failed_precondition = "HOLD_SETTLED"};
constexpr Reasons kCouponReasons = {.not_found = "COUPON_NOT_FOUND",
                                    .failed_precondition = "COUPON_NOT_REDEEMABLE",
                                    .budget_exhausted = "BUDGET_EXHAUSTED"};

// Where the model of the customer's population came from; empty where the rules list none, or the
// version is not kept any more.
std::string PopulationText(const engine::Engine& engine, const journal::DecisionRecord& record,
                           const decision::Explanation& explanation) {
  for (const auto& [name, value] : explanation.features) {
    if (name != "population") continue;
    const auto version = engine.FindModelVersion(record.model);
    if (!version.ok()) return "";
    const auto models = clv::ReadModelDocument(version->record->model_json);
    if (!models.ok()) return "";
    const absl::string_view population = absl::StripAsciiWhitespace(value);
    return absl::StrFormat(
        "  %-28s %s\n", "its model is",
        clv::TextOf(*models, absl::StripPrefix(absl::StripSuffix(population, "\""), "\"")));
  }
  return "";
}

class DecisionService final : public v1::DecisionService::CallbackService {
 public:
  explicit DecisionService(ServiceContext context) : context_(context) {}

  ServerUnaryReactor* Decide(CallbackServerContext* context, const v1::DecideRequest* request,
                             v1::DecideResponse* response) override {
    return Serve(context_.gatekeeper, context, "Decide", response, [&](auto call) {
      Violations violations;
      engine::DecideRequest ask;
      CheckText("request_id", request->request_id(), call->limits().id_bytes, &violations);
      ask.customer_id = std::string(ParseName("customer", kCustomers, request->customer(),
                                              call->limits().id_bytes, &violations));
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      ask.key = {call->caller(), request->request_id(), RequestDigest(*request)};
      ask.dry_run = request->validate_only();
      const v1::DecisionView view = request->view();
      call->backend().engine->Decide(
          std::move(ask), [this, call, view](absl::StatusOr<engine::Decision> decision) {
            if (!decision.ok()) return call->Fail(FromEngine(decision.status(), kDecideReasons));
            Answer(call, *std::move(decision), view);
          });
    });
  }

  ServerUnaryReactor* BatchDecide(CallbackServerContext* context,
                                  const v1::BatchDecideRequest* request,
                                  v1::BatchDecideResponse* response) override {
    return Serve(context_.gatekeeper, context, "BatchDecide", response, [&](auto call) {
      const size_t most = call->limits().batch_decide_rows;
      if (static_cast<size_t>(request->customers_size()) > most) {
        return call->Fail(OverLimit("customers", absl::StrCat("at most ", most, " rows a call, is ",
                                                              request->customers_size())));
      }
      std::vector<engine::DecideRequest> rows;
      if (absl::Status status = BatchRows(*call, *request, &rows); !status.ok()) {
        return call->Fail(status);
      }
      const v1::DecisionView view = request->view();
      auto decided = [this, call, view](std::vector<absl::StatusOr<engine::Decision>> decisions) {
        // A thousand conversions are long enough to leave the engine's thread free.
        auto kept =
            std::make_shared<std::vector<absl::StatusOr<engine::Decision>>>(std::move(decisions));
        call->Work([this, call, view, kept] { AnswerBatch(*call, *kept, view); });
      };
      call->backend().engine->BatchDecide(std::move(rows), std::move(decided));
    });
  }

  ServerUnaryReactor* GetDecision(CallbackServerContext* context,
                                  const v1::GetDecisionRequest* request,
                                  v1::GetDecisionResponse* response) override {
    return Read(
        context, "GetDecision", request->name(), response,
        [view = request->view()](const engine::Engine&, const rules::RuleSet& rules,
                                 const engine::Decision& decision, v1::GetDecisionResponse* out) {
          ConvertDecision(rules, decision, view, out->mutable_decision());
          return absl::OkStatus();
        });
  }

  ServerUnaryReactor* ExplainDecision(CallbackServerContext* context,
                                      const v1::ExplainDecisionRequest* request,
                                      v1::ExplainDecisionResponse* response) override {
    return Read(
        context, "ExplainDecision", request->name(), response,
        [](const engine::Engine& engine, const rules::RuleSet& rules,
           const engine::Decision& decision, v1::ExplainDecisionResponse* out) {
          auto explanation = decision::Explain(rules, decision.record);
          if (!explanation.ok()) return explanation.status();
          v1::Decision* const to = out->mutable_decision();
          ConvertDecision(rules, decision, v1::DECISION_VIEW_FULL, to);
          ConvertExplanation(*explanation, to);
          out->set_text(absl::StrCat(ExplanationText(*explanation, *to),
                                     PopulationText(engine, decision.record, *explanation)));
          return absl::OkStatus();
        });
  }

  ServerUnaryReactor* ReplayDecision(CallbackServerContext* context,
                                     const v1::ReplayDecisionRequest* request,
                                     v1::ReplayDecisionResponse* response) override {
    return Read(context, "ReplayDecision", request->name(), response,
                [](const engine::Engine&, const rules::RuleSet& rules,
                   const engine::Decision& decision, v1::ReplayDecisionResponse* out) {
                  const absl::Status same =
                      decision::Replay(rules, decision.record, decision.at_us);
                  if (!same.ok() && same.code() != absl::StatusCode::kDataLoss) return same;
                  out->set_identical(same.ok());
                  if (!same.ok()) out->add_differences(std::string(same.message()));
                  ConvertDecision(rules, decision, v1::DECISION_VIEW_FULL, out->mutable_decision());
                  return absl::OkStatus();
                });
  }

  ServerUnaryReactor* CommitHold(CallbackServerContext* context,
                                 const v1::CommitHoldRequest* request,
                                 v1::CommitHoldResponse* response) override {
    return Serve(context_.gatekeeper, context, "CommitHold", response, [&](auto call) {
      Violations violations;
      const uint64_t hold_id = HoldOf(*call, *request, &violations);
      if (request->has_actual_micros() && request->actual_micros() < 0) {
        violations.Add("actual_micros", "must not be negative");
      }
      CheckCurrency(*call, request->currency_code(), &violations);
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      engine::RequestKey key = {call->caller(), request->request_id(), RequestDigest(*request)};
      engine::Engine* const engine = call->backend().engine;
      if (request->has_actual_micros()) {
        return engine->CommitHold(std::move(key), hold_id, request->actual_micros(),
                                  Settled(call, kHoldReasons));
      }
      engine->GetHold(hold_id, [call, key, hold_id, settled = Settled(call, kHoldReasons),
                                engine](absl::StatusOr<engine::HoldState> hold) {
        if (!hold.ok()) return settled(std::move(hold));
        engine->CommitHold(key, hold_id, hold->held_micros, settled);
      });
    });
  }

  ServerUnaryReactor* ReleaseHold(CallbackServerContext* context,
                                  const v1::ReleaseHoldRequest* request,
                                  v1::ReleaseHoldResponse* response) override {
    return Serve(context_.gatekeeper, context, "ReleaseHold", response, [&](auto call) {
      Violations violations;
      const uint64_t hold_id = HoldOf(*call, *request, &violations);
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      call->backend().engine->ReleaseHold(
          {call->caller(), request->request_id(), RequestDigest(*request)}, hold_id,
          Settled(call, kHoldReasons));
    });
  }

  ServerUnaryReactor* RefundHold(CallbackServerContext* context,
                                 const v1::RefundHoldRequest* request,
                                 v1::RefundHoldResponse* response) override {
    return Serve(context_.gatekeeper, context, "RefundHold", response, [&](auto call) {
      Violations violations;
      const uint64_t hold_id = HoldOf(*call, *request, &violations);
      if (request->amount_micros() <= 0) violations.Add("amount_micros", "must be above 0");
      CheckCurrency(*call, request->currency_code(), &violations);
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      call->backend().engine->RefundHold(
          {call->caller(), request->request_id(), RequestDigest(*request)}, hold_id,
          request->amount_micros(), Settled(call, kHoldReasons));
    });
  }

  ServerUnaryReactor* RedeemCoupon(CallbackServerContext* context,
                                   const v1::RedeemCouponRequest* request,
                                   v1::RedeemCouponResponse* response) override {
    return Serve(context_.gatekeeper, context, "RedeemCoupon", response, [&](auto call) {
      Violations violations;
      CheckText("request_id", request->request_id(), call->limits().id_bytes, &violations);
      const uint64_t coupon_id = ParseCouponName("name", request->name(), &violations);
      if (request->amount_micros() < 0) violations.Add("amount_micros", "must not be negative");
      CheckCurrency(*call, request->currency_code(), &violations);
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      call->backend().engine->RedeemCoupon(
          {call->caller(), request->request_id(), RequestDigest(*request)}, coupon_id,
          request->amount_micros(), Settled(call, kCouponReasons));
    });
  }

 private:
  static std::string CurrencyOf(const OpenCall& call) {
    const auto world = call.backend().engine->world();
    return world && world->rules ? world->rules->currency : "";
  }

  // Amounts of two currencies never meet: there is one, and who says which is held to it.
  static void CheckCurrency(const OpenCall& call, const std::string& said, Violations* violations) {
    const std::string currency = CurrencyOf(call);
    if (said.empty() || said == currency) return;
    violations->Add("currency_code",
                    absl::StrCat("the amounts of this server are in ", currency, ", not ", said));
  }

  // Answers with a decision; reads its rule set and what its values are on a worker where these
  // are not at hand.
  void Answer(const std::shared_ptr<Call<v1::DecideResponse>>& call, engine::Decision decision,
              v1::DecisionView view) {
    const engine::Engine& engine = *call->backend().engine;
    const auto known = context_.rule_sets->Peek(engine, decision.record.rule_set);
    const auto basis = context_.value_bases->Peek(engine, decision.record.model);
    if (known != nullptr && basis.has_value()) {
      return call->Reply([&](v1::DecideResponse* response) {
        ConvertDecision(*known, decision, view, response->mutable_decision());
        response->mutable_decision()->set_value_basis(*basis);
      });
    }
    call->Work([this, call, view, decision = std::move(decision)] {
      auto rules = context_.rule_sets->Find(*call->backend().engine, decision.record.rule_set);
      if (!rules.ok()) return call->Fail(rules.status());
      call->Reply([&](v1::DecideResponse* response) {
        ConvertDecision(**rules, decision, view, response->mutable_decision());
        response->mutable_decision()->set_value_basis(
            context_.value_bases->Find(*call->backend().engine, decision.record.model));
      });
    });
  }

  static absl::Status BatchRows(const OpenCall& call, const v1::BatchDecideRequest& request,
                                std::vector<engine::DecideRequest>* rows) {
    Violations violations;
    const size_t id_bytes = call.limits().id_bytes;
    CheckText("request_id", request.request_id(), id_bytes - 16, &violations);
    if (request.customers().empty()) violations.Add("customers", "is required");
    // Of the whole list, so that no other list passes for this one under the same id.
    const std::string digest = RequestDigest(request);
    for (int i = 0; i < request.customers_size(); ++i) {
      engine::DecideRequest ask;
      ask.customer_id = std::string(ParseName(absl::StrCat("customers[", i, "]"), kCustomers,
                                              request.customers(i), id_bytes, &violations));
      ask.key = {call.caller(), request.request_id() + engine::kRowMark + std::to_string(i),
                 digest};
      ask.dry_run = request.validate_only();
      rows->push_back(std::move(ask));
    }
    return violations.ToStatus();
  }

  void AnswerBatch(Call<v1::BatchDecideResponse>& call,
                   const std::vector<absl::StatusOr<engine::Decision>>& decisions,
                   v1::DecisionView view) {
    v1::BatchDecideResponse batch;
    for (const auto& decision : decisions) {
      v1::DecideResult* const result = batch.add_results();
      absl::Status status = FromEngine(decision.status(), kDecideReasons);
      if (status.ok()) {
        auto rules = context_.rule_sets->Find(*call.backend().engine, decision->record.rule_set);
        status = rules.status();
        if (rules.ok()) {
          ConvertDecision(**rules, *decision, view, result->mutable_decision());
          result->mutable_decision()->set_value_basis(
              context_.value_bases->Find(*call.backend().engine, decision->record.model));
        }
      }
      if (status.ok()) continue;
      result->mutable_error()->set_code(status.raw_code());
      result->mutable_error()->set_reason(ReasonOf(status));
      result->mutable_error()->set_message(std::string(status.message()));
    }
    call.Reply([&](v1::BatchDecideResponse* response) { response->Swap(&batch); });
  }

  // Reads a decision and its rule set on a worker, and answers with what `fill` makes of them.
  template <typename Response, typename Fill>
  ServerUnaryReactor* Read(CallbackServerContext* context, const char* method,
                           const std::string& name, Response* response, Fill fill) {
    return Serve(context_.gatekeeper, context, method, response, [&](auto call) {
      Violations violations;
      const absl::string_view id = ParseName("name", kDecisions, name, 64, &violations);
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      const absl::StatusOr<uint64_t> seq = engine::ParseDecisionId(id);
      if (!seq.ok()) {
        violations.Add("name", seq.status().message());
        return call->Fail(violations.ToStatus());
      }
      call->Work([this, call, fill, seq = *seq] {
        const engine::Engine& engine = *call->backend().engine;
        const auto decision = engine.GetDecision(seq);
        if (!decision.ok()) return call->Fail(FromEngine(decision.status(), kDecisionReasons));
        const auto rules = context_.rule_sets->Find(engine, decision->record.rule_set);
        if (!rules.ok()) return call->Fail(rules.status());
        Response filled;
        filled.mutable_decision()->set_value_basis(
            context_.value_bases->Find(engine, decision->record.model));
        const absl::Status status = fill(engine, **rules, *decision, &filled);
        if (!status.ok()) return call->Fail(status);
        call->Reply([&](Response* out) { out->Swap(&filled); });
      });
    });
  }

  template <typename Request>
  static uint64_t HoldOf(const OpenCall& call, const Request& request, Violations* violations) {
    CheckText("request_id", request.request_id(), call.limits().id_bytes, violations);
    return ParseHoldName("name", request.name(), violations);
  }

  template <typename Response>
  static engine::Done<engine::HoldState> Settled(std::shared_ptr<Call<Response>> call,
                                                 const Reasons& reasons) {
    return [call, reasons](absl::StatusOr<engine::HoldState> hold) {
      if (!hold.ok()) return call->Fail(FromEngine(hold.status(), reasons));
      const std::string currency = CurrencyOf(*call);
      call->Reply(
          [&](Response* response) { ConvertHold(*hold, currency, response->mutable_hold()); });
    };
  }

  const ServiceContext context_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDecisionService(ServiceContext context) {
  return std::make_unique<DecisionService>(context);
}

}  // namespace tenure::api
