// Unary `Decide`, durable, against an empty handler with the same messages: 1, 8 and 64 in flight,
// interleaved, one channel each. The client and both servers share the machine's cores.
//
//   decide_bench sample ADDRESS CUSTOMERS REPLIES   decides for 200 customers, keeps the replies
//   decide_bench empty REPLIES PORT_FILE            serves those until standard input ends
//   decide_bench measure ADDRESS EMPTY CUSTOMERS ROUNDS SECONDS
//
// CUSTOMERS is a file of ids. `measure` prints one JSON document; ratios are by round.
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bench/api/empty_server.h"
#include "bench/api/load.h"

namespace tenure::bench {
namespace {

constexpr size_t kSample = 200;
constexpr int kInFlight[] = {1, 8, 64};

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

std::vector<std::string> ReadLines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Series {
  std::vector<double> per_second, p50_us, p99_us;
  void Add(const LoadResult& result) {
    per_second.push_back(result.PerSecond());
    p50_us.push_back(result.p50_us);
    p99_us.push_back(result.p99_us);
  }
};

struct Totals {
  int64_t replies = 0, selected = 0, bytes = 0, empty_replies = 0, empty_bytes = 0;
};

bool Failed(const LoadResult& result) {
  if (result.failures > 0) std::fprintf(stderr, "decide_bench: %s\n", result.first_error.c_str());
  return result.failures > 0;
}

int Measure(const std::string& address, const std::string& empty_address,
            const std::vector<std::string>& customers, int rounds, double seconds) {
  const auto server = Connect(address);
  const auto empty = Connect(empty_address);
  Totals totals;
  std::printf("{\n");
  for (const int in_flight : kInFlight) {
    Series ours, theirs, ratio;
    // Round −1 warms up: connections, caches, the allocator.
    for (int round = -1; round < rounds; ++round) {
      const std::string prefix = absl::StrCat("load/", in_flight, "/", round);
      const LoadResult a = RunLoad(server, customers, prefix, in_flight, seconds);
      const LoadResult b = RunLoad(empty, customers, prefix, in_flight, seconds);
      if (Failed(a) || Failed(b)) return 1;
      totals.replies += a.replies;
      totals.selected += a.selected;
      totals.bytes += a.bytes;
      totals.empty_replies += b.replies;
      totals.empty_bytes += b.bytes;
      if (round < 0) continue;
      ours.Add(a);
      theirs.Add(b);
      ratio.per_second.push_back(a.PerSecond() / b.PerSecond());
      ratio.p99_us.push_back(a.p99_us / b.p99_us);
    }
    std::printf(
        "  \"%d\": {\"per_second\": %.0f, \"empty_per_second\": %.0f, \"ratio\": %.4f, "
        "\"p50_us\": %.0f, \"p99_us\": %.0f, \"empty_p99_us\": %.0f, \"p99_ratio\": %.3f},\n",
        in_flight, Median(ours.per_second), Median(theirs.per_second), Median(ratio.per_second),
        Median(ours.p50_us), Median(ours.p99_us), Median(theirs.p99_us), Median(ratio.p99_us));
  }
  std::printf(
      "  \"replies\": %lld, \"selected\": %lld, \"reply_bytes\": %.1f, "
      "\"empty_reply_bytes\": %.1f\n}\n",
      static_cast<long long>(totals.replies), static_cast<long long>(totals.selected),
      static_cast<double>(totals.bytes) / static_cast<double>(totals.replies),
      static_cast<double>(totals.empty_bytes) / static_cast<double>(totals.empty_replies));
  return 0;
}

int KeepSample(const std::string& address, std::vector<std::string> customers,
               const std::string& path) {
  customers.resize(std::min(customers.size(), kSample));
  const tenure::v1::BatchDecideResponse replies = Sample(Connect(address), customers);
  std::ofstream file(path, std::ios::binary);
  return replies.results_size() > 0 && replies.SerializeToOstream(&file) ? 0 : 1;
}

int Main(const std::vector<std::string>& arguments) {
  const std::string mode = arguments.empty() ? "" : arguments[0];
  if (mode == "sample" && arguments.size() == 4) {
    return KeepSample(arguments[1], ReadLines(arguments[2]), arguments[3]);
  }
  if (mode == "empty" && arguments.size() == 3) {
    tenure::v1::BatchDecideResponse replies;
    std::ifstream file(arguments[1], std::ios::binary);
    if (!replies.ParseFromIstream(&file) || replies.results().empty()) return 1;
    return ServeEmpty(replies, arguments[2]);
  }
  int rounds = 0;
  double seconds = 0;
  if (mode == "measure" && arguments.size() == 6 && absl::SimpleAtoi(arguments[4], &rounds) &&
      absl::SimpleAtod(arguments[5], &seconds) && rounds > 0) {
    return Measure(arguments[1], arguments[2], ReadLines(arguments[3]), rounds, seconds);
  }
  std::fprintf(stderr, "usage: decide_bench sample|empty|measure …, see its source\n");
  return 2;
}

}  // namespace
}  // namespace tenure::bench

int main(int argc, char** argv) { return tenure::bench::Main({argv + 1, argv + argc}); }
