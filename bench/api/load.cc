#include "bench/api/load.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <future>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "tenure/v1/decision_service.grpc.pb.h"

namespace tenure::bench {
namespace {

namespace v1 = tenure::v1;

// One of those in flight. What it counts is its own: nothing is shared while it runs.
class Caller {
 public:
  Caller(const std::shared_ptr<grpc::Channel>& channel, const std::vector<std::string>& customers,
         std::string prefix, size_t first, size_t step, int64_t until_us)
      : stub_(v1::DecisionService::NewStub(channel)),
        customers_(customers),
        prefix_(std::move(prefix)),
        step_(step),
        until_us_(until_us),
        next_(first) {}

  void Start() { Send(); }
  void Wait() { ended_.get_future().wait(); }
  void AddTo(LoadResult* total, std::vector<int64_t>* latencies) const {
    total->replies += result_.replies;
    total->failures += result_.failures;
    total->bytes += result_.bytes;
    total->selected += result_.selected;
    if (total->first_error.empty()) total->first_error = result_.first_error;
    latencies->insert(latencies->end(), latencies_.begin(), latencies_.end());
  }

 private:
  void Send() {
    context_ = std::make_unique<grpc::ClientContext>();
    request_.set_request_id(absl::StrCat(prefix_, "/", next_));
    request_.set_customer("customers/" + customers_[next_ % customers_.size()]);
    next_ += step_;
    sent_us_ = MonotonicUs();
    stub_->async()->Decide(context_.get(), &request_, &response_,
                           [this](const grpc::Status& status) { Answered(status); });
  }

  void Answered(const grpc::Status& status) {
    const int64_t now_us = MonotonicUs();
    latencies_.push_back(now_us - sent_us_);
    if (status.ok()) {
      ++result_.replies;
      result_.bytes += static_cast<int64_t>(response_.ByteSizeLong());
      result_.selected += response_.decision().selections_size() > 0;
    } else {
      ++result_.failures;
      if (result_.first_error.empty()) result_.first_error = status.error_message();
    }
    if (now_us < until_us_ && result_.failures == 0) {
      Send();
    } else {
      ended_.set_value();
    }
  }

  const std::unique_ptr<v1::DecisionService::Stub> stub_;
  const std::vector<std::string>& customers_;
  const std::string prefix_;
  const size_t step_;
  const int64_t until_us_;
  size_t next_;
  int64_t sent_us_ = 0;
  std::unique_ptr<grpc::ClientContext> context_;
  v1::DecideRequest request_;
  v1::DecideResponse response_;
  std::vector<int64_t> latencies_;
  LoadResult result_;
  std::promise<void> ended_;
};

double Quantile(const std::vector<int64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<size_t>(share * static_cast<double>(sorted.size()));
  return static_cast<double>(sorted[std::min(at, sorted.size() - 1)]);
}

}  // namespace

LoadResult RunLoad(const std::shared_ptr<grpc::Channel>& channel,
                   const std::vector<std::string>& customers, const std::string& prefix,
                   int in_flight, double seconds) {
  const int64_t from_us = MonotonicUs();
  const int64_t until_us = from_us + static_cast<int64_t>(seconds * 1e6);
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < in_flight; ++i) {
    callers.push_back(std::make_unique<Caller>(channel, customers, prefix, static_cast<size_t>(i),
                                               static_cast<size_t>(in_flight), until_us));
  }
  for (const auto& caller : callers) caller->Start();
  for (const auto& caller : callers) caller->Wait();
  LoadResult total;
  total.seconds = static_cast<double>(MonotonicUs() - from_us) / 1e6;
  std::vector<int64_t> latencies;
  for (const auto& caller : callers) caller->AddTo(&total, &latencies);
  std::sort(latencies.begin(), latencies.end());
  total.p50_us = Quantile(latencies, 0.5);
  total.p99_us = Quantile(latencies, 0.99);
  return total;
}

v1::BatchDecideResponse Sample(const std::shared_ptr<grpc::Channel>& channel,
                               const std::vector<std::string>& customers) {
  const auto stub = v1::DecisionService::NewStub(channel);
  v1::BatchDecideResponse replies;
  for (size_t i = 0; i < customers.size(); ++i) {
    grpc::ClientContext context;
    v1::DecideRequest request;
    v1::DecideResponse response;
    request.set_request_id(absl::StrCat("sample/", i));
    request.set_customer("customers/" + customers[i]);
    if (!stub->Decide(&context, request, &response).ok()) return {};
    *replies.add_results()->mutable_decision() = response.decision();
  }
  return replies;
}

}  // namespace tenure::bench
