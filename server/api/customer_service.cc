#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/api/call.h"
#include "server/api/ingest_stream.h"
#include "server/api/names.h"
#include "server/api/paging.h"
#include "server/api/services.h"
#include "server/api/value_basis.h"
#include "server/api/values.h"
#include "server/clv/model_document.h"
#include "server/engine/engine.h"
#include "server/rules/features.h"
#include "tenure/v1/customer_service.grpc.pb.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

constexpr absl::string_view kSegment = "segment.";

void ConvertValue(const ColumnView& column, size_t row, v1::Value* out) {
  switch (column.dtype) {
    case DType::kBool:
      return out->set_bool_value(column.Bool(row));
    case DType::kInt64:
    case DType::kDuration:
      return out->set_int_value(column.Int64(row));
    case DType::kDouble:
      return out->set_double_value(column.Double(row));
    case DType::kString:
      return out->set_string_value(std::string(column.String(row)));
    case DType::kTimestamp:
      return SetTimestamp(column.Int64(row), out->mutable_timestamp_value());
  }
}

void ConvertFeatures(const Batch& features, size_t row, bool full, v1::Customer* out) {
  const Schema& schema = features.schema();
  for (size_t i = 0; i < schema.size(); ++i) {
    const ColumnView column = features.column(i);
    if (!column.IsValid(row)) continue;
    absl::string_view name = schema.field(i).name;
    if (full) ConvertValue(column, row, &(*out->mutable_features())[std::string(name)]);
    if (column.dtype == DType::kBool && absl::ConsumePrefix(&name, kSegment) && column.Bool(row)) {
      out->add_segments(std::string(name));
    }
  }
  const ColumnView stage = features.column(rules::kStage);
  if (stage.IsValid(row)) out->set_stage(std::string(stage.String(row)));
  const ColumnView tier = features.column(rules::kTier);
  if (tier.IsValid(row)) out->set_tier(std::string(tier.String(row)));
  const ColumnView population = features.column(rules::kPopulation);
  if (population.IsValid(row)) out->set_population(std::string(population.String(row)));
  const ColumnView purchases = features.column(rules::kPurchases);
  if (purchases.IsValid(row)) out->set_purchases(purchases.Int64(row));
}

void ConvertProfile(const customers::Profile& profile, bool full, v1::Customer* out) {
  out->set_name(Name(kCustomers, profile.id));
  if (!profile.stage.empty()) SetTimestamp(profile.stage_entered_us, out->mutable_stage_time());
  if (!full) return;
  for (const customers::Consent& consent : profile.consents) {
    v1::Consent* const to = out->add_consents();
    to->set_purpose(consent.purpose);
    to->set_channel(consent.channel);
    to->set_state(static_cast<v1::ConsentState>(consent.state));
  }
}

// The customers of those numbers as of now.
std::vector<v1::Customer> ReadCustomers(const engine::Engine& engine,
                                        const std::vector<uint32_t>& numbers, bool full) {
  std::vector<v1::Customer> out(numbers.size());
  const int64_t now_us = engine.NowUs();
  const auto world = engine.world();
  const customers::Population& population = engine.population();
  std::vector<customers::Profile> profiles;
  if (world && world->rules) {
    Batch features(world->rules->schema, numbers.size());
    population.Gather(numbers, now_us, world->valuation, &features, &profiles);
    for (size_t i = 0; i < numbers.size(); ++i) {
      ConvertFeatures(features, i, full, &out[i]);
      ConvertProfile(profiles[i], full, &out[i]);
      out[i].set_currency_code(world->rules->currency);
      if (world->valuation.model == nullptr) continue;
      out[i].set_model(Name(kModels, world->model_hash));
      const customers::Valuation& valuation = world->valuation;
      const ColumnView populations = features.column(rules::kPopulation);
      const clv::ValueModel* model = valuation.model.get();
      if (populations.IsValid(i)) {
        const absl::string_view name = populations.String(i);
        model = &valuation.ModelOf(name);
        out[i].set_population_model(clv::TextOf(valuation.models(), name));
      }
      out[i].set_value_basis(BasisOf(model->basis()));
    }
  } else {
    // Before the first rule set there are no features: only what the events say.
    for (size_t i = 0; i < numbers.size(); ++i) {
      const auto customer = population.Get(numbers[i]);
      if (!customer.ok()) continue;
      ConvertProfile(customers::ProfileOf(numbers[i], *customer), full, &out[i]);
      out[i].set_purchases(static_cast<int64_t>(customer->purchases.size()));
    }
  }
  for (v1::Customer& customer : out) SetTimestamp(now_us, customer.mutable_read_time());
  return out;
}

class CustomerService final : public v1::CustomerService::CallbackService {
 public:
  explicit CustomerService(ServiceContext context) : context_(context) {}

  grpc::ServerBidiReactor<v1::IngestEventsRequest, v1::IngestEventsResponse>* IngestEvents(
      CallbackServerContext* context) override {
    return IngestStream::Start(context_.gatekeeper, *context);
  }

  ServerUnaryReactor* GetCustomer(CallbackServerContext* context,
                                  const v1::GetCustomerRequest* request,
                                  v1::GetCustomerResponse* response) override {
    return Serve(context_.gatekeeper, context, "GetCustomer", response, [&](auto call) {
      Violations violations;
      const std::string id(
          ParseName("name", kCustomers, request->name(), call->limits().id_bytes, &violations));
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      const bool full = request->view() != v1::CUSTOMER_VIEW_BASIC;
      call->Work([call, id, full] {
        const engine::Engine& engine = *call->backend().engine;
        const uint32_t number = engine.population().Find(id);
        if (number == 0) {
          return call->Fail(
              WithReason(absl::NotFoundError(absl::StrCat("no event of customer `", id,
                                                          "` is known: ingest one first")),
                         "CUSTOMER_NOT_FOUND"));
        }
        auto read = ReadCustomers(engine, {number}, full);
        call->Reply([&](v1::GetCustomerResponse* out) { out->mutable_customer()->Swap(&read[0]); });
      });
    });
  }

  ServerUnaryReactor* ListCustomers(CallbackServerContext* context,
                                    const v1::ListCustomersRequest* request,
                                    v1::ListCustomersResponse* response) override {
    return Serve(context_.gatekeeper, context, "ListCustomers", response, [&](auto call) {
      Violations violations;
      const Page page = ParsePage(request->page_size(), request->page_token(),
                                  call->limits().page_size, &violations);
      if (!violations.empty()) return call->Fail(violations.ToStatus());
      const bool full = request->view() == v1::CUSTOMER_VIEW_FULL;
      call->Work([call, page, full] {
        const engine::Engine& engine = *call->backend().engine;
        const uint64_t total = engine.population().size();
        const uint64_t end = std::min<uint64_t>(total, page.first + page.size);
        std::vector<uint32_t> numbers;
        for (uint64_t i = page.first; i < end; ++i) numbers.push_back(static_cast<uint32_t>(i + 1));
        auto read = ReadCustomers(engine, numbers, full);
        call->Reply([&](v1::ListCustomersResponse* out) {
          for (v1::Customer& customer : read) out->add_customers()->Swap(&customer);
          out->set_next_page_token(PageToken(end, total));
          out->set_total_size(static_cast<int64_t>(total));
        });
      });
    });
  }

 private:
  const ServiceContext context_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCustomerService(ServiceContext context) {
  return std::make_unique<CustomerService>(context);
}

}  // namespace tenure::api
