// Which of the facts that rows state are news, as events.
#ifndef TENURE_CLIENTS_CLI_FACT_NEWS_H_
#define TENURE_CLIENTS_CLI_FACT_NEWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "clients/cli/row_facts.h"
#include "tenure/v1/customer.pb.h"

namespace tenure::cli {

// What one import has told so far. An event's id holds the instant of its fact, so that the same
// file again repeats it and a later change is told. Facts without an instant hold for the server's
// now: their ids hold the import's id and a count, so that another import tells them anew.
// Memory grows with the customers and what they state. Not thread-safe.
class FactNews {
 public:
  FactNews(std::string source, std::string import_id);

  // The events of one row: what differs from the customer's last state. Rows may come in any order
  // of time; the latest state, as the server sees it, has always been told. Of two
  // permissions at one instant the stricter holds.
  std::vector<tenure::v1::Event> Of(const std::string& customer, std::optional<int64_t> at_us,
                                    const RowFacts::Facts& facts);

 private:
  // The latest that was stated of one thing. `told` is false where it only repeats an earlier one.
  template <typename State>
  struct Latest {
    std::optional<int64_t> at_us;
    State state{};
    bool told = true;
    int64_t count = 0;  // of events, for ids without an instant; 0: nothing was stated yet
  };
  // Tells what changes: `newest(latest)` says whether `state` comes after it, `tell(at_us, state,
  // count)` makes the event.
  template <typename State, typename Newest, typename Tell>
  static void Update(Latest<State>* latest, std::optional<int64_t> at_us, const State& state,
                     const Newest& newest, const Tell& tell);

  void AddConsent(const std::string& customer, std::optional<int64_t> at_us,
                  const tenure::v1::Consent& consent, std::vector<tenure::v1::Event>* news);
  void AddAttributes(const std::string& customer, std::optional<int64_t> at_us,
                     const tenure::v1::Attributes& attributes,
                     std::vector<tenure::v1::Event>* news);
  // "<at_us>", or "<import id>/<count>".
  std::string Moment(std::optional<int64_t> at_us, int64_t count) const;
  tenure::v1::Event* Add(const std::string& customer, std::optional<int64_t> at_us, std::string id,
                         std::vector<tenure::v1::Event>* news) const;

  const std::string source_;
  const std::string import_id_;
  // By "customer/purpose/channel".
  absl::flat_hash_map<std::string, Latest<tenure::v1::ConsentState>> consents_;
  // By customer: the attributes, serialised by name.
  absl::flat_hash_map<std::string, Latest<std::string>> attributes_;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_FACT_NEWS_H_
