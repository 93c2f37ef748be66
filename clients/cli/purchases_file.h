// Rows of a CSV file as purchases.
#ifndef TENURE_CLIENTS_CLI_PURCHASES_FILE_H_
#define TENURE_CLIENTS_CLI_PURCHASES_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cli/csv.h"
#include "clients/cli/event_sender.h"
#include "clients/cli/row_facts.h"

namespace tenure::cli {

// Names of columns; empty where the file has none.
struct PurchaseColumns {
  std::string customer, date, amount, margin, category, order;
  std::string date_format;   // strptime's; empty: ISO 8601
  std::string zone = "UTC";  // IANA: of times without an offset, and of days
};

// An instant by the format; what says no offset is by the clock of `zone`, a date alone the
// beginning of its day. INVALID_ARGUMENT naming the place and the remedy.
absl::StatusOr<int64_t> ParseDate(absl::string_view text, const std::string& format,
                                  const absl::TimeZone& zone, const std::string& where);

// Sends every row as a purchase, or with an order column every order: its amounts summed, its
// earliest date, the category of its dearest row. Orders are held in memory and sent by date after
// the whole file is read; rows go as they are read. Rows that can't be read are rejected in the
// sender's summary, and with them the whole of their order (orders.h); INVALID_ARGUMENT, and
// nothing sent, where such a row names neither order nor customer. Event ids follow from the file's
// content, so that the same import again repeats them. Returns the number of rows. Calls the
// sender's Finish.
absl::StatusOr<int64_t> SendPurchases(CsvReader* reader, const PurchaseColumns& columns,
                                      const std::string& source, const RowFacts& facts,
                                      EventSender* sender);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_PURCHASES_FILE_H_
