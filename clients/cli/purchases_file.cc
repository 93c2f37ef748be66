#include "clients/cli/purchases_file.h"

#include <google/protobuf/util/time_util.h>

#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/fact_news.h"
#include "clients/cli/orders.h"
#include "clients/cli/session.h"
#include "server/base/hash.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/base/zone.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

class PurchaseReader {
 public:
  static absl::StatusOr<PurchaseReader> Create(CsvReader* reader, const PurchaseColumns& columns,
                                               const RowFacts* facts) {
    PurchaseReader result(reader, columns, facts);
    TENURE_ASSIGN_OR_RETURN(result.zone_, LoadZone(columns.zone));
    TENURE_ASSIGN_OR_RETURN(result.customer_, reader->Column(columns.customer));
    TENURE_ASSIGN_OR_RETURN(result.date_, reader->Column(columns.date));
    TENURE_ASSIGN_OR_RETURN(result.amount_, reader->Column(columns.amount));
    TENURE_RETURN_IF_ERROR(result.Optional(columns.margin, &result.margin_));
    TENURE_RETURN_IF_ERROR(result.Optional(columns.category, &result.category_));
    TENURE_RETURN_IF_ERROR(result.Optional(columns.order, &result.order_));
    return result;
  }

  // The row as a purchase of its own, without an id. INVALID_ARGUMENT naming the place; line, order
  // and customer are set even then.
  absl::Status Read(const std::vector<absl::string_view>& fields, Purchase* out) const {
    out->line = reader_->line();
    out->customer = std::string(fields[customer_]);
    if (order_.has_value()) out->order = std::string(fields[*order_]);
    if (out->customer.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(reader_->Where(customer_), ": is empty; every row needs a customer"));
    }
    TENURE_ASSIGN_OR_RETURN(
        out->at_us, ParseDate(fields[date_], columns_.date_format, zone_, reader_->Where(date_)));
    TENURE_ASSIGN_OR_RETURN(out->revenue_micros, Amount(fields, amount_));
    out->dearest_micros = out->revenue_micros;
    if (margin_.has_value() && !fields[*margin_].empty()) {
      TENURE_ASSIGN_OR_RETURN(out->margin_micros, Amount(fields, *margin_));
    }
    if (category_.has_value()) out->category = std::string(fields[*category_]);
    if (order_.has_value() && out->order.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(reader_->Where(*order_), ": is empty; every row needs an order"));
    }
    TENURE_ASSIGN_OR_RETURN(out->facts, facts_->Read(*reader_, fields));
    return absl::OkStatus();
  }

 private:
  PurchaseReader(CsvReader* reader, const PurchaseColumns& columns, const RowFacts* facts)
      : reader_(reader), columns_(columns), facts_(facts) {}

  absl::Status Optional(const std::string& name, std::optional<size_t>* column) {
    if (name.empty()) return absl::OkStatus();
    TENURE_ASSIGN_OR_RETURN(*column, reader_->Column(name));
    return absl::OkStatus();
  }

  absl::StatusOr<int64_t> Amount(const std::vector<absl::string_view>& fields,
                                 size_t column) const {
    auto micros = ParseMicros(fields[column]);
    if (!micros.ok()) return Annotate(micros.status(), reader_->Where(column));
    return micros;
  }

  CsvReader* reader_;
  PurchaseColumns columns_;
  const RowFacts* facts_;
  absl::TimeZone zone_;
  size_t customer_ = 0, date_ = 0, amount_ = 0;
  std::optional<size_t> margin_, category_, order_;
};

absl::Status Send(const Purchase& purchase, const std::string& source, FactNews* news,
                  EventSender* sender) {
  for (v1::Event& event : news->Of(purchase.customer, purchase.at_us, purchase.facts)) {
    TENURE_RETURN_IF_ERROR(sender->Send(std::move(event), purchase.line));
  }
  v1::Event event;
  event.set_id(purchase.id);
  event.set_source(source);
  event.set_customer("customers/" + purchase.customer);
  *event.mutable_event_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(purchase.at_us);
  event.mutable_purchase()->set_revenue_micros(purchase.revenue_micros);
  if (purchase.margin_micros.has_value()) {
    event.mutable_purchase()->set_margin_micros(*purchase.margin_micros);
  }
  event.mutable_purchase()->set_category(purchase.category);
  return sender->Send(std::move(event), purchase.line);
}

