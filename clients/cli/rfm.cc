#include "clients/cli/rfm.h"

#include <array>
#include <cmath>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "clients/cli/csv.h"
#include "clients/cli/numbers.h"
#include "clients/cli/output_file.h"
#include "clients/cli/summary_file.h"
#include "server/base/status.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/quintiles.h"
#include "server/clv/value_tier.h"

namespace tenure::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr char kScoredValue[] = "clv";  // as `tenure score` writes it: may be absent
constexpr char kSummarySpend[] = "monetary_value";
constexpr size_t kMeasures = 3;
constexpr std::array<const char*, kMeasures> kNames = {"recency", "frequency", "monetary"};
constexpr char kTies[] = "equal values share a score, that of the lower quintile of values";

struct Options {
  std::string file;
  std::string monetary = kSummarySpend;
  std::string value = kScoredValue;
  double high_share = 0.2;
  double medium_share = 0.3;
  std::string output;
};

// One customer: silence since the last purchase, repeat purchases, spend (NaN: not known).
struct Scored {
  std::vector<std::string> fields;
  std::array<double, kMeasures> measures{};
  double value = kUnknown;
  std::array<int64_t, kMeasures> scores{};  // 0: none
  clv::ValueTier tier = clv::ValueTier::kNone;
};

struct Base {
  std::vector<std::string> header;
  std::vector<Scored> customers;
  std::array<std::vector<double>, kMeasures> ends;
  std::optional<clv::TierCuts> cuts;  // none without a column of values
};

absl::StatusOr<Base> Read(const Options& options) {
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<SummaryFile> file,
                          SummaryFile::Open(options.file, ""));
  TENURE_RETURN_IF_ERROR(file->RefuseWeights("rfm"));
  const CsvReader& reader = file->reader();
  Base base;
  base.header = reader.header();
  // In a summary 0 says that there was no repeat purchase with revenue; elsewhere it is a number.
  const bool own_spend = options.monetary != kSummarySpend;
  const auto spend = reader.Column(options.monetary);
  if (own_spend && !spend.ok()) return spend.status();
  TENURE_RETURN_IF_ERROR(
      CheckAdded(base.header, {"rfm_recency", "rfm_frequency", "rfm_monetary", "tier"}));
  const auto value = reader.Column(options.value);
  if (!value.ok() && options.value != kScoredValue) return value.status();
  if (value.ok()) base.cuts.emplace();
  SummaryFields row;
  std::vector<absl::string_view> text;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, file->Next(&row, &text));
    if (!found) break;
    Scored customer;
    for (absl::string_view field : text) customer.fields.emplace_back(field);
    double monetary = row.frequency > 0 && clv::IsSpend(row.mean_spend) ? row.mean_spend : kUnknown;
    if (own_spend) {
      TENURE_ASSIGN_OR_RETURN(monetary, NumberField(reader, text, *spend));
    }
    // Rounded: equal silences must tie although T and recency have rounding of their own.
    const double silence = std::round((row.age - row.recency) * 1e6) * 1e-6;
    customer.measures = {silence, row.frequency, monetary};
    if (value.ok()) {
      TENURE_ASSIGN_OR_RETURN(customer.value, NumberField(reader, text, *value));
      if (customer.value < 0) {
        return absl::InvalidArgumentError(
            absl::StrCat(reader.Where(*value), ": ", text[*value],
                         " is below 0; tiers cut at shares of values that are not"));
      }
    }
    base.customers.push_back(std::move(customer));
  }
  if (!base.customers.empty()) return base;
  return absl::InvalidArgumentError(absl::StrCat(options.file, " has no rows below its header"));
}

void Score(const Options& options, Base* base) {
  for (size_t m = 0; m < kMeasures; ++m) {
    std::vector<double> values;
    for (const Scored& customer : base->customers) {
      if (!std::isnan(customer.measures[m])) values.push_back(customer.measures[m]);
    }
    base->ends[m] = clv::QuintileEnds(std::move(values));
  }
  if (base->cuts.has_value()) {
    std::vector<double> values;
    for (const Scored& customer : base->customers) values.push_back(customer.value);
    base->cuts = clv::TierCutsOf(std::move(values), options.high_share, options.medium_share);
  }
  for (Scored& customer : base->customers) {
    for (size_t m = 0; m < kMeasures; ++m) {
      if (std::isnan(customer.measures[m])) continue;
      customer.scores[m] = clv::RfmScore(customer.measures[m], base->ends[m], m == 0);
    }
    if (base->cuts.has_value()) customer.tier = clv::TierOf(customer.value, *base->cuts);
  }
}

Json Report(const Options& options, const Base& base) {
  Json report{{"customers", base.customers.size()}, {"ties", kTies}};
  for (size_t m = 0; m < kMeasures; ++m) {
    std::array<int64_t, 6> counts{};
    for (const Scored& customer : base.customers) {
      ++counts[static_cast<size_t>(customer.scores[m])];
    }
    report[kNames[m]] = {
        {"quintile_ends", base.ends[m]},
        {"customers_scored_1_to_5", std::vector<int64_t>(counts.begin() + 1, counts.end())},
        {"without_a_score", counts[0]}};
  }
  if (!base.cuts.has_value()) {
    report["tiers"] = nullptr;
    return report;
  }
  const auto cut = [](double at) { return std::isfinite(at) ? Json(at) : Json(nullptr); };
  Json tiers{{"value", options.value},
             {"high_from", cut(base.cuts->high)},
             {"medium_from", cut(base.cuts->medium)}};
  for (const auto tier : {clv::ValueTier::kHigh, clv::ValueTier::kMedium, clv::ValueTier::kLow}) {
    int64_t count = 0;
    for (const Scored& customer : base.customers) count += customer.tier == tier ? 1 : 0;
    tiers[std::string(clv::TierName(tier))] = count;
  }
  report["tiers"] = std::move(tiers);
  return report;
}

