// `tenure import events FILE.csv`, `tenure import customers FILE.csv`
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/client.h"
#include "clients/cli/csv.h"
#include "clients/cli/event_sender.h"
#include "clients/cli/fact_news.h"
#include "clients/cli/purchases_file.h"
#include "clients/cli/row_facts.h"
#include "clients/cli/server_commands.h"
#include "server/base/hash.h"
#include "server/base/status.h"
#include "server/base/zone.h"

namespace tenure::cli {
namespace {

constexpr size_t kReasonsShown = 20;

struct ImportOptions {
  std::string file;
  std::string import_id;
  PurchaseColumns columns;
  std::string source = "import";
  std::vector<std::string> attributes;
  std::vector<std::string> consents;
};

absl::Status Report(const Session& session, const std::string& file, int64_t rows,
                    const ImportSummary& summary) {
  if (session.json) {
    nlohmann::ordered_json document = {{"file", file},
                                       {"rows", rows},
                                       {"accepted", summary.accepted},
                                       {"duplicates", summary.duplicates},
                                       {"rejected", summary.rejected},
                                       {"reasons", nlohmann::ordered_json::array()}};
    for (const auto& [line, why] : summary.reasons) {
      document["reasons"].push_back({{"line", line}, {"why", why}});
    }
    PrintJson(document);
  } else {
    std::cout << rows << " rows: " << summary.accepted << " events accepted, " << summary.duplicates
              << " events known already, " << summary.rejected << " events rejected\n";
    for (size_t i = 0; i < summary.reasons.size() && i < kReasonsShown; ++i) {
      std::cerr << "  line " << summary.reasons[i].first << ": " << summary.reasons[i].second
                << "\n";
    }
    if (summary.reasons.size() > kReasonsShown) std::cerr << "  … --json lists more\n";
  }
  if (summary.rejected == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(summary.rejected, " events of ", file,
                   " were rejected; all others are recorded, and after mending "
                   "the file the same import again adds what was missing"));
}

absl::Status ImportEvents(const Session& session, const ImportOptions& options) {
  TENURE_ASSIGN_OR_RETURN(const auto reader, CsvReader::Open(options.file));
  TENURE_ASSIGN_OR_RETURN(const RowFacts facts,
                          RowFacts::Create(options.attributes, options.consents, *reader));
  Client client(session);
  EventSender sender(&client);
  TENURE_ASSIGN_OR_RETURN(const int64_t rows, SendPurchases(reader.get(), options.columns,
                                                            options.source, facts, &sender));
  return Report(session, options.file, rows, *sender.summary());
}

// What tells one file of undated facts from another. INVALID_ARGUMENT for standard input, which
// can't be read twice.
absl::StatusOr<std::string> ContentHash(const std::string& path) {
  if (path == "-") {
    return absl::InvalidArgumentError(
        "standard input without --date needs --import-id: facts of the same import id are told "
        "once");
  }
  std::ifstream file(path, std::ios::binary);
  std::vector<char> part(1 << 20);
  uint64_t hash = 0;
  while (file.read(part.data(), static_cast<std::streamsize>(part.size())), file.gcount() > 0) {
    hash = CombineHash(
        hash, StableHash(absl::string_view(part.data(), static_cast<size_t>(file.gcount()))));
  }
  if (file.bad() || !file.eof()) {
    return absl::UnavailableError(absl::StrCat(path, ": can't be read"));
  }
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

absl::Status ImportCustomers(const Session& session, const ImportOptions& options) {
  TENURE_ASSIGN_OR_RETURN(const auto reader, CsvReader::Open(options.file));
  TENURE_ASSIGN_OR_RETURN(const absl::TimeZone zone, LoadZone(options.columns.zone));
  TENURE_ASSIGN_OR_RETURN(const size_t customer, reader->Column(options.columns.customer));
  int date = -1;
  if (!options.columns.date.empty()) {
    TENURE_ASSIGN_OR_RETURN(const size_t column, reader->Column(options.columns.date));
    date = static_cast<int>(column);
  }
  TENURE_ASSIGN_OR_RETURN(const RowFacts facts,
                          RowFacts::Create(options.attributes, options.consents, *reader));
  std::string import_id = options.import_id;
  if (date < 0 && import_id.empty()) {
    TENURE_ASSIGN_OR_RETURN(import_id, ContentHash(options.file));
  }
  FactNews news(options.source, import_id);
  Client client(session);
  EventSender sender(&client);
  std::vector<absl::string_view> fields;
  int64_t rows = 0;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool more, reader->Next(&fields));
    if (!more) break;
    ++rows;
    std::optional<int64_t> at_us;
    absl::Status wrong;
    if (date >= 0) {
      const auto column = static_cast<size_t>(date);
      auto at = ParseDate(fields[column], options.columns.date_format, zone, reader->Where(column));
      wrong = at.status();
      if (at.ok()) at_us = *at;
    }
    auto row = facts.Read(*reader, fields);
    if (wrong.ok()) wrong = row.status();
    if (!wrong.ok()) {
      sender.summary()->Reject(reader->line(), std::string(wrong.message()));
      continue;
    }
    for (auto& event : news.Of(std::string(fields[customer]), at_us, *row)) {
      TENURE_RETURN_IF_ERROR(sender.Send(std::move(event), reader->line()));
    }
  }
  TENURE_RETURN_IF_ERROR(sender.Finish());
  if (date < 0 && options.import_id.empty() && sender.summary()->duplicates > 0) {
    std::cerr << "duplicates: this very file was imported before, and what it says was not told "
                 "again; where it is meant anew, say --import-id with a name of this import\n";
  }
  return Report(session, options.file, rows, *sender.summary());
}

}  // namespace

void AddImport(const Command& app, Session* session) {
  const Command group = app.Group("import", "bring files to the server");
  auto options = std::make_shared<ImportOptions>();
  const Command events = group.Add(session, "events", "purchases, a row or an order each",
                                   [=] { return ImportEvents(*session, *options); });
  const Command customers = group.Add(session, "customers", "attributes and permissions",
                                      [=] { return ImportCustomers(*session, *options); });
  PurchaseColumns& columns = options->columns;
  for (const Command& command : {events, customers}) {
    command.AddOption("file", options->file, "CSV with a header line, - for standard input")
        .Required();
    command.AddOption("--customer", columns.customer, "column of the customer's id").Required();
    command.AddOption("--source", options->source, "where the events come from").ShowDefault();
    command.AddOption("--attribute", options->attributes,
                      "COLUMN, name=COLUMN or name:TYPE=COLUMN; may be repeated");
    command.AddOption("--consent", options->consents,
                      "channel=granted|denied|revoked, or channel=@COLUMN; may be repeated");
    command.AddOption("--date-format", columns.date_format,
                      "of the date, as in %m/%d/%Y; left out: 2018-01-03 or RFC 3339");
    command
        .AddOption(
            "--zone", columns.zone,
            "whose clock shows times without an offset, and whose days dates are: the rules' "
            "zone, as a rule")
        .ShowDefault();
  }
  customers.AddOption("--date", columns.date, "column of the time; left out: the server's now");
  customers.AddOption("--import-id", options->import_id,
                      "without --date: facts of one id are told once; left out: the hash of the "
                      "file's content");
  events.AddOption("--date", columns.date, "column of the purchase's time").Required();
  events.AddOption("--amount", columns.amount, "column of the revenue").Required();
  events.AddOption("--margin", columns.margin, "column of the margin");
  events.AddOption("--category", columns.category, "column of the product category");
  events.AddOption("--order", columns.order,
                   "column of the order's id: rows of one order are one purchase");
}

}  // namespace tenure::cli
