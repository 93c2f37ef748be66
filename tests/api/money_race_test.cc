// The races by which promotion engines have lost money, each through real sockets, with as many
// callers at once as it takes: whoever comes first, no use is given out twice and none is lost.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/engine/engine.h"
#include "tenure/v1/budget_service.grpc.pb.h"
#include "tenure/v1/decision_service.grpc.pb.h"
#include "tests/api/ask.h"
#include "tests/api/running_server.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using grpc::StatusCode;
using ::testing::HasSubstr;

constexpr int64_t kUnit = 1'000'000;
constexpr int kCallers = 16;
constexpr int kRounds = 10;

// A budget of so many uses; each costs 1.00, or 1.00 and at redemption 9.00 more.
RunningServer::Options Uses(int64_t limit, double rate = 1, bool coupon = false) {
  RunningServer::Options options;
  options.rate = rate;
  options.rules = absl::StrCat(
      "name: shop\ncurrency: USD\nzone: UTC\n"
      "tracks:\n  - id: lifecycle\n    stages:\n      - {id: new, enter: purchases >= 1}\n"
      "budgets:\n  - {id: all, period: month, limit: ",
      limit,
      ", unplanned: 0, segments: [{id: everybody}]}\n"
      "campaigns:\n  - id: gift\n    class: service\n    channel: email\n    plugin: stuck\n"
      "    budget: all\n    offers:\n      - {id: one, contact_cost: 1.00",
      coupon ? ", discount: 9.00, valid_days: 20, reserve: at_redemption" : "", "}\n");
  return options;
}

class MoneyRace {
 public:
  explicit MoneyRace(const RunningServer::Options& options)
      : server_(options),
        decisions_(v1::DecisionService::NewStub(server_.channel())),
        budgets_(v1::BudgetService::NewStub(server_.channel())) {
    for (int i = 0; i < kCallers; ++i) server_.AddCustomer(absl::StrCat("c", i));
  }
  // However the race has ended, counters, holds and journal agree, and no limit was ever passed.
  ~MoneyRace() {
    v1::VerifyLedgerResponse verdict;
    grpc::ClientContext context;
    const grpc::Status status =
        budgets_->VerifyLedger(&context, v1::VerifyLedgerRequest(), &verdict);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_TRUE(verdict.consistent()) << verdict.summary();
  }

  // All at once, each from a thread of its own.
  static void Together(const std::function<void(int caller)>& call) {
    std::promise<void> go;
    const std::shared_future<void> gone = go.get_future().share();
    std::vector<std::thread> threads;
    for (int i = 0; i < kCallers; ++i) {
      threads.emplace_back([&call, gone, i] {
        gone.wait();
        call(i);
      });
    }
    go.set_value();
    for (std::thread& thread : threads) thread.join();
  }

  // The hold's name; empty where nothing was left.
  std::string Hold(int caller, const std::string& request_id) {
    const Asked asked = Decide(server_, absl::StrCat("customers/c", caller), request_id);
    EXPECT_TRUE(asked.status.ok()) << asked.status.error_message();
    const v1::Decision& decision = asked.response.decision();
    return decision.selections().empty() ? "" : decision.selections(0).hold();
  }

  struct Settled {
    grpc::Status status;
    v1::Hold hold;
  };
  Settled Commit(const std::string& hold, int64_t micros, const std::string& request_id) {
    v1::CommitHoldRequest request;
    request.set_actual_micros(micros);
    return Call<v1::CommitHoldResponse>(&request, hold, request_id,
                                        &v1::DecisionService::Stub::CommitHold);
  }
  Settled Release(const std::string& hold, const std::string& request_id) {
    v1::ReleaseHoldRequest request;
    return Call<v1::ReleaseHoldResponse>(&request, hold, request_id,
                                         &v1::DecisionService::Stub::ReleaseHold);
  }
  Settled Refund(const std::string& hold, int64_t micros, const std::string& request_id) {
    v1::RefundHoldRequest request;
    request.set_amount_micros(micros);
    return Call<v1::RefundHoldResponse>(&request, hold, request_id,
                                        &v1::DecisionService::Stub::RefundHold);
  }
  Settled Redeem(const std::string& coupon, int64_t micros, const std::string& request_id) {
    v1::RedeemCouponRequest request;
    request.set_amount_micros(micros);
    return Call<v1::RedeemCouponResponse>(&request, coupon, request_id,
                                          &v1::DecisionService::Stub::RedeemCoupon);
  }

