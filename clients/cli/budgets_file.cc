#include "clients/cli/budgets_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/session.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/response_curve.h"

namespace tenure::cli {
namespace {

constexpr int32_t kMostOffers = 16;  // per customer

// The path of a node below `root`, such as `cells.search.min` or `cells.mail.pieces[1]`, of a key
// too; none where it is not there.
std::optional<std::string> PathOf(const YAML::Node& root, const YAML::Node& node,
                                  const std::string& above) {
  if (root.is(node)) return above;
  size_t index = 0;
  for (const auto& entry : root) {
    const bool map = root.IsMap();
    std::string path = absl::StrCat(above, "[", index++, "]");
    if (map) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
      path = absl::StrCat(above, above.empty() ? "" : ".", key);
      if (entry.first.is(node)) return path;
    }
    const auto found = PathOf(map ? entry.second : entry, node, path);
    if (found.has_value()) return found;
  }
  return std::nullopt;
}

// One document being read; every message starts with its place.
class BudgetsReader {
 public:
  BudgetsReader(std::string path, const YAML::Node& root) : path_(std::move(path)), root_(root) {}

  absl::StatusOr<BudgetsFile> Read() const {
    TENURE_RETURN_IF_ERROR(RefuseTwice(root_));
    return Read(root_);
  }

  absl::Status Refuse(const YAML::Node& at, absl::string_view why) const {
    return Refuse(at, why, PathOf(root_, at, "").value_or(""));
  }

 private:
  // Of a field that is not there, and so has no place of its own.
  absl::Status Refuse(const YAML::Node& at, absl::string_view why, const std::string& field) const {
    absl::Status status = absl::InvalidArgumentError(
        absl::StrCat(path_, ":", std::max(at.Mark().line, 0) + 1, ":",
                     std::max(at.Mark().column, 0) + 1, ": ", why));  // -1: an empty file
    status.SetPayload(kFieldPayload, absl::Cord(field));
    return status;
  }

  absl::StatusOr<BudgetsFile> Read(const YAML::Node& root) const {
    if (!root.IsMap()) {
      return Refuse(root, "expected keys such as `currency`, `total`, `segments`", "currency");
    }
    BudgetsFile file;
    file.path = path_;
    for (const auto& entry : root) {
      TENURE_ASSIGN_OR_RETURN(const std::string key, Text(entry.first));
      TENURE_RETURN_IF_ERROR(ReadKey(key, entry.first, entry.second, &file));
    }
    if (file.currency.empty()) {
      return Refuse(root, "`currency` is missing, such as EUR", "currency");
    }
    TENURE_RETURN_IF_ERROR(CheckCells(root, file));
    if (!root["total"]) {
      return Refuse(root, "`total` is missing: the largest spend of all", "total");
    }
    return file;
  }

  // Of two values of one key YAML would take one without a word, at any depth.
  absl::Status RefuseTwice(const YAML::Node& node) const {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!node.IsMap()) {
        TENURE_RETURN_IF_ERROR(RefuseTwice(entry));
        continue;
      }
      if (entry.first.IsScalar() && !seen.insert(entry.first.Scalar()).second) {
        return Refuse(entry.first, absl::StrCat("`", entry.first.Scalar(), "` stands twice"));
      }
      TENURE_RETURN_IF_ERROR(RefuseTwice(entry.second));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Text(const YAML::Node& node) const {
    if (!node.IsScalar()) return Refuse(node, "expected a single value");
    return node.Scalar();
  }

  absl::StatusOr<int64_t> Amount(const YAML::Node& node) const {
    TENURE_ASSIGN_OR_RETURN(const std::string text, Text(node));
    const auto micros = ParseMicros(text);
    if (!micros.ok()) return Refuse(node, micros.status().message());
    if (*micros < 0) return Refuse(node, "an amount can't be negative");
    if (*micros == budget::kUncapped) {
      return Refuse(node, absl::StrCat("an amount is below ", FormatMicros(budget::kUncapped),
                                       "; leave the limit out, or state money in a larger unit"));
    }
    return *micros;
  }

  absl::Status ReadKey(const std::string& key, const YAML::Node& at, const YAML::Node& value,
                       BudgetsFile* file) const {
    if (key == "currency") {
      TENURE_ASSIGN_OR_RETURN(file->currency, Text(value));
      if (!IsCurrencyCode(file->currency)) {
        return Refuse(value, "`currency` is three capital letters, such as EUR");
      }
      return absl::OkStatus();
    }
    if (key == "total") {
      TENURE_ASSIGN_OR_RETURN(file->total_micros, Amount(value));
      return absl::OkStatus();
    }
    if (key == "offers_per_customer") {
      if (!value.IsScalar() || !YAML::convert<int32_t>::decode(value, file->offers_per_customer) ||
          file->offers_per_customer < 1 || file->offers_per_customer > kMostOffers) {
        return Refuse(value, absl::StrCat("`", key, "` is a whole number from 1 to ", kMostOffers));
      }
      return absl::OkStatus();
    }
    if (key != "segments" && key != "campaigns" && key != "channels" && key != "offers" &&
        key != "cells") {
      return Refuse(at, absl::StrCat("unknown key `", key,
                                     "`; there are currency, total, segments, "
                                     "campaigns, channels, offers, offers_per_customer, cells"));
    }
    if (!value.IsMap()) return Refuse(value, absl::StrCat("`", key, "` maps ids to limits"));
    for (const auto& entry : value) {
      TENURE_ASSIGN_OR_RETURN(const std::string id, Text(entry.first));
      TENURE_RETURN_IF_ERROR(ReadLimit(key, id, entry.second, file));
    }
    return absl::OkStatus();
  }