std::string ReportText(const Options& options, const Json& report) {
  std::string text = absl::StrFormat("%d customers; %s\n", report["customers"].get<int64_t>(),
                                     report["ties"].get<std::string>());
  for (const char* name : kNames) {
    const Json& measure = report[name];
    const auto ends = measure["quintile_ends"].get<std::vector<double>>();
    const auto counts = measure["customers_scored_1_to_5"].get<std::vector<int64_t>>();
    absl::StrAppend(&text, "  ", name, ": quintiles end at ", absl::StrJoin(ends, ", "),
                    "; customers scored 1 to 5: ", absl::StrJoin(counts, ", "));
    const auto without = measure["without_a_score"].get<int64_t>();
    if (without > 0) absl::StrAppend(&text, "; ", without, " without a spend have no score");
    text += "\n";
  }
  const Json& tiers = report["tiers"];
  if (tiers.is_null()) {
    return absl::StrCat(text, "  no tiers: there is no column `", options.value,
                        "`; `tenure score` writes clv, --value names another\n");
  }
  absl::StrAppend(&text, "  tiers by ", options.value, ": high from ", tiers["high_from"].dump(),
                  ", medium from ", tiers["medium_from"].dump(), "; ", tiers["high"].dump(),
                  " high, ", tiers["medium"].dump(), " medium, ", tiers["low"].dump(), " low\n");
  return text;
}

std::string ScoreText(int64_t score) { return score == 0 ? "" : absl::StrCat(score); }

absl::Status WriteRows(const Options& options, const Base& base) {
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<OutputFile> out,
                          OutputFile::Create(options.output));
  for (const std::string& column : base.header) {
    absl::StrAppend(out->text(), CsvField(column), ",");
  }
  absl::StrAppend(out->text(), "rfm_recency,rfm_frequency,rfm_monetary,tier\n");
  for (const Scored& customer : base.customers) {
    for (const std::string& field : customer.fields) {
      absl::StrAppend(out->text(), CsvField(field), ",");
    }
    for (int64_t score : customer.scores) absl::StrAppend(out->text(), ScoreText(score), ",");
    absl::StrAppend(out->text(), clv::TierName(customer.tier), "\n");
    out->Flow();
  }
  return out->Keep();
}

Json RowsJson(const Base& base) {
  Json rows = Json::array();
  for (const Scored& customer : base.customers) {
    Json row;
    for (size_t c = 0; c < base.header.size(); ++c) row[base.header[c]] = customer.fields[c];
    for (size_t m = 0; m < kMeasures; ++m) {
      const int64_t score = customer.scores[m];
      row[absl::StrCat("rfm_", kNames[m])] = score == 0 ? Json(nullptr) : Json(score);
    }
    row["tier"] =
        base.cuts.has_value() ? Json(std::string(clv::TierName(customer.tier))) : Json(nullptr);
    rows.push_back(std::move(row));
  }
  return rows;
}

absl::Status Run(const Options& options, bool json) {
  if (options.high_share + options.medium_share > 1) {
    RefuseUsage("--high-share and --medium-share are shares of the customers: 1 together at most");
  }
  TENURE_ASSIGN_OR_RETURN(Base base, Read(options));
  Score(options, &base);
  Json report = Report(options, base);
  if (!json) {
    TENURE_RETURN_IF_ERROR(WriteRows(options, base));
    std::cerr << ReportText(options, report);
    return absl::OkStatus();
  }
  Json document{{"report", std::move(report)}};
  if (options.output.empty()) {
    document["customers"] = RowsJson(base);
  } else {
    TENURE_RETURN_IF_ERROR(WriteRows(options, base));
    document["output"] = options.output;
  }
  PrintJson(document);
  return absl::OkStatus();
}

}  // namespace

void AddRfm(const Command& app, Session* session) {
  auto options = std::make_shared<Options>();
  const Command command =
      app.Add(session, "rfm",
              "RFM scores 1 to 5 (5: bought lately, often, for much) by quintiles of a summary's "
              "customers, and value tiers by a column of values, as `tenure score` writes it. Ties "
              "share a score and a tier.",
              [session, options] { return Run(*options, session->json); });
  command.AddOption("file", options->file, "CSV with frequency, recency, T; - for standard input")
      .Required();
  command
      .AddOption("--monetary", options->monetary,
                 "column of spend; customers without a repeat purchase have none in monetary_value")
      .ShowDefault();
  command.AddOption("--value", options->value, "column of the values that tiers cut").ShowDefault();
  command.AddOption("--high-share", options->high_share, "share of the customers in tier high")
      .NumberIn(0, 1)
      .ShowDefault();
  command.AddOption("--medium-share", options->medium_share, "share in tier medium")
      .NumberIn(0, 1)
      .ShowDefault();
  command.AddOption("--output", options->output, "file to write to");
}

}  // namespace tenure::cli
