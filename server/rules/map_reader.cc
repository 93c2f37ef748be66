#include "server/rules/map_reader.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/hash.h"
#include "server/base/money.h"
#include "server/base/time.h"
#include "server/rules/scalar.h"

namespace tenure::rules {

bool IsId(absl::string_view text) {
  if (text.empty() || text.size() > 64 || !absl::ascii_islower(static_cast<unsigned char>(text[0])))
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || c == '_';
  });
}

void ReportBadId(const Mark& mark, absl::string_view text, ProblemList* problems) {
  problems->Error(mark, absl::StrCat("\"", text, "\" is no id"),
                  "an id is lower-case letters, digits and underscores, begins with a letter and "
                  "has at most 64 of them");
}

MapReader::MapReader(const Node& node, std::string what, ProblemList* problems)
    : node_(node), what_(std::move(what)), problems_(problems) {
  if (node.kind != Node::Kind::kMap) {
    problems_->Error(node.mark, absl::StrCat(what_, " is a map of keys and values, here stands ",
                                             KindName(node)));
  }
}

bool MapReader::Has(absl::string_view key) {
  asked_.emplace_back(key);
  return std::any_of(node_.entries.begin(), node_.entries.end(),
                     [&](const Node::Entry& entry) { return entry.key->text == key; });
}

const Node* MapReader::Find(absl::string_view key) {
  asked_.emplace_back(key);
  for (const Node::Entry& entry : node_.entries) {
    if (entry.key->text != key) continue;
    if (entry.value->kind != Node::Kind::kNull) return entry.value.get();
    problems_->Error(entry.key->mark, absl::StrCat("\"", key, "\" has no value"),
                     "write one, or leave the line out");
    return nullptr;
  }
  return nullptr;
}

const Node* MapReader::Require(absl::string_view key) {
  if (!Has(key) && node_.kind == Node::Kind::kMap) {
    problems_->Error(node_.mark, absl::StrCat(what_, " needs the key \"", key, "\""));
  }
  return Find(key);
}

bool MapReader::Wrong(const Node& node, absl::string_view key, absl::string_view message) {
  problems_->Error(node.mark, absl::StrCat("\"", key, "\": ", message));
  return false;
}

const Node* MapReader::Scalar(absl::string_view key) {
  const Node* node = Find(key);
  if (node == nullptr || node->kind == Node::Kind::kScalar) return node;
  Wrong(*node, key, absl::StrCat("a single value is needed, here stands ", KindName(*node)));
  return nullptr;
}

bool MapReader::Text(absl::string_view key, std::string* out) {
  const Node* node = Scalar(key);
  if (node == nullptr) return false;
  *out = node->text;
  return true;
}

bool MapReader::Id(absl::string_view key, std::string* out) {
  const Node* node = Scalar(key);
  if (node == nullptr) return false;
  if (!IsId(node->text)) {
    ReportBadId(node->mark, node->text, problems_);
    return false;
  }
  *out = node->text;
  return true;
}

bool MapReader::Flag(absl::string_view key, bool* out) {
  const Node* node = Scalar(key);
  if (node == nullptr) return false;
  const TypedScalar value = TypeOf(*node);
  if (value.type != ScalarType::kBool) {
    return Wrong(*node, key, absl::StrCat("write true or false, not \"", node->text, "\""));
  }
  *out = value.boolean;
  return true;
}

bool MapReader::Whole(absl::string_view key, int64_t min, int64_t max, int64_t* out) {
  const Node* node = Scalar(key);
  if (node == nullptr) return false;
  const TypedScalar value = TypeOf(*node);
  if (value.type != ScalarType::kInt || value.integer < min || value.integer > max) {
    return Wrong(
        *node, key,
        absl::StrCat("write a whole number from ", min, " to ", max, ", not \"", node->text, "\""));
  }
  *out = value.integer;
  return true;
}

bool MapReader::Number(absl::string_view key, double min, double max, double* out) {
  const Node* node = Scalar(key);
  if (node == nullptr) return false;
  const TypedScalar value = TypeOf(*node);
  const bool is_number = value.type == ScalarType::kInt || value.type == ScalarType::kFloat;
  if (!is_number || !(value.number >= min && value.number <= max)) {
    return Wrong(
        *node, key,
        absl::StrCat("write a number from ", min, " to ", max, ", not \"", node->text, "\""));
  }
  *out = value.number;
  return true;
}

bool MapReader::Share(absl::string_view key, double* out) {
  const Node* node = Scalar(key);
  if (node == nullptr) return false;
  const absl::StatusOr<double> share = ParseShare(node->text);
  if (!share.ok()) return Wrong(*node, key, share.status().message());
  *out = *share;
  return true;
}

