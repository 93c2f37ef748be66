// The values file of `tenure allocate`.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/budgets_file.h"
#include "clients/cli/csv.h"
#include "clients/cli/session.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/expression/suggestion.h"

namespace tenure::cli {
namespace {

using budget::Candidate;
using budget::SideLimit;

// Numbers names in the order they come, then by name.
class Names {
 public:
  uint32_t Add(absl::string_view name) {
    const auto [entry, added] =
        numbers_.try_emplace(std::string(name), static_cast<uint32_t>(numbers_.size()));
    return entry->second;
  }
  size_t size() const { return numbers_.size(); }

  // The names by alphabet; (*renumbered)[old] is the new number.
  std::vector<std::string> Sort(std::vector<uint32_t>* renumbered) const {
    std::vector<std::string> sorted(numbers_.size());
    for (const auto& [name, number] : numbers_) sorted[number] = name;
    std::sort(sorted.begin(), sorted.end());
    renumbered->resize(sorted.size());
    for (size_t i = 0; i < sorted.size(); ++i) {
      (*renumbered)[numbers_.at(sorted[i])] = static_cast<uint32_t>(i);
    }
    return sorted;
  }

 private:
  absl::flat_hash_map<std::string, uint32_t> numbers_;
};

constexpr size_t kRowsPerProgress = 1'000'000;

// Offer, campaign and channel of a row, told apart by a character no name may hold.
constexpr char kSeparator = '\x1f';

absl::Status Field(absl::Status status, absl::string_view field) {
  status.SetPayload(kFieldPayload, absl::Cord(field));
  return status;
}

// A line that can't be read has no column yet.
absl::Status AtLine(const absl::Status& status, int64_t line, const std::string& path) {
  return absl::IsInvalidArgument(status) ? Field(status, absl::StrCat(path, " line ", line))
                                         : status;
}

class ValuesReader {
 public:
  ValuesReader(CsvReader* csv, std::string path, const BudgetsFile& budgets)
      : csv_(*csv), path_(std::move(path)), budgets_(budgets) {}

  absl::Status FindColumns() {
    for (const auto& [name, at] : {std::pair{"customer", &customer_},
                                   {"segment", &segment_},
                                   {"offer", &offer_},
                                   {"cost", &cost_},
                                   {"value", &value_}}) {
      TENURE_ASSIGN_OR_RETURN(*at, Column(name));
    }
    if (const auto at = csv_.Column("currency"); at.ok()) currency_ = *at;
    if (const auto at = csv_.Column("campaign"); at.ok()) campaign_ = *at;
    if (const auto at = csv_.Column("channel"); at.ok()) channel_ = *at;
    return absl::OkStatus();
  }

  absl::Status ReadRows() {
    std::vector<absl::string_view> fields;
    for (size_t rows = 0;; ++rows) {
      if (rows % kRowsPerProgress == 0) Progress("reading values", csv_.fraction_read());
      const absl::StatusOr<bool> more = csv_.Next(&fields);
      if (!more.ok()) return AtLine(more.status(), csv_.line(), path_);
      if (!*more) {
        Progress("reading values", 1);
        return absl::OkStatus();
      }
      TENURE_RETURN_IF_ERROR(ReadRow(fields));
    }
  }

