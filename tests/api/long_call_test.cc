// Plans that take seconds, beside everything else.
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/engine/engine.h"
#include "tenure/v1/budget_service.grpc.pb.h"
#include "tenure/v1/customer_service.grpc.pb.h"
#include "tenure/v1/model_service.grpc.pb.h"
#include "tests/api/ask.h"
#include "tests/api/running_server.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::StatusCode;

// A policy that needs a millisecond a customer and has 4,096 of them: a plan takes two seconds.
class LongCallTest : public testing::Test {
 protected:
  LongCallTest() : server(Options()), budgets(v1::BudgetService::NewStub(server.channel())) {
    std::vector<std::string> ids;
    for (int i = 0; i < 4'096; ++i) ids.push_back(absl::StrCat("c", i));
    server.AddCustomers(ids);
    v1::FitModelRequest request;
    request.set_request_id("fit");
    v1::FitModelResponse response;
    grpc::ClientContext context;
    const grpc::Status status =
        v1::ModelService::NewStub(server.channel())->FitModel(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  grpc::Status Plan(const std::string& request_id, grpc::ClientContext* context) {
    v1::PlanBudgetRequest request;
    request.set_request_id(request_id);
    v1::PlanBudgetResponse response;
    return budgets->PlanBudget(context, request, &response);
  }

  // Long enough for a plan to be under way, far too short for it to end.
  static void LetItBegin() { std::this_thread::sleep_for(std::chrono::milliseconds(300)); }

  RunningServer server;
  const std::unique_ptr<v1::BudgetService::Stub> budgets;

 private:
  static RunningServer::Options Options() {
    RunningServer::Options options;
    options.stuck_ms = 1;
    options.budgets =
        "budgets:\n  - {id: all, period: month, limit: 9, unplanned: 0, "
        "segments: [{id: everybody}]}\n";
    return options;
  }
};

TEST_F(LongCallTest, PlanUnderWay_TellsHowFarItIs) {
  const auto ask = [&](const std::string& id, double* fraction) {
    v1::GetPlanProgressRequest request;
    request.set_request_id(id);
    v1::GetPlanProgressResponse response;
    grpc::ClientContext context;
    const grpc::Status status = budgets->GetPlanProgress(&context, request, &response);
    *fraction = response.fraction();
    return status;
  };
  double fraction = 0;
  EXPECT_EQ(ask("slow", &fraction).error_code(), grpc::StatusCode::NOT_FOUND);
  std::thread planner([&] {
    grpc::ClientContext context;
    EXPECT_TRUE(Plan("slow", &context).ok());
  });
  LetItBegin();
  const grpc::Status status = ask("slow", &fraction);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_GE(fraction, 0);
  EXPECT_LT(fraction, 1);
  planner.join();
  EXPECT_EQ(ask("slow", &fraction).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(LongCallTest, AnotherLimit_GoesWithValidateOnly) {
  v1::PlanBudgetRequest request;
  request.set_request_id("what-if");
  request.set_limit_micros(-1);
  v1::PlanBudgetResponse response;
  grpc::ClientContext context;
  const grpc::Status status = budgets->PlanBudget(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find("validate_only"), std::string::npos);
}

TEST_F(LongCallTest, TwoPlansUnderWay_ReadsAreAnswered) {
  std::atomic<int> planned{0};
  std::vector<std::thread> planners;
  for (const char* id : {"a", "b"}) {
    planners.emplace_back([&, id] {
      grpc::ClientContext context;
      const grpc::Status status = Plan(id, &context);
      EXPECT_TRUE(status.ok()) << status.error_message();
      ++planned;
    });
  }
  LetItBegin();
  v1::GetCustomerRequest request;
  request.set_name("customers/c1");
  v1::GetCustomerResponse response;
  grpc::ClientContext context;
  EXPECT_TRUE(v1::CustomerService::NewStub(server.channel())
                  ->GetCustomer(&context, request, &response)
                  .ok());
  EXPECT_EQ(planned, 0);
  for (std::thread& planner : planners) planner.join();
}

TEST_F(LongCallTest, Drain_EndsThePlanThatNobodyWaitsFor) {
  grpc::Status status;
  std::thread planner([&] {
    grpc::ClientContext context;
    status = Plan("a", &context);
  });
  LetItBegin();
  server.server().Drain(0);
  planner.join();
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "DRAINING");
  EXPECT_EQ(server.engine().GetPlan().status().code(), absl::StatusCode::kNotFound);
}

TEST_F(LongCallTest, ClientThatGoes_EndsItsPlan) {
  grpc::ClientContext context;
  std::thread planner([&] { EXPECT_EQ(Plan("a", &context).error_code(), StatusCode::CANCELLED); });
  LetItBegin();
  context.TryCancel();
  planner.join();
  server.server().Drain(60'000);  // returns once the server, too, has done with it
  EXPECT_EQ(server.engine().GetPlan().status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tenure::api
