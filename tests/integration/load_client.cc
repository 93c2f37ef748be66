// Clients of a process of their own: they decide, commit, release, redeem, refund and send events
// until their time is over, repeat every call with the same request id until it is answered, and
// logs each acknowledgement with the reply's bytes. With --verify it sends what logs say again and
// compares the answers.
#include <fcntl.h>
#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "tenure/v1/customer_service.grpc.pb.h"
#include "tenure/v1/decision_service.grpc.pb.h"

namespace tenure {
namespace {

using grpc::Status;
using grpc::StatusCode;

constexpr int kTryMs = 4'000;
constexpr int kGiveUpTries = 4'000;

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void SleepMs(int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

std::string Bytes(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

// A budget's or a customer's limit leaves no room, which a repeat would not change.
bool IsNoRoom(const Status& status) {
  return status.error_code() == StatusCode::RESOURCE_EXHAUSTED &&
         absl::StrContains(status.error_message(), "is asked for");
}

// The server, wherever its port file says that it is now.
class Server {
 public:
  explicit Server(std::string port_file) : port_file_(std::move(port_file)) { Connect(); }

  // Calls until there is an answer: a killed server is waited for.
  Status Ask(const std::function<Status(grpc::ClientContext*)>& call) {
    for (int i = 0; i < kGiveUpTries; ++i) {
      Status status(StatusCode::UNAVAILABLE, "no server has written its port yet");
      if (channel_ != nullptr) {
        grpc::ClientContext context;
        context.set_deadline(
            gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_millis(kTryMs, GPR_TIMESPAN)));
        status = call(&context);
      }
      // A full budget says so; a full queue asks to come again.
      const bool later =
          status.error_code() == StatusCode::UNAVAILABLE ||
          status.error_code() == StatusCode::DEADLINE_EXCEEDED ||
          (status.error_code() == StatusCode::RESOURCE_EXHAUSTED && !IsNoRoom(status));
      if (!later) return status;
      ++retries_;
      SleepMs(10);
      Connect();
    }
    return Status(StatusCode::ABORTED, "the server never came back");
  }

  v1::DecisionService::Stub& decisions() { return *decisions_; }
  v1::CustomerService::Stub& customers() { return *customers_; }
  int64_t retries() const { return retries_; }

 private:
  void Connect() {
    std::ifstream file(port_file_);
    std::string port;
    if (!(file >> port) || port == port_) return;
    port_ = port;
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channel_ = grpc::CreateCustomChannel("127.0.0.1:" + port, grpc::InsecureChannelCredentials(),
                                         arguments);
    decisions_ = v1::DecisionService::NewStub(channel_);
    customers_ = v1::CustomerService::NewStub(channel_);
  }

  std::string port_file_;
  std::string port_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::DecisionService::Stub> decisions_;
  std::unique_ptr<v1::CustomerService::Stub> customers_;
  int64_t retries_ = 0;
};

// What was acknowledged, a line each: kind, request id, what was asked, reply in hexadecimal.
struct Line {
  std::string kind, id, target, amount, reply;
};

struct Answer {
  Status status;
  std::string reply;
  std::vector<v1::Selection> selections;  // of a decision
  std::string hold;                       // of a redemption
};

Answer Decide(Server& server, const Line& line) {
  v1::DecideRequest request;
  request.set_request_id(line.id);
  request.set_customer(line.target);
  request.set_view(v1::DECISION_VIEW_FULL);
  v1::DecideResponse response;
  Answer answer;
  answer.status = server.Ask([&](grpc::ClientContext* context) {
    return server.decisions().Decide(context, request, &response);
  });
  answer.reply = Bytes(response);
  const auto& selections = response.decision().selections();
  answer.selections.assign(selections.begin(), selections.end());
  return answer;
}

Answer Commit(Server& server, const Line& line) {
  v1::CommitHoldRequest request;
  request.set_request_id(line.id);
  request.set_name(line.target);
  int64_t micros = 0;
  if (absl::SimpleAtoi(line.amount, &micros)) request.set_actual_micros(micros);
  v1::CommitHoldResponse response;
  Answer answer;
  answer.status = server.Ask([&](grpc::ClientContext* context) {
    return server.decisions().CommitHold(context, request, &response);
  });
  answer.reply = Bytes(response);
  return answer;
}

Answer Release(Server& server, const Line& line) {
  v1::ReleaseHoldRequest request;
  request.set_request_id(line.id);
  request.set_name(line.target);
  v1::ReleaseHoldResponse response;
  Answer answer;
  answer.status = server.Ask([&](grpc::ClientContext* context) {
    return server.decisions().ReleaseHold(context, request, &response);
  });
  answer.reply = Bytes(response);
  return answer;
}

Answer Refund(Server& server, const Line& line) {
  v1::RefundHoldRequest request;
  request.set_request_id(line.id);
  request.set_name(line.target);
  int64_t micros = 0;
  if (absl::SimpleAtoi(line.amount, &micros)) request.set_amount_micros(micros);
  v1::RefundHoldResponse response;
  Answer answer;
  answer.status = server.Ask([&](grpc::ClientContext* context) {
    return server.decisions().RefundHold(context, request, &response);
  });
  answer.reply = Bytes(response);
  return answer;
}

Answer Redeem(Server& server, const Line& line) {
  v1::RedeemCouponRequest request;
  request.set_request_id(line.id);
  request.set_name(line.target);
  int64_t micros = 0;
  if (absl::SimpleAtoi(line.amount, &micros)) request.set_amount_micros(micros);
  v1::RedeemCouponResponse response;
  Answer answer;
  answer.status = server.Ask([&](grpc::ClientContext* context) {
    return server.decisions().RedeemCoupon(context, request, &response);
  });
  answer.reply = Bytes(response);
  answer.hold = response.hold().name();
  return answer;
}

// One event; the reply is the outcome's number.
Answer Ingest(Server& server, const Line& line) {
  v1::IngestEventsRequest chunk;
  v1::Event* const event = chunk.add_events();
  event->set_id(line.id);
  event->set_source("load");
  event->set_customer(line.target);
  event->mutable_engagement()->set_channel("email");
  v1::IngestEventsResponse acknowledgement;
  Answer answer;
  answer.status = server.Ask([&](grpc::ClientContext* context) {
    const auto stream = server.customers().IngestEvents(context);
    acknowledgement.Clear();
    const bool read = stream->Write(chunk) && stream->Read(&acknowledgement);
    stream->WritesDone();
    const Status status = stream->Finish();
    return read ? Status::OK : status;
  });
  if (acknowledgement.statuses_size() == 1) {
    answer.reply = absl::StrCat(acknowledgement.statuses(0).outcome());
  }
  return answer;
}

Answer Send(Server& server, const Line& line) {
  if (line.kind == "decide") return Decide(server, line);
  if (line.kind == "commit") return Commit(server, line);
  if (line.kind == "release") return Release(server, line);
  if (line.kind == "refund") return Refund(server, line);
  if (line.kind == "redeem") return Redeem(server, line);
  return Ingest(server, line);
}

class Load {
 public:
  Load(Server* server, int client, int customers, const std::string& log)
      : server_(*server),
        client_(client),
        customers_(customers),
        log_(open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644)) {}
  ~Load() { close(log_); }

  bool opened() const { return log_ >= 0; }

  void Run(uint64_t seed, const std::string& stop_file, bool full_speed) {
    random_.seed(seed);
    while (access(stop_file.c_str(), F_OK) != 0) {
      Step();
      if (!full_speed) SleepMs(Below(25));
    }
  }

 private:
  int64_t Below(int64_t most) {
    return static_cast<int64_t>(random_() % static_cast<uint64_t>(most));
  }

  std::string Customer() {
    return Below(10) < 4 ? "customers/hot" : absl::StrCat("customers/C", Below(customers_));
  }

  std::string NewId() { return absl::StrCat("client", client_, "-", ++count_); }

  void Step() {
    const int64_t dice = Below(100);
    if (dice < 25) {
      Tell({"event", NewId(), Customer(), "", ""});
    } else if (dice < 40) {
      // The same id from all clients that come by within these moments.
      DecideAndSettle({"decide", absl::StrCat("shared-", NowMs() / 40), "customers/hot", "", ""});
    } else if (dice < 50 && !answered_.empty()) {
      Tell(answered_[static_cast<size_t>(Below(static_cast<int64_t>(answered_.size())))]);
    } else {
      DecideAndSettle({"decide", NewId(), Customer(), "", ""});
    }
  }

  Answer Tell(Line line) {
    Answer answer = Send(server_, line);
    if (answer.status.ok()) {
      line.reply = answer.reply;
      Write({line.kind, line.id, line.target, line.amount, absl::BytesToHexString(line.reply)});
      answered_.push_back(std::move(line));
    } else {
      // Two clients may settle a hold of a shared decision: one of them is too late.
      // Or redeem its coupon, or give back what is left of it.
      const auto code = answer.status.error_code();
      const bool late = line.kind != "decide" && line.kind != "event" &&
                        (code == StatusCode::FAILED_PRECONDITION || IsNoRoom(answer.status) ||
                         (line.kind == "refund" && code == StatusCode::OUT_OF_RANGE));
      Write({late ? "late" : "error", line.id, line.target,
             absl::StrCat(answer.status.error_code()), answer.status.error_message()});
    }
    return answer;
  }

  void DecideAndSettle(const Line& line) {
    const Answer answer = Tell(line);
    for (const v1::Selection& selection : answer.selections) {
      if (selection.hold().empty()) continue;
      const int64_t dice = Below(10);
      // A coupon is seldom spent, so that all go on wanting the same last cents.
      if (dice < 3 && (selection.hold_micros() < 1'000'000 || Below(10) == 0)) {
        CommitSome(selection.hold(), selection.hold_micros());
      } else if (dice < 8 && selection.coupon().empty()) {
        Tell({"release", NewId(), selection.hold(), "", ""});
      }
      if (!selection.coupon().empty()) RedeemAndSettle(selection);
    }
  }

  // Of what was spent a part comes back, then and now in two parts.
  void CommitSome(const std::string& hold, int64_t held) {
    const int64_t actual = Below(held + 1);
    if (!Tell({"commit", NewId(), hold, absl::StrCat(actual), ""}).status.ok()) return;
    for (int64_t left = actual; left > 0 && Below(2) == 0;) {
      const int64_t back = 1 + Below(left);
      Tell({"refund", NewId(), hold, absl::StrCat(back), ""});
      left -= back;
    }
  }

  // Now and then twice, and now and then nobody says what became of it.
  void RedeemAndSettle(const v1::Selection& selection) {
    for (int64_t again = Below(3); again >= 0; --again) {
      const int64_t micros = Below(selection.coupon_micros() + 1);
      const Answer answer = Tell({"redeem", NewId(), selection.coupon(), absl::StrCat(micros), ""});
      if (!answer.status.ok()) continue;
      const int64_t dice = Below(10);
      if (dice < 4) CommitSome(answer.hold, micros);
      if (dice >= 4 && dice < 8) Tell({"release", NewId(), answer.hold, "", ""});
    }
  }

  // One write a line: what is in the file was acknowledged, even if this process ends right after.
  void Write(const std::vector<std::string>& cells) {
    const std::string line = absl::StrJoin(cells, "\t") + "\n";
    if (write(log_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::abort();
  }

  Server& server_;
  const int client_;
  const int customers_;
  const int log_;
  std::mt19937_64 random_;
  int64_t count_ = 0;
  std::vector<Line> answered_;
};

// Sends every acknowledged line again. Returns how many answers differ.
int Verify(Server* server, const std::vector<std::string>& logs) {
  std::map<std::string, Line> lines;
  for (const std::string& log : logs) {
    std::ifstream file(log);
    for (std::string text; std::getline(file, text);) {
      const std::vector<std::string> cells = absl::StrSplit(text, '\t');
      if (cells.size() != 5 || cells[0] == "late" || cells[0] == "error") continue;
      lines[cells[0] + cells[1]] = {cells[0], cells[1], cells[2], cells[3],
                                    absl::HexStringToBytes(cells[4])};
    }
  }
  int different = 0;
  for (const auto& [key, line] : lines) {
    const Answer again = Send(*server, line);
    const std::string expected =
        line.kind == "event" ? absl::StrCat(v1::EVENT_OUTCOME_DUPLICATE) : line.reply;
    bool same = again.status.ok() && again.reply == expected;
    if (same && line.kind == "decide") {
      v1::DecideResponse acknowledged;
      same = acknowledged.ParseFromString(line.reply);
      v1::GetDecisionRequest request;
      request.set_name(acknowledged.decision().name());
      request.set_view(v1::DECISION_VIEW_FULL);
      v1::GetDecisionResponse kept;
      same = same && server
                         ->Ask([&](grpc::ClientContext* context) {
                           return server->decisions().GetDecision(context, request, &kept);
                         })
                         .ok();
      same = same && Bytes(kept.decision()) == Bytes(acknowledged.decision());
    }
    if (same) continue;
    ++different;
    std::printf("%s %s of %s is answered otherwise now: %s\n", line.kind.c_str(), line.id.c_str(),
                line.target.c_str(), again.status.error_message().c_str());
  }
  std::printf("%zu acknowledged calls repeated, %d answered otherwise\n", lines.size(), different);
  return different;
}

int Main(const std::vector<std::string>& arguments) {
  if (arguments.size() >= 3 && arguments[0] == "--verify") {
    Server server(arguments[1]);
    return Verify(&server, {arguments.begin() + 2, arguments.end()}) == 0 ? 0 : 1;
  }
  uint64_t seed = 0;
  int client = 0;
  int customers = 0;
  int threads = 0;
  if (arguments.size() != 7 || !absl::SimpleAtoi(arguments[1], &seed) ||
      !absl::SimpleAtoi(arguments[2], &client) || !absl::SimpleAtoi(arguments[3], &customers) ||
      !absl::SimpleAtoi(arguments[6], &threads) || threads < 1) {
    std::fprintf(stderr,
                 "load_client PORT_FILE SEED CLIENT CUSTOMERS LOG STOP_FILE THREADS\n"
                 "load_client --verify PORT_FILE LOG…\n");
    return 2;
  }
  std::atomic<int64_t> retries{0};
  std::atomic<bool> opened{true};
  std::vector<std::thread> clients;
  for (int t = 0; t < threads; ++t) {
    clients.emplace_back([&, t] {
      Server server(arguments[0]);
      const int number = client * threads + t;
      Load load(&server, number, customers, arguments[4]);
      if (!load.opened()) {
        opened = false;
        return;
      }
      load.Run(seed * 1'000 + static_cast<uint64_t>(t), arguments[5], threads > 1);
      retries += server.retries();
    });
  }
  for (std::thread& each : clients) each.join();
  std::printf("client %d: %ld retries\n", client, static_cast<long>(retries.load()));
  return opened ? 0 : 1;
}

}  // namespace
}  // namespace tenure

int main(int argc, char** argv) {
  return tenure::Main(std::vector<std::string>(argv + 1, argv + argc));
}