  AllocationInput Build() {
    AllocationInput input;
    std::vector<uint32_t> customers;
    std::vector<uint32_t> offers;
    std::vector<uint32_t> segments;
    for (const auto& [id, range] : budgets_.segments) segments_.Add(id);
    input.customers = customers_.Sort(&customers);
    const std::vector<std::string> kinds = offers_.Sort(&offers);
    input.plan.customers = static_cast<uint32_t>(input.customers.size());
    input.plan.nodes.push_back({"total", -1, budgets_.total_micros, 0});
    const std::set<int32_t> with_customers(segment_of_.begin(), segment_of_.end());
    for (const auto& [id, range] : budgets_.segments) {
      const auto number = static_cast<int32_t>(segments_.Add(id));
      if (range.min_micros == 0 || with_customers.contains(number)) continue;
      input.warnings.push_back(absl::StrCat("segments.", id, ".min keeps ",
                                            DisplayMicros(range.min_micros),
                                            " for a segment that no row of the values file has"));
    }
    for (const std::string& id : segments_.Sort(&segments)) {
      const auto limit = budgets_.segments.find(id);
      const BudgetRange range = limit == budgets_.segments.end() ? BudgetRange{} : limit->second;
      input.plan.nodes.push_back(
          {absl::StrCat("segments/", id), 0, range.max_micros, range.min_micros});
    }
    std::vector<int32_t> node_of(kinds.size(), -1);  // by offer: of a campaign with a minimum
    for (const auto& [id, range] : budgets_.campaigns) {
      if (range.min_micros == 0) continue;
      for (size_t i = 0; i < kinds.size(); ++i) {
        if (Part(kinds[i], 1) == id) node_of[i] = static_cast<int32_t>(input.plan.nodes.size());
      }
      const uint32_t segment = segments[static_cast<size_t>(segment_of_campaign_.at(id))];
      input.plan.nodes.push_back({absl::StrCat("campaigns/", id), 1 + static_cast<int32_t>(segment),
                                  range.max_micros, range.min_micros});
    }
    for (Candidate& row : rows_) {
      row.customer = customers[row.customer];
      row.offer = static_cast<int32_t>(offers[static_cast<size_t>(row.offer)]);
      const int32_t own = node_of[static_cast<size_t>(row.offer)];
      row.node = own >= 0 ? own : 1 + static_cast<int32_t>(segments[static_cast<size_t>(row.node)]);
    }
    input.plan.candidates = std::move(rows_);
    std::map<std::string, int64_t> across;
    for (const auto& [id, range] : budgets_.campaigns) {
      if (range.min_micros == 0) across[id] = range.max_micros;
    }
    const auto limit = [&](const char* kind, size_t part,
                           const std::map<std::string, int64_t>& limits,
                           SideLimit::Measure measure) {
      for (const auto& [id, cap] : limits) {
        SideLimit side{absl::StrCat(kind, "/", id), measure, cap, {}};
        for (size_t i = 0; i < kinds.size(); ++i) {
          if (Part(kinds[i], part) == id) side.offers.push_back(static_cast<int32_t>(i));
        }
        input.plan.side_limits.push_back(std::move(side));
      }
    };
    limit("campaigns", 1, across, SideLimit::Measure::kChargeMicros);
    limit("channels", 2, budgets_.channels, SideLimit::Measure::kChargeMicros);
    limit("offers", 0, budgets_.offers, SideLimit::Measure::kCount);
    for (const std::string& kind : kinds) {
      input.offers.emplace_back(Part(kind, 0));
      input.campaigns.emplace_back(Part(kind, 1));
    }
    return input;
  }

  // A limit on a column that the file lacks would silently bind nothing.
  absl::Status CheckLimits() const {
    if (!budgets_.campaigns.empty()) TENURE_RETURN_IF_ERROR(Column("campaign").status());
    if (!budgets_.channels.empty()) TENURE_RETURN_IF_ERROR(Column("channel").status());
    return absl::OkStatus();
  }

  // A limit on what no row has binds nothing: most likely it is misspelt. After the rows.
  absl::Status CheckNames() const {
    std::vector<uint32_t> renumbered;
    const std::vector<std::string> kinds = offers_.Sort(&renumbered);
    const auto check = [&](const char* key, size_t part, const auto& limits) {
      std::set<std::string> known;
      for (const std::string& kind : kinds) known.emplace(Part(kind, part));
      for (const auto& [id, limit] : limits) {
        if (known.contains(id)) continue;
        const std::string nearest = expression::Suggest(id, {known.begin(), known.end()});
        return Field(absl::InvalidArgumentError(absl::StrCat(
                         "`", key, "` limits '", id, "', which no row of the values file has",
                         nearest.empty() ? "" : "; ", nearest)),
                     absl::StrCat(key, ".", id));
      }
      return absl::OkStatus();
    };
    TENURE_RETURN_IF_ERROR(check("campaigns", 1, budgets_.campaigns));
    TENURE_RETURN_IF_ERROR(check("channels", 2, budgets_.channels));
    return check("offers", 0, budgets_.offers);
  }

 private:
  // A column that must be there.
  absl::StatusOr<size_t> Column(absl::string_view name) const {
    const absl::StatusOr<size_t> at = csv_.Column(name);
    if (at.ok()) return at;
    return Field(absl::InvalidArgumentError(at.status().message()),
                 absl::StrCat(path_, " column `", name, "`"));
  }

  static absl::string_view Part(absl::string_view kind, size_t part) {
    for (; part > 0; --part) kind.remove_prefix(kind.find(kSeparator) + 1);
    return kind.substr(0, kind.find(kSeparator));
  }

  absl::Status Refuse(size_t column, absl::string_view why) const {
    return absl::InvalidArgumentError(absl::StrCat(csv_.Where(column), ": ", why));
  }

