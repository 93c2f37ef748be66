// Versions of the model through a real socket.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tenure/v1/model_service.grpc.pb.h"
#include "tests/api/ask.h"
#include "tests/api/running_server.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::StatusCode;
using ::testing::HasSubstr;

class ModelServiceTest : public testing::Test {
 protected:
  ModelServiceTest()
      : server(RunningServer::Options()), stub(v1::ModelService::NewStub(server.channel())) {
    std::vector<std::string> ids;
    for (int i = 0; i < 30; ++i) ids.push_back(absl::StrCat("c", i));
    server.AddCustomers(ids);
  }

  template <typename Method, typename Request, typename Response>
  grpc::Status Call(Method method, const Request& request, Response* response) {
    grpc::ClientContext context;
    return ((*stub).*method)(&context, request, response);
  }
  v1::FitModelResponse Fit(const std::string& request_id, bool activate) {
    v1::FitModelRequest request;
    request.set_request_id(request_id);
    request.set_activate(activate);
    v1::FitModelResponse response;
    const grpc::Status status = Call(&v1::ModelService::Stub::FitModel, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  v1::ListModelsResponse List(int page_size = 0, const std::string& token = "") {
    v1::ListModelsRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    v1::ListModelsResponse response;
    const grpc::Status status = Call(&v1::ModelService::Stub::ListModels, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  grpc::Status Activate(const std::string& name, const std::string& request_id,
                        v1::Model* model = nullptr) {
    v1::ActivateModelRequest request;
    request.set_request_id(request_id);
    request.set_name(name);
    request.set_reason("back");
    v1::ActivateModelResponse response;
    const grpc::Status status = Call(&v1::ModelService::Stub::ActivateModel, request, &response);
    if (model != nullptr) *model = response.model();
    return status;
  }

  RunningServer server;
  const std::unique_ptr<v1::ModelService::Stub> stub;
};

TEST_F(ModelServiceTest, Versions_AreListedComparedAndPutInForceAgain) {
  EXPECT_TRUE(List().models().empty());
  const v1::Model first = Fit("a", true).model();
  EXPECT_TRUE(first.in_force());
  EXPECT_TRUE(first.has_create_time());
  EXPECT_THAT(first.rule_set(), HasSubstr("ruleSets/"));
  EXPECT_EQ(first.learn_from(), "weighted");
  server.AddCustomers({"late"});
  const v1::FitModelResponse second = Fit("b", false);
  EXPECT_FALSE(second.model().in_force());
  EXPECT_FALSE(second.model().has_activate_time());
  EXPECT_EQ(second.comparison().base(), first.name());
  EXPECT_EQ(second.comparison().model(), second.model().name());
  // A repeat is answered by what is recorded.
  EXPECT_EQ(Fit("b", false).model().name(), second.model().name());
  const v1::ListModelsResponse page = List(1);
  ASSERT_EQ(page.models_size(), 1);
  EXPECT_EQ(page.models(0).name(), second.model().name());
  const v1::ListModelsResponse rest = List(5, page.next_page_token());
  ASSERT_EQ(rest.models_size(), 1);
  EXPECT_EQ(rest.models(0).name(), first.name());
  EXPECT_TRUE(rest.models(0).in_force());
  EXPECT_TRUE(rest.next_page_token().empty());
  v1::Model model;
  ASSERT_TRUE(Activate(second.model().name(), "c", &model).ok());
  EXPECT_EQ(model.name(), second.model().name());
  EXPECT_TRUE(model.in_force());
  EXPECT_EQ(model.reason(), "back");
  ASSERT_TRUE(Activate(first.name(), "d", &model).ok());
  v1::GetModelRequest get;
  get.set_name("models/active");
  v1::GetModelResponse got;
  ASSERT_TRUE(Call(&v1::ModelService::Stub::GetModel, get, &got).ok());
  EXPECT_EQ(got.model().name(), first.name());
  get.set_name(second.model().name());
  ASSERT_TRUE(Call(&v1::ModelService::Stub::GetModel, get, &got).ok());
  EXPECT_FALSE(got.model().in_force());
  EXPECT_TRUE(got.model().has_activate_time());
  v1::CompareModelsRequest compare;
  compare.set_model(second.model().name());
  v1::CompareModelsResponse compared;
  ASSERT_TRUE(Call(&v1::ModelService::Stub::CompareModels, compare, &compared).ok());
  EXPECT_EQ(compared.comparison().base(), first.name());
  int64_t customers = 0;
  for (const auto& change : compared.comparison().tier_changes()) customers += change.customers();
  EXPECT_EQ(customers, 31);
}

TEST_F(ModelServiceTest, TotalsOfAComparison_HaveBothIntervalsAndTheirBasis) {
  const v1::Model first = Fit("a", true).model();
  EXPECT_NE(first.value_basis(), v1::VALUE_BASIS_UNSPECIFIED);
  server.AddCustomers({"late"});
  const v1::ModelComparison comparison = Fit("b", false).comparison();
  EXPECT_NEAR(comparison.base_total().value(), comparison.base_total_value(),
              1e-6 * comparison.base_total_value());
  EXPECT_NEAR(comparison.model_total().value(), comparison.model_total_value(),
              1e-6 * comparison.model_total_value());
  for (const v1::TotalValue& total : {comparison.base_total(), comparison.model_total()}) {
    EXPECT_EQ(total.basis(), first.value_basis());
    EXPECT_GT(total.value(), 0);
    EXPECT_LE(total.mean_low(), total.value());
    EXPECT_GE(total.mean_high(), total.value());
    EXPECT_LT(total.predictive_low(), total.mean_low() + 1e-9);
    EXPECT_GT(total.predictive_high(), total.mean_high() - 1e-9);
  }
}

TEST_F(ModelServiceTest, ValidateOnly_RecordsNothing) {
  v1::FitModelRequest request;
  request.set_request_id("a");
  request.set_validate_only(true);
  v1::FitModelResponse response;
  ASSERT_TRUE(Call(&v1::ModelService::Stub::FitModel, request, &response).ok());
  EXPECT_FALSE(response.model().has_create_time());
  EXPECT_TRUE(List().models().empty());
}

TEST_F(ModelServiceTest, UnknownNames_NameThoseThereAre) {
  const grpc::Status none = Activate("models/nosuch", "a");
  EXPECT_EQ(none.error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(none), "MODEL_NOT_FOUND");
  EXPECT_THAT(none.error_message(), HasSubstr("tenure models fit"));
  const std::string name = Fit("f", true).model().name();
  const grpc::Status unknown = Activate("models/nosuch", "a");
  EXPECT_EQ(unknown.error_code(), StatusCode::NOT_FOUND);
  EXPECT_THAT(unknown.error_message(), HasSubstr(name + " (in force)"));
  v1::CompareModelsRequest compare;
  compare.set_model("models/nosuch");
  v1::CompareModelsResponse compared;
  const grpc::Status refused = Call(&v1::ModelService::Stub::CompareModels, compare, &compared);
  EXPECT_EQ(ReasonOf(refused), "MODEL_NOT_FOUND");
  compare.set_days(-1);
  EXPECT_EQ(Call(&v1::ModelService::Stub::CompareModels, compare, &compared).error_code(),
            StatusCode::INVALID_ARGUMENT);
}

TEST_F(ModelServiceTest, Health_NeedsAModelAndThenSaysAVerdict) {
  v1::GetModelHealthResponse health;
  EXPECT_EQ(
      ReasonOf(Call(&v1::ModelService::Stub::GetModelHealth, v1::GetModelHealthRequest(), &health)),
      "MODEL_NOT_FOUND");
  const std::string name = Fit("f", true).model().name();
  const grpc::Status status =
      Call(&v1::ModelService::Stub::GetModelHealth, v1::GetModelHealthRequest(), &health);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(health.health().model(), name);
  EXPECT_EQ(health.health().verdict(), v1::MODEL_VERDICT_STABLE) << health.health().why();
  EXPECT_EQ(health.health().shifts_size(), 3);
}

}  // namespace
}  // namespace tenure::api