  v1::Envelope Budget() {
    v1::GetBudgetRequest request;
    request.set_name("budgets/all");
    v1::GetBudgetResponse response;
    grpc::ClientContext context;
    const grpc::Status status = budgets_->GetBudget(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.budget().envelopes(0);
  }

  RunningServer& server() { return server_; }

 private:
  template <typename Response, typename Request>
  Settled Call(Request* request, const std::string& name, const std::string& request_id,
               grpc::Status (v1::DecisionService::Stub::*method)(grpc::ClientContext*,
                                                                 const Request&, Response*)) {
    request->set_name(name);
    request->set_request_id(request_id);
    Response response;
    grpc::ClientContext context;
    Settled settled;
    settled.status = (decisions_.get()->*method)(&context, *request, &response);
    settled.hold = response.hold();
    return settled;
  }

  RunningServer server_;
  const std::unique_ptr<v1::DecisionService::Stub> decisions_;
  const std::unique_ptr<v1::BudgetService::Stub> budgets_;
};

TEST(MoneyRaceTest, CheckThenAct_AtUsedIsLimitMinusOne_OneGetsTheLastUse) {
  constexpr int64_t kLimit = 3;
  MoneyRace race(Uses(kLimit));
  for (int i = 1; i < kLimit; ++i) ASSERT_NE(race.Hold(0, absl::StrCat("before-", i)), "");
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::string> holds(kCallers);
    MoneyRace::Together([&](int caller) {
      holds[static_cast<size_t>(caller)] =
          race.Hold(caller, absl::StrCat("last-", round, "-", caller));
    });
    int winners = 0;
    std::string won;
    for (const std::string& hold : holds) {
      winners += hold.empty() ? 0 : 1;
      if (!hold.empty()) won = hold;
    }
    ASSERT_EQ(winners, 1) << "round " << round;
    EXPECT_EQ(race.Budget().held_micros(), kLimit * kUnit);
    ASSERT_TRUE(race.Release(won, absl::StrCat("back-", round)).status.ok());
  }
}

TEST(MoneyRaceTest, RefundRacingAHold_GivesTheUseToOneAtMost) {
  MoneyRace race(Uses(1));
  std::string spent = race.Hold(0, "first");
  for (int round = 0; round < kRounds; ++round) {
    ASSERT_TRUE(race.Commit(spent, kUnit, absl::StrCat("spend-", round)).status.ok());
    std::vector<std::string> holds(kCallers);
    MoneyRace::Together([&](int caller) {
      if (caller == 0) {
        const auto back = race.Refund(spent, kUnit, absl::StrCat("back-", round));
        EXPECT_TRUE(back.status.ok()) << back.status.error_message();
      } else {
        holds[static_cast<size_t>(caller)] =
            race.Hold(caller, absl::StrCat("want-", round, "-", caller));
      }
    });
    spent.clear();
    for (const std::string& hold : holds) {
      if (hold.empty()) continue;
      EXPECT_EQ(spent, "") << "round " << round << ": two hold the one use";
      spent = hold;
    }
    EXPECT_EQ(race.Budget().held_micros(), spent.empty() ? 0 : kUnit);
    EXPECT_EQ(race.Budget().committed_micros(), 0);
    // Once the refund is there the use is free, whoever was too early.
    if (spent.empty()) spent = race.Hold(0, absl::StrCat("again-", round));
    ASSERT_NE(spent, "");
  }
}