  absl::Status ReadRow(const std::vector<absl::string_view>& fields) {
    for (const size_t column : {customer_, segment_, offer_}) {
      if (fields[column].empty()) return Refuse(column, "is empty");
      if (fields[column].find(kSeparator) != absl::string_view::npos) {
        return Refuse(column, "holds a control character");
      }
    }
    if (!budgets_.segments.empty() && !budgets_.segments.contains(std::string(fields[segment_]))) {
      return Refuse(segment_, absl::StrCat("'", fields[segment_], "' is no segment of ",
                                           budgets_.path, "; write `", fields[segment_],
                                           ": {}` there if the total alone limits it"));
    }
    if (currency_.has_value() && fields[*currency_] != budgets_.currency) {
      return Refuse(*currency_, absl::StrCat("'", fields[*currency_], "' is not the currency of ",
                                             budgets_.path, ", ", budgets_.currency,
                                             "; state all amounts in that one"));
    }
    Candidate row;
    row.customer = customers_.Add(fields[customer_]);
    row.node = static_cast<int32_t>(segments_.Add(fields[segment_]));
    const auto optional = [&fields](const std::optional<size_t>& column) {
      return column.has_value() ? fields[*column] : absl::string_view();
    };
    const std::string separator(1, kSeparator);
    row.offer = static_cast<int32_t>(offers_.Add(absl::StrCat(
        fields[offer_], separator, optional(campaign_), separator, optional(channel_))));
    const auto cost = ParseMicros(fields[cost_]);
    if (!cost.ok()) return Refuse(cost_, cost.status().message());
    if (*cost < 0) return Refuse(cost_, "a cost can't be negative");
    row.charge_micros = *cost;
    const bool hexadecimal = fields[value_].find_first_of("xX") != absl::string_view::npos;
    if (hexadecimal || !absl::SimpleAtod(fields[value_], &row.value) || !std::isfinite(row.value)) {
      return Refuse(value_, absl::StrCat("'", fields[value_], "' is not a finite number"));
    }
    if (row.customer == segment_of_.size()) segment_of_.push_back(row.node);
    if (segment_of_[row.customer] != row.node) {
      return Refuse(segment_, absl::StrCat("customer '", fields[customer_],
                                           "' stands in another segment above: for money a "
                                           "customer belongs to one"));
    }
    if (campaign_.has_value()) TENURE_RETURN_IF_ERROR(PlaceCampaign(fields[*campaign_], row.node));
    const uint64_t key = uint64_t{row.customer} << 32 | static_cast<uint32_t>(row.offer);
    if (!seen_.insert(key).second) {
      return Refuse(offer_, absl::StrCat("customer '", fields[customer_], "' has offer '",
                                         fields[offer_], "' twice"));
    }
    rows_.push_back(row);
    return absl::OkStatus();
  }

  // A campaign with a minimum is inside one segment: money kept for it in one could not be spent
  // in another.
  absl::Status PlaceCampaign(absl::string_view campaign, int32_t segment) {
    const auto limit = budgets_.campaigns.find(std::string(campaign));
    if (limit == budgets_.campaigns.end() || limit->second.min_micros == 0) return absl::OkStatus();
    const int32_t first = segment_of_campaign_.try_emplace(limit->first, segment).first->second;
    if (first == segment) return absl::OkStatus();
    return Refuse(*campaign_, absl::StrCat("campaign '", campaign,
                                           "' has rows of several segments, "
                                           "so it can have no `min` in ",
                                           budgets_.path, "; give it a name in each"));
  }

  CsvReader& csv_;
  const std::string path_;
  const BudgetsFile& budgets_;
  size_t customer_ = 0, segment_ = 0, offer_ = 0, cost_ = 0, value_ = 0;
  std::optional<size_t> campaign_, channel_, currency_;
  Names customers_, segments_, offers_;
  std::vector<int32_t> segment_of_;                     // per customer
  std::map<std::string, int32_t> segment_of_campaign_;  // of those with a minimum
  absl::flat_hash_set<uint64_t> seen_;
  std::vector<Candidate> rows_;
};

}  // namespace

absl::StatusOr<AllocationInput> ReadValuesFile(const std::string& path,
                                               const BudgetsFile& budgets) {
  const absl::StatusOr<std::unique_ptr<CsvReader>> csv = CsvReader::Open(path);
  if (!csv.ok()) return AtLine(csv.status(), 1, path);
  ValuesReader reader(csv->get(), path, budgets);
  TENURE_RETURN_IF_ERROR(reader.FindColumns());
  TENURE_RETURN_IF_ERROR(reader.CheckLimits());
  TENURE_RETURN_IF_ERROR(reader.ReadRows());
  TENURE_RETURN_IF_ERROR(reader.CheckNames());
  return reader.Build();
}

}  // namespace tenure::cli
