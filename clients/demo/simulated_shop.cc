#include "clients/demo/simulated_shop.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/csv.h"
#include "clients/cli/numbers.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/journal/records.h"

namespace tenure::demo {
namespace {

using cli::CsvReader;

constexpr double kDaysPerWeek = 7;
constexpr size_t kOrdersAChange = 4'096;

absl::StatusOr<int64_t> Micros(const CsvReader& reader,
                               const std::vector<absl::string_view>& fields, size_t column) {
  auto micros = ParseMicros(fields[column]);
  if (!micros.ok()) return Annotate(micros.status(), reader.Where(column));
  return micros;
}

absl::StatusOr<std::vector<journal::EventRecord>> ReadOrders(const std::string& path) {
  TENURE_ASSIGN_OR_RETURN(const auto reader, CsvReader::Open(path));
  TENURE_ASSIGN_OR_RETURN(const size_t customer, reader->Column("customer_id"));
  TENURE_ASSIGN_OR_RETURN(const size_t order, reader->Column("order_id"));
  TENURE_ASSIGN_OR_RETURN(const size_t date, reader->Column("date"));
  TENURE_ASSIGN_OR_RETURN(const size_t amount, reader->Column("amount"));
  TENURE_ASSIGN_OR_RETURN(const size_t margin, reader->Column("margin"));
  std::vector<journal::EventRecord> orders;
  std::vector<absl::string_view> fields;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool more, reader->Next(&fields));
    if (!more) break;
    journal::EventRecord event;
    event.customer_id = std::string(fields[customer]);
    event.event_id = absl::StrCat(fields[order], "/", fields[customer]);
    const absl::StatusOr<int64_t> at_us = ParseInstant(fields[date]);
    if (!at_us.ok()) return Annotate(at_us.status(), reader->Where(date));
    event.happened_us = DayOf(*at_us) * kMicrosPerDay;
    TENURE_ASSIGN_OR_RETURN(event.amount_micros, Micros(*reader, fields, amount));
    TENURE_ASSIGN_OR_RETURN(event.margin_micros, Micros(*reader, fields, margin));
    orders.push_back(std::move(event));
  }
  std::sort(orders.begin(), orders.end(), [](const auto& a, const auto& b) {
    return std::tie(a.happened_us, a.event_id) < std::tie(b.happened_us, b.event_id);
  });
  return orders;
}

journal::EventRecord Granted(const char* channel, int64_t happened_us) {
  journal::EventRecord event;
  event.type = journal::EventType::kConsent;
  event.happened_us = happened_us;
  event.channel = channel;
  event.purpose = "marketing";
  event.consent = journal::ConsentState::kGranted;
  return event;
}

}  // namespace

absl::Status FoldOrders(const std::string& path, std::shared_ptr<const rules::RuleSet> rules,
                        int64_t at_us, customers::Population* population) {
  TENURE_ASSIGN_OR_RETURN(const std::vector<journal::EventRecord> orders, ReadOrders(path));
  const customers::Valuation valuation{std::move(rules), nullptr, journal::CutPoints()};
  customers::Change change(population);
  for (size_t i = 0; i < orders.size(); ++i) {
    const journal::EventRecord& order = orders[i];
    uint32_t customer = change.Find(order.customer_id);
    if (customer == 0) {
      customer = change.FindOrAdd(order.customer_id);
      for (const char* channel : {"email", "post"}) {
        change.Apply(customer, Granted(channel, order.happened_us), at_us, valuation);
      }
    }
    change.Apply(customer, order, at_us, valuation);
    if ((i + 1) % kOrdersAChange == 0) change.Publish();
  }
  change.Publish();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<planning::Truth>> ReadTruth(const std::string& path,
                                                       const customers::Population& population,
                                                       double margin_rate) {
  TENURE_ASSIGN_OR_RETURN(const auto reader, CsvReader::Open(path));
  TENURE_ASSIGN_OR_RETURN(const size_t id, reader->Column("customer_id"));
  TENURE_ASSIGN_OR_RETURN(const size_t rate, reader->Column("lambda_per_week"));
  TENURE_ASSIGN_OR_RETURN(const size_t dropout, reader->Column("dropout"));
  TENURE_ASSIGN_OR_RETURN(const size_t alive, reader->Column("alive"));
  TENURE_ASSIGN_OR_RETURN(const size_t spend, reader->Column("mean_spend"));
  std::vector<planning::Truth> truths(population.size());
  std::vector<bool> known(population.size(), false);
  std::vector<absl::string_view> fields;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool more, reader->Next(&fields));
    if (!more) break;
    const uint32_t customer = population.Find(fields[id]);
    if (customer == 0) continue;
    planning::Truth& truth = truths[customer - 1];
    truth.alive = fields[alive] == "1";
    TENURE_ASSIGN_OR_RETURN(const double per_week, cli::NumberField(*reader, fields, rate));
    truth.rate_per_day = per_week / kDaysPerWeek;
    TENURE_ASSIGN_OR_RETURN(truth.dropout, cli::NumberField(*reader, fields, dropout));
    TENURE_ASSIGN_OR_RETURN(truth.order_revenue, cli::NumberField(*reader, fields, spend));
    truth.order_margin = margin_rate * truth.order_revenue;
    known[customer - 1] = true;
  }
  const auto unknown = std::find(known.begin(), known.end(), false);
  if (unknown == known.end()) return truths;
  const auto customer = static_cast<uint32_t>(unknown - known.begin()) + 1;
  TENURE_ASSIGN_OR_RETURN(const customers::Customer who, population.Get(customer));
  return absl::InvalidArgumentError(absl::StrCat(path, ": nothing about customer ", who.id,
                                                 ", who has orders; give orders and truth of the "
                                                 "same `tenure simulate`"));
}

}  // namespace tenure::demo