TEST(MoneyRaceTest, CancelledOrder_GivesTheUseBackExactlyOnce) {
  MoneyRace race(Uses(5));
  const std::string other = race.Hold(1, "other");
  ASSERT_TRUE(race.Commit(other, kUnit, "other").status.ok());
  const std::string hold = race.Hold(0, "hold");
  ASSERT_TRUE(race.Commit(hold, kUnit, "spend").status.ok());
  // One cancellation told many times, and the same one told by different systems.
  std::atomic<int> repeats{0}, own{0};
  MoneyRace::Together([&](int caller) {
    const bool repeat = caller % 2 == 0;
    const auto back = race.Refund(hold, kUnit, repeat ? "cancel" : absl::StrCat("cancel-", caller));
    if (back.status.ok()) {
      EXPECT_EQ(back.hold.state(), v1::HOLD_STATE_REFUNDED);
      EXPECT_EQ(back.hold.refunded_micros(), kUnit);
      ++(repeat ? repeats : own);
    } else {
      EXPECT_EQ(back.status.error_code(), StatusCode::OUT_OF_RANGE) << back.status.error_message();
    }
  });
  EXPECT_TRUE((repeats == kCallers / 2 && own == 0) || (repeats == 0 && own == 1))
      << repeats << " repeats and " << own << " others were answered";
  EXPECT_EQ(race.Budget().refunded_micros(), kUnit);
  EXPECT_EQ(race.Budget().committed_micros(), kUnit);
}

TEST(MoneyRaceTest, TwoStepCheckout_RedeemedTwice_HoldsOnce) {
  MoneyRace race(Uses(200, 1, /*coupon=*/true));
  for (int round = 0; round < kRounds; ++round) {
    const Asked asked = Decide(race.server(), "customers/c0", absl::StrCat("coupon-", round));
    ASSERT_EQ(asked.response.decision().selections_size(), 1);
    const std::string coupon = asked.response.decision().selections(0).coupon();
    ASSERT_NE(coupon, "");
    const int64_t held = race.Budget().held_micros();
    std::vector<MoneyRace::Settled> redeemed(kCallers);
    // Two checkouts, each repeated.
    MoneyRace::Together([&](int caller) {
      redeemed[static_cast<size_t>(caller)] =
          race.Redeem(coupon, 9 * kUnit, absl::StrCat("checkout-", round, "-", caller % 2));
    });
    std::string hold;
    int answered = 0;
    for (const MoneyRace::Settled& each : redeemed) {
      if (each.status.ok()) {
        ++answered;
        if (hold.empty()) hold = each.hold.name();
        EXPECT_EQ(each.hold.name(), hold);
        EXPECT_EQ(each.hold.coupon(), coupon);
      } else {
        EXPECT_EQ(ReasonOf(each.status), "COUPON_NOT_REDEEMABLE") << each.status.error_message();
      }
    }
    EXPECT_EQ(answered, kCallers / 2);
    EXPECT_EQ(race.Budget().held_micros(), held + 9 * kUnit);
    ASSERT_TRUE(race.Commit(hold, 0, absl::StrCat("spend-", round)).status.ok());
  }
}