  absl::Status ReadLimit(const std::string& kind, const std::string& id, const YAML::Node& value,
                         BudgetsFile* file) const {
    if (kind == "cells") {
      TENURE_ASSIGN_OR_RETURN(const BudgetCell cell, Cell(id, value));
      return Add(id, cell, value, &file->cells);
    }
    if (kind == "offers") {
      if (!value.IsMap() || value.size() != 1 || !value["max_count"]) {
        return Refuse(value, "an offer's limit is {max_count: N}");
      }
      int64_t count = -1;
      if (!YAML::convert<int64_t>::decode(value["max_count"], count) || count < 0) {
        return Refuse(value["max_count"], "`max_count` is a whole number, 0 or more");
      }
      return Add(id, count, value, &file->offers);
    }
    BudgetRange range;
    if (value.IsMap()) {
      for (const auto& entry : value) {
        TENURE_ASSIGN_OR_RETURN(const std::string key, Text(entry.first));
        if (key == "min" && kind == "channels") {
          return Refuse(entry.first,
                        "a channel has no `min`: it lies across segments, and what is kept for it "
                        "in one can't be spent in another; give its campaigns one");
        }
        if (key == "min") {
          TENURE_ASSIGN_OR_RETURN(range.min_micros, Amount(entry.second));
        } else if (key == "max") {
          TENURE_ASSIGN_OR_RETURN(range.max_micros, Amount(entry.second));
        } else {
          return Refuse(entry.first, absl::StrCat("unknown key `", key, "` for one of ", kind,
                                                  kind == "channels" ? "; there is max"
                                                                     : "; there are min, max"));
        }
      }
    } else {
      TENURE_ASSIGN_OR_RETURN(range.max_micros, Amount(value));
    }
    if (range.min_micros > range.max_micros) return Refuse(value, "`min` is above `max`");
    if (kind == "segments") return Add(id, range, value, &file->segments);
    if (kind == "campaigns") return Add(id, range, value, &file->campaigns);
    return Add(id, range.max_micros, value, &file->channels);
  }

  absl::StatusOr<double> Number(const YAML::Node& node) const {
    double number = 0;
    if (node.IsScalar() && YAML::convert<double>::decode(node, number) && std::isfinite(number)) {
      return number;
    }
    return Refuse(node, "expected a finite number");
  }

  absl::StatusOr<BudgetCell> Cell(const std::string& id, const YAML::Node& node) const {
    using Kind = budget::ResponseCurve::Kind;
    struct Form {
      Kind kind;
      std::vector<std::string> parameters;
    };
    static const std::map<std::string, Form> forms = {
        {"log", {Kind::kLog, {"a", "b"}}},
        {"sqrt", {Kind::kSqrt, {"a"}}},
        {"exp", {Kind::kExp, {"a", "b"}}},
        {"hill", {Kind::kHill, {"a", "k", "n"}}},
        {"linear", {Kind::kPiecewiseLinear, {"pieces"}}}};
    const YAML::Node name = node.IsMap() ? node["curve"] : YAML::Node();
    const auto form = name && name.IsScalar() ? forms.find(name.Scalar()) : forms.end();
    if (form == forms.end()) {
      return Refuse(node.IsMap() && name ? name : node,
                    absl::StrCat("cell '", id, "' needs `curve`: log, sqrt, exp, hill or linear"));
    }
    BudgetCell cell;
    std::optional<int64_t> fixed;
    cell.curve.kind = form->second.kind;
    std::set<std::string> missing(form->second.parameters.begin(), form->second.parameters.end());
    for (const auto& entry : node) {
      TENURE_ASSIGN_OR_RETURN(const std::string key, Text(entry.first));
      if (key == "curve") continue;
      if (key == "segment") {
        TENURE_ASSIGN_OR_RETURN(cell.segment, Text(entry.second));
      } else if (key == "campaign") {
        TENURE_ASSIGN_OR_RETURN(cell.campaign, Text(entry.second));
      } else if (key == "channel") {
        TENURE_ASSIGN_OR_RETURN(cell.channel, Text(entry.second));
      } else if (key == "min") {
        TENURE_ASSIGN_OR_RETURN(cell.range.min_micros, Amount(entry.second));
      } else if (key == "max") {
        TENURE_ASSIGN_OR_RETURN(cell.range.max_micros, Amount(entry.second));
      } else if (key == "fixed") {
        TENURE_ASSIGN_OR_RETURN(fixed, Amount(entry.second));
      } else if (missing.erase(key) == 0) {
        return Refuse(entry.first,
                      absl::StrCat("unknown key `", key, "`; a ", form->first, " curve has ",
                                   absl::StrJoin(form->second.parameters, ", "),
                                   ", a cell also segment, campaign, channel, min, max, fixed"));
      } else if (key == "pieces") {
        TENURE_ASSIGN_OR_RETURN(cell.curve.pieces, Pieces(entry.second));
      } else {
        double& parameter = key == "a" ? cell.curve.a : key == "n" ? cell.curve.n : cell.curve.b;
        TENURE_ASSIGN_OR_RETURN(parameter, Number(entry.second));
      }
    }
    if (!missing.empty()) {
      return Refuse(node, absl::StrCat("cell '", id, "' needs `", *missing.begin(), "`"));
    }
    if (fixed.has_value()) {
      if (node["min"] || node["max"]) {
        return Refuse(node["fixed"], "a `fixed` cell has no `min` and no `max`");
      }
      cell.range = {*fixed, *fixed};
    }
    if (cell.range.min_micros > cell.range.max_micros) return Refuse(node, "`min` is above `max`");
    const absl::Status curve = budget::CheckCurve(cell.curve);
    if (!curve.ok()) return Refuse(node, absl::StrCat("cell '", id, "': ", curve.message()));
    return cell;
  }

