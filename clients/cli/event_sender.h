// Streams events to the server in chunks, a few of them under way at once.
#ifndef TENURE_CLIENTS_CLI_EVENT_SENDER_H_
#define TENURE_CLIENTS_CLI_EVENT_SENDER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/client.h"
#include "tenure/v1/customer.pb.h"

namespace tenure::cli {

// What became of the events.
struct ImportSummary {
  int64_t accepted = 0;
  int64_t duplicates = 0;
  int64_t rejected = 0;
  std::vector<std::pair<int64_t, std::string>> reasons;  // line, why; the first thousand
  void Reject(int64_t line, std::string why);
};

// Not thread-safe.
class EventSender {
 public:
  // The client outlives it.
  explicit EventSender(Client* client);
  ~EventSender();
  EventSender(const EventSender&) = delete;
  EventSender& operator=(const EventSender&) = delete;

  // Takes an event that `line` of the file gave rise to. Waits where four chunks are
  // unacknowledged. The error of a broken stream; what was acknowledged before stays recorded.
  absl::Status Send(tenure::v1::Event event, int64_t line);
  // Sends the rest and waits for every acknowledgement. Last.
  absl::Status Finish();
  ImportSummary* summary() { return &summary_; }

 private:
  class Stream;
  absl::Status Flush();
  absl::Status Acknowledge();

  Client* const client_;
  std::unique_ptr<Stream> stream_;
  ImportSummary summary_;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_EVENT_SENDER_H_
