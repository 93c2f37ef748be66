// The plans that were ever in force, through a real socket.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tenure/v1/budget_service.grpc.pb.h"
#include "tenure/v1/model_service.grpc.pb.h"
#include "tests/api/ask.h"
#include "tests/api/running_server.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kUnit = 1'000'000;

class PlanServiceTest : public testing::Test {
 protected:
  PlanServiceTest() : server(Options()), stub(v1::BudgetService::NewStub(server.channel())) {
    std::vector<std::string> ids;
    for (int i = 0; i < 30; ++i) ids.push_back(absl::StrCat("c", i));
    server.AddCustomers(ids);
    v1::FitModelRequest fit;
    fit.set_request_id("fit");
    v1::FitModelResponse fitted;
    grpc::ClientContext context;
    const grpc::Status status =
        v1::ModelService::NewStub(server.channel())->FitModel(&context, fit, &fitted);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  static RunningServer::Options Options() {
    RunningServer::Options options;
    options.budgets =
        "budgets:\n  - {id: all, period: month, limit: 50, split: optimal, unplanned: 1, "
        "segments: [{id: everybody, max: 9}]}\n"
        "  - {id: rest, period: month, limit: 5, unplanned: 1, segments: [{id: everybody}]}\n";
    return options;
  }

  template <typename Method, typename Request, typename Response>
  grpc::Status Call(Method method, const Request& request, Response* response) {
    grpc::ClientContext context;
    return ((*stub).*method)(&context, request, response);
  }
  v1::Plan Plan(const std::string& budget, const std::string& request_id, bool dry_run = false) {
    v1::PlanBudgetRequest request;
    request.set_budget("budgets/" + budget);
    request.set_request_id(request_id);
    request.set_validate_only(dry_run);
    v1::PlanBudgetResponse response;
    const grpc::Status status = Call(&v1::BudgetService::Stub::PlanBudget, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.plan();
  }
  grpc::Status Get(const std::string& name, v1::Plan* plan = nullptr,
                   const std::string& budget = "") {
    v1::GetPlanRequest request;
    request.set_name(name);
    if (!budget.empty()) request.set_budget("budgets/" + budget);
    v1::GetPlanResponse response;
    const grpc::Status status = Call(&v1::BudgetService::Stub::GetPlan, request, &response);
    if (plan != nullptr) *plan = response.plan();
    return status;
  }
  grpc::Status List(const std::string& budget, int page_size, const std::string& token,
                    v1::ListPlansResponse* response) {
    v1::ListPlansRequest request;
    if (!budget.empty()) request.set_budget("budgets/" + budget);
    request.set_page_size(page_size);
    request.set_page_token(token);
    return Call(&v1::BudgetService::Stub::ListPlans, request, response);
  }
  // Page by page.
  std::vector<std::string> Names(const std::string& budget, int page_size) {
    std::vector<std::string> names;
    v1::ListPlansResponse page;
    do {
      const std::string token = page.next_page_token();
      const grpc::Status status = List(budget, page_size, token, &page);
      EXPECT_TRUE(status.ok()) << status.error_message();
      if (!status.ok()) break;
      for (const v1::Plan& plan : page.plans()) names.push_back(plan.name());
    } while (!page.next_page_token().empty());
    return names;
  }

  RunningServer server;
  const std::unique_ptr<v1::BudgetService::Stub> stub;
};

TEST_F(PlanServiceTest, Plans_AreListedNewestFirstAndReadBack) {
  EXPECT_THAT(Names("", 0), ElementsAre());
  const v1::Plan first = Plan("all", "a"), other = Plan("rest", "b"), second = Plan("all", "c");
  for (const int size : {0, 1, 2}) {
    EXPECT_THAT(Names("", size), ElementsAre(second.name(), other.name(), first.name()));
    EXPECT_THAT(Names("all", size), ElementsAre(second.name(), first.name()));
    EXPECT_THAT(Names("rest", size), ElementsAre(other.name()));
  }
  EXPECT_THAT(Names("nosuch", 0), ElementsAre());

  v1::Plan older;
  ASSERT_TRUE(Get(first.name(), &older).ok());
  EXPECT_FALSE(older.in_force());
  EXPECT_EQ(older.DebugString(), first.DebugString());
  v1::Plan active;
  ASSERT_TRUE(Get("plans/active", &active, "all").ok());
  EXPECT_TRUE(active.in_force());
  EXPECT_EQ(active.name(), second.name());
  ASSERT_TRUE(Get("plans/active", &active).ok());
  EXPECT_EQ(active.name(), second.name());

  v1::ListPlansResponse page;
  ASSERT_TRUE(List("", 0, "", &page).ok());
  EXPECT_TRUE(page.plans(0).in_force());
  EXPECT_TRUE(page.plans(1).in_force());
  EXPECT_FALSE(page.plans(2).in_force());
  v1::Plan in_brief = second;
  in_brief.clear_envelopes();
  in_brief.clear_slot_prices();
  in_brief.clear_report();
  in_brief.set_in_force(true);
  EXPECT_EQ(page.plans(0).DebugString(), in_brief.DebugString());
  // The answer to a repeat does not say what has come since.
  EXPECT_EQ(Plan("all", "a").DebugString(), first.DebugString());
}

TEST_F(PlanServiceTest, Plan_SaysWhenWhoseAndWhatItLeaves) {
  const v1::Plan plan = Plan("all", "a");
  EXPECT_THAT(plan.name(), HasSubstr("plans/0"));
  EXPECT_TRUE(plan.has_create_time());
  EXPECT_NE(plan.caller(), "");
  EXPECT_FALSE(plan.stopped());
  EXPECT_EQ(plan.unassigned_micros(), 40 * kUnit);
  EXPECT_THAT(plan.report().fields().at("unassigned").string_value(), HasSubstr("40"));
  EXPECT_EQ(plan.over_micros(), 0);
  const v1::Plan what_if = Plan("all", "b", /*dry_run=*/true);
  EXPECT_EQ(what_if.name(), "");
  EXPECT_FALSE(what_if.has_create_time());
  EXPECT_EQ(what_if.unassigned_micros(), 40 * kUnit);
  EXPECT_THAT(Names("", 0), ElementsAre(plan.name()));
}

TEST_F(PlanServiceTest, WhatIsNotThere_IsRefusedByName) {
  const v1::Plan first = Plan("all", "a"), second = Plan("all", "b"), other = Plan("rest", "c");
  for (const char* name : {"plans/nosuch", "plans/0000000000000001", "plans/00000000000fffff"}) {
    const grpc::Status none = Get(name);
    EXPECT_EQ(none.error_code(), StatusCode::NOT_FOUND) << name;
    EXPECT_EQ(ReasonOf(none), "PLAN_NOT_FOUND");
    EXPECT_THAT(none.error_message(), HasSubstr(name));
    EXPECT_THAT(none.error_message(), HasSubstr("tenure plan list"));
  }
  EXPECT_EQ(Get(first.name(), nullptr, "all").error_code(), StatusCode::INVALID_ARGUMENT);
  v1::ListPlansResponse page;
  ASSERT_TRUE(List("all", 1, "", &page).ok());
  // A token of one list is none of another, nor is a place where no plan is.
  for (const std::string& token : {page.next_page_token(), std::string("from-1")}) {
    const grpc::Status wrong = List("rest", 1, token, &page);
    EXPECT_EQ(wrong.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(DetailOf<google::rpc::BadRequest>(wrong).field_violations(0).field(), "page_token");
  }
  EXPECT_EQ(List("all", -1, "", &page).error_code(), StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace tenure::api