  absl::StatusOr<std::vector<std::pair<double, double>>> Pieces(const YAML::Node& node) const {
    std::vector<std::pair<double, double>> pieces;
    if (!node.IsSequence()) return Refuse(node, "`pieces` is a list of [up to, slope]");
    for (const auto& piece : node) {
      if (!piece.IsSequence() || piece.size() != 2) {
        return Refuse(piece, "a piece is [up to, slope], such as [10, 2]");
      }
      TENURE_ASSIGN_OR_RETURN(const double to, Number(piece[0]));
      TENURE_ASSIGN_OR_RETURN(const double slope, Number(piece[1]));
      pieces.emplace_back(to, slope);
    }
    return pieces;
  }

  // What `cells` can't be combined with, and what no cell may name.
  absl::Status CheckCells(const YAML::Node& root, const BudgetsFile& file) const {
    if (file.cells.empty()) return absl::OkStatus();
    for (const char* key : {"offers", "offers_per_customer"}) {
      if (root[key]) {
        return Refuse(root[key],
                      absl::StrCat("`", key, "` needs values per customer, not `cells`"));
      }
    }
    for (const auto& [id, cell] : file.cells) {
      const auto check = [&, &id = id](absl::string_view kind, const std::string& name,
                                       const auto& limits) {
        if (name.empty() || limits.contains(name)) return absl::OkStatus();
        return Refuse(root["cells"][id], absl::StrCat("cell '", id, "' names ", kind, " '", name,
                                                      "', which has no entry under `", kind, "s`"));
      };
      TENURE_RETURN_IF_ERROR(check("segment", cell.segment, file.segments));
      TENURE_RETURN_IF_ERROR(check("campaign", cell.campaign, file.campaigns));
      TENURE_RETURN_IF_ERROR(check("channel", cell.channel, file.channels));
    }
    const std::map<std::string, std::string> inside = SegmentsOfCampaigns(file);
    for (const auto& [id, range] : file.campaigns) {
      if (range.min_micros == 0 || inside.contains(id)) continue;
      return Refuse(root["campaigns"][id]["min"],
                    absl::StrCat("campaign '", id,
                                 "' has no cell, or cells in several segments: "
                                 "only one inside a segment can have a `min`"));
    }
    return absl::OkStatus();
  }

  template <typename Limit>
  absl::Status Add(const std::string& id, const Limit& limit, const YAML::Node& at,
                   std::map<std::string, Limit>* limits) const {
    if (limits->emplace(id, limit).second) return absl::OkStatus();
    return Refuse(at, absl::StrCat("'", id, "' stands twice"));
  }

  const std::string path_;
  const YAML::Node root_;
};

}  // namespace

std::map<std::string, std::string> SegmentsOfCampaigns(const BudgetsFile& budgets) {
  std::map<std::string, std::set<std::string>> segments;
  for (const auto& [id, cell] : budgets.cells) {
    if (!cell.campaign.empty()) segments[cell.campaign].insert(cell.segment);
  }
  std::map<std::string, std::string> inside;
  for (const auto& [campaign, its] : segments) {
    if (its.size() == 1) inside[campaign] = *its.begin();
  }
  return inside;
}

absl::StatusOr<BudgetsFile> ReadBudgetsFile(const std::string& path) {
  std::string contents;
  TENURE_RETURN_IF_ERROR(ReadFile(path, &contents));
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(contents);
    const YAML::Node root = documents.empty() ? YAML::Node() : documents[0];
    const BudgetsReader reader(path, root);
    if (documents.size() > 1) return reader.Refuse(documents[1], "a second document; give one");
    return reader.Read();
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ":", error.mark.line + 1, ":", error.mark.column + 1, ": ", error.msg));
  }
}

}  // namespace tenure::cli
