#include "clients/cli/rfm.h"

#include <array>
#include <cmath>
#include <iostream>
#include <limits>
#include <map>
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
#include "clients/cli/json_rows.h"
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

// Silence since the last purchase, repeat purchases, spend (NaN: not known).
using Measures = std::array<double, kMeasures>;

// The file's customers. Read twice, so that it need not stay in memory.
class Customers {
 public:
  // Errors name file, line and column.
  static absl::StatusOr<Customers> Open(const Options& options) {
    Customers customers;
    TENURE_ASSIGN_OR_RETURN(customers.file_, SummaryFile::Open(options.file, SummaryColumns(),
                                                               CsvReader::Passes::kMany));
    TENURE_RETURN_IF_ERROR(customers.file_->RefuseWeights("rfm"));
    const CsvReader& reader = customers.file_->reader();
    // In a summary 0 says that there was no repeat purchase with revenue; elsewhere it is a number.
    const auto spend = reader.Column(options.monetary);
    if (options.monetary != kSummarySpend) {
      if (!spend.ok()) return spend.status();
      customers.spend_ = *spend;
    }
    TENURE_RETURN_IF_ERROR(
        CheckAdded(reader.header(), {"rfm_recency", "rfm_frequency", "rfm_monetary", "tier"}));
    const auto value = reader.Column(options.value);
    if (!value.ok() && options.value != kScoredValue) return value.status();
    if (value.ok()) customers.value_ = *value;
    return customers;
  }

  // The next one, valid until the one after; false at the end.
  absl::StatusOr<bool> Next() {
    SummaryFields row;
    TENURE_ASSIGN_OR_RETURN(const bool found, file_->Next(&row, &text_));
    if (!found) return false;
    const CsvReader& reader = file_->reader();
    double monetary = row.frequency > 0 && clv::IsSpend(row.mean_spend) ? row.mean_spend : kUnknown;
    if (spend_.has_value()) {
      TENURE_ASSIGN_OR_RETURN(monetary, NumberField(reader, text_, *spend_));
    }
    // Rounded: equal silences must tie although T and recency have rounding of their own.
    const double silence = std::round((row.age - row.recency) * 1e6) * 1e-6;
    measures_ = {silence, row.frequency, monetary};
    if (!value_.has_value()) return true;
    TENURE_ASSIGN_OR_RETURN(worth_, NumberField(reader, text_, *value_));
    if (worth_ >= 0) return true;
    return absl::InvalidArgumentError(
        absl::StrCat(reader.Where(*value_), ": ", text_[*value_],
                     " is below 0; tiers cut at shares of values that are not"));
  }
  // So that Next begins again.
  absl::Status Rewind() { return file_->Rewind(); }

  const std::vector<std::string>& header() const { return file_->reader().header(); }
  const std::vector<absl::string_view>& fields() const { return text_; }
  const Measures& measures() const { return measures_; }
  bool has_values() const { return value_.has_value(); }
  double value() const { return worth_; }

 private:
  std::unique_ptr<SummaryFile> file_;
  std::optional<size_t> spend_;  // where it is not the summary's own
  std::optional<size_t> value_;
  std::vector<absl::string_view> text_;
  Measures measures_{};
  double worth_ = kUnknown;
};

// What a score means, and how many have it.
struct Scale {
  std::vector<double> ends;
  std::array<int64_t, 6> counts{};  // by score, 0: none

  // 0 without a measure.
  int64_t ScoreOf(double measure, bool low_is_best) const {
    return std::isnan(measure) ? 0 : clv::RfmScore(measure, ends, low_is_best);
  }
};

struct Scales {
  int64_t customers = 0;
  std::array<Scale, kMeasures> of;
  std::optional<clv::TierCuts> cuts;  // none without a column of values
  std::map<clv::ValueTier, int64_t> tiers;
};

// Recency, the first measure, is a silence.
bool LowIsBest(size_t measure) { return measure == 0; }

Scale ScaleOf(std::vector<double> values, int64_t customers, bool low_is_best) {
  Scale scale;
  scale.ends = clv::QuintileEnds(values);
  for (double value : values) {
    ++scale.counts[static_cast<size_t>(scale.ScoreOf(value, low_is_best))];
  }
  scale.counts[0] = customers - static_cast<int64_t>(values.size());
  return scale;
}

// By all customers, of whom it keeps the numbers alone.
absl::StatusOr<Scales> ReadScales(const Options& options, Customers* customers) {
  Scales scales;
  std::array<std::vector<double>, kMeasures> measures;
  std::vector<double> values;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, customers->Next());
    if (!found) break;
    ++scales.customers;
    for (size_t m = 0; m < kMeasures; ++m) {
      const double measure = customers->measures()[m];
      if (!std::isnan(measure)) measures[m].push_back(measure);
    }
    if (customers->has_values()) values.push_back(customers->value());
  }
  if (scales.customers == 0) {
    return absl::InvalidArgumentError(absl::StrCat(options.file, " has no rows below its header"));
  }
  for (size_t m = 0; m < kMeasures; ++m) {
    scales.of[m] = ScaleOf(std::move(measures[m]), scales.customers, LowIsBest(m));
  }
  if (!customers->has_values()) return scales;
  scales.cuts = clv::TierCutsOf(values, options.high_share, options.medium_share);
  for (double value : values) ++scales.tiers[clv::TierOf(value, *scales.cuts)];
  return scales;
}