TEST(MoneyRaceTest, FailedHook_LeaksNoUse) {
  // A minute of the server's time is 25 ms; there is money for one redemption.
  MoneyRace race(Uses(10, /*rate=*/2'400, /*coupon=*/true));
  const Asked asked = Decide(race.server(), "customers/c0", "coupon");
  ASSERT_EQ(asked.response.decision().selections_size(), 1);
  const std::string coupon = asked.response.decision().selections(0).coupon();
  ASSERT_TRUE(
      race.Commit(asked.response.decision().selections(0).hold(), kUnit, "sent").status.ok());
  // The checkout reserves, its payment fails, and nobody ever says so.
  const auto reserved = race.Redeem(coupon, 9 * kUnit, "checkout");
  ASSERT_TRUE(reserved.status.ok()) << reserved.status.error_message();
  MoneyRace::Settled again;
  for (int i = 0; i < 2'000 && again.hold.name().empty(); ++i) {
    again = race.Redeem(coupon, 9 * kUnit, absl::StrCat("again-", i));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ASSERT_TRUE(again.status.ok()) << again.status.error_message();
  EXPECT_EQ(race.Budget().held_micros(), 9 * kUnit);
  // The first reservation is gone for good, also when its payment comes through after all.
  EXPECT_EQ(race.Commit(reserved.hold.name(), 9 * kUnit, "late").status.error_code(),
            StatusCode::FAILED_PRECONDITION);
}

TEST(MoneyRaceTest, FailedHook_CallerGoneBeforeTheAnswer_TheRetryHasTheSameUse) {
  MoneyRace race(Uses(kCallers));
  std::vector<std::string> holds(kCallers);
  MoneyRace::Together([&](int caller) {
    const std::string id = absl::StrCat("gone-", caller),
                      customer = absl::StrCat("customers/c", caller);
    Decide(race.server(), customer, id, /*timeout_ms=*/1);
    holds[static_cast<size_t>(caller)] = race.Hold(caller, id);
  });
  for (const std::string& hold : holds) EXPECT_NE(hold, "");
  EXPECT_EQ(race.Budget().held_micros(), kCallers * kUnit);
}

TEST(MoneyRaceTest, CommitRacingExpiry_ExactlyOneWins) {
  // A hold of fifteen minutes lives for 0.2 s.
  MoneyRace race(Uses(1'000, /*rate=*/4'500));
  std::atomic<int> committed{0}, expired{0};
  std::atomic<int64_t> spent{0};
  for (int round = 0; round < 50 && (committed < kRounds || expired < kRounds); ++round) {
    MoneyRace::Together([&](int caller) {
      const std::string id = absl::StrCat("r", round, "-", caller);
      const std::string hold = race.Hold(caller, id);
      ASSERT_NE(hold, "");
      std::this_thread::sleep_for(std::chrono::milliseconds(150 + 6 * caller));
      const auto end = race.Commit(hold, kUnit, id);
      if (end.status.ok()) {
        EXPECT_EQ(end.hold.state(), v1::HOLD_STATE_COMMITTED);
        ++committed;
        spent += kUnit;
      } else {
        EXPECT_EQ(ReasonOf(end.status), "HOLD_SETTLED") << end.status.error_message();
        EXPECT_THAT(end.status.error_message(), HasSubstr("expired"));
        ++expired;
      }
      // What was said stays true.
      EXPECT_EQ(race.Commit(hold, kUnit, id).status.ok(), end.status.ok());
    });
  }
  EXPECT_GT(committed, 0);
  EXPECT_GT(expired, 0);
  EXPECT_EQ(race.Budget().committed_micros(), spent);
}

TEST(MoneyRaceTest, RetryWithAnotherBody_IsRefusedByItsField) {
  MoneyRace race(Uses(5));
  const std::string hold = race.Hold(0, "hold");
  std::atomic<int64_t> answered{-1};
  MoneyRace::Together([&](int caller) {
    const int64_t micros = caller % 4;
    const auto end = race.Commit(hold, micros, "r");
    if (end.status.ok()) {
      EXPECT_EQ(end.hold.committed_micros(), micros);
      int64_t before = -1;
      if (!answered.compare_exchange_strong(before, micros)) {
        EXPECT_EQ(before, micros) << "two amounts are committed";
      }
    } else {
      EXPECT_EQ(end.status.error_code(), StatusCode::ALREADY_EXISTS);
      EXPECT_EQ(ReasonOf(end.status), "REQUEST_ID_REUSED");
      EXPECT_THAT(end.status.error_message(), HasSubstr("actual_micros"));
    }
  });
  ASSERT_GE(answered, 0);
  EXPECT_EQ(race.Budget().committed_micros(), answered);
}

TEST(MoneyTest, AmountInAnotherCurrency_IsRefusedByItsField) {
  MoneyRace race(Uses(5));
  const std::string hold = race.Hold(0, "hold");
  const auto decisions = v1::DecisionService::NewStub(race.server().channel());
  v1::CommitHoldRequest request;
  request.set_request_id("r");
  request.set_name(hold);
  request.set_actual_micros(kUnit);
  for (const char* currency : {"EUR", "usd", "USD"}) {
    request.set_currency_code(currency);
    v1::CommitHoldResponse response;
    grpc::ClientContext context;
    const grpc::Status status = decisions->CommitHold(&context, request, &response);
    EXPECT_EQ(status.ok(), std::string(currency) == "USD") << currency;
    if (status.ok()) continue;
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).field_violations(0).field(),
              "currency_code");
    EXPECT_EQ(race.Budget().committed_micros(), 0);
  }
  EXPECT_EQ(race.Budget().committed_micros(), kUnit);
}

}  // namespace
}  // namespace tenure::api