bool MapReader::HashShare(absl::string_view key, uint32_t* out) {
  const Node* node = Scalar(key);
  if (node == nullptr) return false;
  const absl::StatusOr<double> share = ParseShare(node->text);
  if (!share.ok()) return Wrong(*node, key, share.status().message());
  const double buckets = *share * kHashBuckets;
  if (std::abs(buckets - std::round(buckets)) > 1e-6) {
    return Wrong(*node, key, "a holdout is drawn in steps of 0.01 %");
  }
  *out = static_cast<uint32_t>(std::lround(buckets));
  if (*out == kHashBuckets) {
    problems_->Warn(node->mark, "everybody is held out: nobody would be contacted");
  }
  return true;
}

bool MapReader::Money(absl::string_view key, int64_t* micros) {
  const Node* node = Scalar(key);
  if (node == nullptr) return false;
  const absl::StatusOr<int64_t> parsed = ParseMicros(node->text);
  if (!parsed.ok()) return Wrong(*node, key, parsed.status().message());
  if (*parsed < 0) return Wrong(*node, key, "an amount can't be negative");
  *micros = *parsed;
  return true;
}

bool MapReader::Span(absl::string_view key, int64_t* span_us) {
  const Node* node = Scalar(key);
  if (node == nullptr) return false;
  const absl::StatusOr<int64_t> parsed = ParseSpan(node->text);
  if (!parsed.ok()) return Wrong(*node, key, parsed.status().message());
  *span_us = *parsed;
  return true;
}

bool MapReader::Instant(absl::string_view key, int64_t* at_us) {
  const Node* node = Scalar(key);
  if (node == nullptr) return false;
  const absl::StatusOr<int64_t> parsed = ParseInstant(node->text);
  if (!parsed.ok()) return Wrong(*node, key, parsed.status().message());
  *at_us = *parsed;
  return true;
}

bool MapReader::TimeOfDay(absl::string_view key, int32_t* minute) {
  const Node* node = Scalar(key);
  if (node == nullptr) return false;
  const absl::StatusOr<int32_t> parsed = ParseTimeOfDay(node->text);
  if (!parsed.ok()) return Wrong(*node, key, parsed.status().message());
  *minute = *parsed;
  return true;
}

bool MapReader::Texts(absl::string_view key, std::vector<std::pair<std::string, Mark>>* out) {
  if (!Has(key)) return false;
  for (const NodePtr& item : Items(key)) {
    if (item->kind != Node::Kind::kScalar || item->text.empty()) {
      Wrong(*item, key, absl::StrCat("each item is a single value, here stands ", KindName(*item)));
      continue;
    }
    out->emplace_back(item->text, item->mark);
  }
  return true;
}

int MapReader::ChoiceIndex(absl::string_view key, const std::vector<std::string>& names) {
  const Node* node = Scalar(key);
  if (node == nullptr) return -1;
  const auto it = std::find(names.begin(), names.end(), node->text);
  if (it != names.end()) return static_cast<int>(it - names.begin());
  const std::string suggestion = Suggest(node->text, names);
  problems_->Error(
      node->mark, absl::StrCat("\"", key, "\" can't be \"", node->text, "\""),
      suggestion.empty() ? absl::StrCat("write one of: ", absl::StrJoin(names, ", ")) : suggestion);
  return -1;
}

const std::vector<NodePtr>& MapReader::Items(absl::string_view key) {
  static const std::vector<NodePtr>* const kNone = new std::vector<NodePtr>;
  const Node* node = Find(key);
  if (node == nullptr) return *kNone;
  if (node->kind == Node::Kind::kSequence) return node->items;
  Wrong(*node, key, absl::StrCat("a list is needed, here stands ", KindName(*node)));
  return *kNone;
}

void MapReader::Finish() {
  std::sort(asked_.begin(), asked_.end());
  asked_.erase(std::unique(asked_.begin(), asked_.end()), asked_.end());
  for (const Node::Entry& entry : node_.entries) {
    const std::string& key = entry.key->text;
    if (std::binary_search(asked_.begin(), asked_.end(), key)) continue;
    const std::string suggestion = Suggest(key, asked_);
    problems_->Error(entry.key->mark, absl::StrCat("unknown key \"", key, "\" in ", what_),
                     suggestion.empty() ? absl::StrCat("known keys: ", absl::StrJoin(asked_, ", "))
                                        : suggestion);
  }
}

}  // namespace tenure::rules