Json Report(const Options& options, const Scales& scales) {
  Json report{{"customers", scales.customers}, {"ties", kTies}};
  for (size_t m = 0; m < kMeasures; ++m) {
    const Scale& scale = scales.of[m];
    report[kNames[m]] = {{"quintile_ends", scale.ends},
                         {"customers_scored_1_to_5",
                          std::vector<int64_t>(scale.counts.begin() + 1, scale.counts.end())},
                         {"without_a_score", scale.counts[0]}};
  }
  if (!scales.cuts.has_value()) {
    report["tiers"] = nullptr;
    return report;
  }
  const auto cut = [](double at) { return std::isfinite(at) ? Json(at) : Json(nullptr); };
  Json tiers{{"value", options.value},
             {"high_from", cut(scales.cuts->high)},
             {"medium_from", cut(scales.cuts->medium)}};
  for (const auto tier : {clv::ValueTier::kHigh, clv::ValueTier::kMedium, clv::ValueTier::kLow}) {
    const auto found = scales.tiers.find(tier);
    tiers[std::string(clv::TierName(tier))] = found == scales.tiers.end() ? 0 : found->second;
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
    absl::StrAppend(&text, "  ", name, ": ", ends.empty() ? "no quintiles" : "quintiles end at ",
                    absl::StrJoin(ends, ", "),
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
  const auto from = [&tiers](const char* cut) {
    return tiers[cut].is_null() ? "(nobody reaches it)" : tiers[cut].dump();
  };
  absl::StrAppend(&text, "  tiers by ", options.value, ": high from ", from("high_from"),
                  ", medium from ", from("medium_from"), "; ", tiers["high"].dump(), " high, ",
                  tiers["medium"].dump(), " medium, ", tiers["low"].dump(), " low\n");
  return text;
}

// The second reading: `row(scores, tier)` of each customer. The file must be as it was.
template <typename Row>
absl::Status ReadAgain(const Options& options, const Scales& scales, Customers* customers,
                       const Row& row) {
  TENURE_RETURN_IF_ERROR(customers->Rewind());
  int64_t count = 0;
  for (;; ++count) {
    TENURE_ASSIGN_OR_RETURN(const bool found, customers->Next());
    if (!found) break;
    std::array<int64_t, kMeasures> scores{};
    for (size_t m = 0; m < kMeasures; ++m) {
      scores[m] = scales.of[m].ScoreOf(customers->measures()[m], LowIsBest(m));
    }
    row(scores, scales.cuts.has_value() ? clv::TierOf(customers->value(), *scales.cuts)
                                        : clv::ValueTier::kNone);
  }
  if (count == scales.customers) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(options.file, " changed while it was read; run the command again"));
}

std::string ScoreText(int64_t score) { return score == 0 ? "" : absl::StrCat(score); }

absl::Status WriteRows(const Options& options, const Scales& scales, Customers* customers) {
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<OutputFile> out,
                          OutputFile::Create(options.output));
  std::string* const text = out->text();
  for (const std::string& column : customers->header()) {
    absl::StrAppend(text, CsvField(column), ",");
  }
  absl::StrAppend(text, "rfm_recency,rfm_frequency,rfm_monetary,tier\n");
  TENURE_RETURN_IF_ERROR(
      ReadAgain(options, scales, customers, [&](const auto& scores, clv::ValueTier tier) {
        for (absl::string_view field : customers->fields()) {
          absl::StrAppend(text, CsvField(field), ",");
        }
        for (int64_t score : scores) absl::StrAppend(text, ScoreText(score), ",");
        absl::StrAppend(text, clv::TierName(tier), "\n");
        out->Flow();
      }));
  return out->Keep();
}

// The whole document: report and customers.
absl::Status WriteDocument(const Options& options, const Scales& scales, const Json& report,
                           Customers* customers) {
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<OutputFile> out,
                          OutputFile::Create("", OutputFile::Shown::kAtOnce));
  std::string* const text = out->text();
  absl::StrAppend(text, "{\n  \"report\": ", Indented(report.dump(2), 1), ",\n  \"customers\": ");
  std::vector<std::string> keys = customers->header();
  for (const char* name : kNames) keys.push_back(absl::StrCat("rfm_", name));
  keys.push_back("tier");
  JsonRows rows(keys, 1);
  TENURE_RETURN_IF_ERROR(
      ReadAgain(options, scales, customers, [&](const auto& scores, clv::ValueTier tier) {
        for (absl::string_view field : customers->fields()) rows.Add(field, text);
        for (int64_t score : scores) {
          score == 0 ? rows.AddNull(text) : rows.Add(score, text);
        }
        scales.cuts.has_value() ? rows.Add(clv::TierName(tier), text) : rows.AddNull(text);
        out->Flow();
      }));
  rows.End(text);
  *text += "\n}\n";
  return out->Keep();
}

absl::Status Run(const Options& options, bool json) {
  if (options.high_share + options.medium_share > 1) {
    RefuseUsage("--high-share and --medium-share are shares of the customers: 1 together at most");
  }
  TENURE_ASSIGN_OR_RETURN(Customers customers, Customers::Open(options));
  TENURE_ASSIGN_OR_RETURN(const Scales scales, ReadScales(options, &customers));
  Json report = Report(options, scales);
  if (json && options.output.empty()) return WriteDocument(options, scales, report, &customers);
  TENURE_RETURN_IF_ERROR(WriteRows(options, scales, &customers));
  if (json) {
    PrintJson({{"report", std::move(report)}, {"output", options.output}});
  } else {
    std::cerr << ReportText(options, report);
  }
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