// A purchase without an order's id: by its content, and how often that came before.
std::string ContentId(const Purchase& purchase, absl::flat_hash_map<uint64_t, int64_t>* seen) {
  const uint64_t hash =
      StableHash(absl::StrCat(purchase.customer, "\x1f", purchase.at_us, "\x1f",
                              purchase.revenue_micros, "\x1f", purchase.category));
  return absl::StrCat("row/", absl::Hex(hash, absl::kZeroPad16), "/", (*seen)[hash]++);
}

absl::Status SendOrders(Orders* orders, const std::string& source, FactNews* news,
                        EventSender* sender) {
  const auto [kept, refusals] = orders->Take();
  for (const Orders::Refusal& refusal : refusals) {
    sender->summary()->Reject(refusal.line, refusal.why);
  }
  for (size_t i = 0; i < kept.size(); ++i) {
    TENURE_RETURN_IF_ERROR(Send(kept[i], source, news, sender));
    if (i % 1'000 == 0) {
      Progress("import", static_cast<double>(i) / static_cast<double>(kept.size()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> ParseDate(absl::string_view text, const std::string& format,
                                  const absl::TimeZone& zone, const std::string& where) {
  if (format.empty()) {
    auto at_us = ParseInstant(text);
    constexpr size_t kDateAlone = 10;  // else there is an offset
    if (at_us.ok() && text.size() == kDateAlone) {
      const auto day = absl::ToCivilDay(absl::FromUnixMicros(*at_us), absl::UTCTimeZone());
      return absl::ToUnixMicros(absl::FromCivil(day, zone));
    }
    if (at_us.ok()) return at_us;
    return absl::InvalidArgumentError(
        absl::StrCat(where, ": `", text,
                     "` is not a date such as 2018-01-03 or "
                     "2018-01-03T10:00:00Z; for another form say --date-format, as in %m/%d/%Y"));
  }
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(format, text, zone, &time, &error)) {
    return absl::InvalidArgumentError(
        absl::StrCat(where, ": `", text, "` does not follow --date-format ", format));
  }
  return absl::ToUnixMicros(time);
}

absl::StatusOr<int64_t> SendPurchases(CsvReader* reader, const PurchaseColumns& columns,
                                      const std::string& source, const RowFacts& facts,
                                      EventSender* sender) {
  TENURE_ASSIGN_OR_RETURN(const PurchaseReader rows,
                          PurchaseReader::Create(reader, columns, &facts));
  FactNews news_of_rows(source, "");  // every row has its instant
  FactNews news(source, "");          // every row has its instant
  Orders orders;
  absl::flat_hash_map<uint64_t, int64_t> seen;
  std::vector<absl::string_view> fields;
  int64_t count = 0;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool more, reader->Next(&fields));
    if (!more) break;
    ++count;
    Purchase row;
    absl::Status status = rows.Read(fields, &row);
    if (columns.order.empty()) {
      if (status.ok()) {
        row.id = ContentId(row, &seen);
        TENURE_RETURN_IF_ERROR(Send(row, source, &news, sender));
      }
    } else if (status.ok()) {
      status = orders.Add(std::move(row));
    } else {
      TENURE_RETURN_IF_ERROR(orders.Refuse(row));
    }
    if (!status.ok()) sender->summary()->Reject(reader->line(), std::string(status.message()));
  }
  TENURE_RETURN_IF_ERROR(SendOrders(&orders, source, &news, sender));
  TENURE_RETURN_IF_ERROR(sender->Finish());
  if (count > 0) Progress("import", 1);
  return count;
}

}  // namespace tenure::cli
