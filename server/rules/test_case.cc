#include "server/rules/test_case.h"

#include <algorithm>

#include "server/rules/draft.h"
#include "server/rules/map_reader.h"
#include "server/rules/yaml_document.h"

namespace tenure::rules {
namespace {

class CaseReader {
 public:
  CaseReader(const RuleSet& rules, ProblemList* problems) : rules_(rules), problems_(problems) {}

  TestCase Read(const Node& node, const std::optional<int64_t>& at_us) {
    MapReader map(node, "a case", problems_);
    TestCase result;
    result.mark = node.mark;
    map.Require("name");
    map.Text("name", &result.name);
    if (at_us.has_value()) result.at_us = *at_us;
    if (!map.Instant("at", &result.at_us) && !at_us.has_value() && !map.Has("at")) {
      problems_->Error(node.mark, "a case needs the key \"at\", or the file one for all its cases");
    }
    if (const Node* customer = map.Find("customer")) ReadFeatures(*customer, &result);
    for (const NodePtr& event : map.Items("events")) {
      result.events.push_back(ReadEvent(*event, result.at_us));
    }
    std::stable_sort(result.events.begin(), result.events.end(),
                     [](const CaseEvent& a, const CaseEvent& b) { return a.at_us < b.at_us; });
    if (const Node* from = map.Find("from")) ReadFrom(*from, &result);
    if (const Node* expect = map.Require("expect")) ReadExpectation(*expect, &result.expect);
    map.Finish();
    return result;
  }

 private:
  // Calls `visit` for each key and single value of a map.
  template <typename Visit>
  void EachText(const Node& node, const std::string& what, Visit visit) {
    if (node.kind != Node::Kind::kMap) {
      problems_->Error(node.mark, absl::StrCat(what, " is a map, here stands ", KindName(node)));
      return;
    }
    for (const Node::Entry& entry : node.entries) {
      if (entry.value->kind != Node::Kind::kScalar) {
        problems_->Error(entry.key->mark, absl::StrCat("\"", entry.key->text,
                                                       "\": a single value is needed, here stands ",
                                                       KindName(*entry.value)));
        continue;
      }
      visit(*entry.key, *entry.value);
    }
  }

  void ReadFeatures(const Node& node, TestCase* result) {
    std::vector<std::string> names;
    for (const Field& field : rules_.schema->fields()) names.push_back(field.name);
    EachText(node, "\"customer\"", [&](const Node& key, const Node& value) {
      if (!rules_.schema->Find(key.text).has_value()) {
        problems_->Error(key.mark, absl::StrCat("there is no feature \"", key.text, "\""),
                         Suggest(key.text, names));
        return;
      }
      result->features.push_back({key.text, value.text, value.mark});
    });
  }

  CaseEvent ReadEvent(const Node& node, int64_t at_us) {
    MapReader map(node, "an event", problems_);
    CaseEvent event;
    event.mark = node.mark;
    map.Require("date");
    if (map.Instant("date", &event.at_us) && event.at_us > at_us) {
      problems_->Error(node.mark, "this event comes after the case's \"at\"");
    }
    std::string what;
    int kinds = 0;
    if (map.Has("purchase")) {
      ++kinds;
      map.Money("purchase", &event.amount_micros);
    }
    if (map.Has("refund")) {
      ++kinds;
      event.kind = CaseEventKind::kRefund;
      map.Money("refund", &event.amount_micros);
    }
    if (map.Text("engagement", &what)) {
      ++kinds;
      event.kind = CaseEventKind::kEngagement;
    }
    if (map.Text("contact", &what)) {
      ++kinds;
      event.kind = CaseEventKind::kContact;
    }
    if (kinds != 1) {
      problems_->Error(node.mark, "an event is one of: purchase, refund, engagement, contact",
                       "write {date: 2018-01-03, purchase: 25.00}");
    }
    int64_t margin = 0;
    if (map.Money("margin", &margin)) event.margin_micros = margin;
    map.Text("category", &event.category);
    map.Finish();
    return event;
  }

  void ReadStanding(const Track& track, const Node& node, TestCase* result) {
    MapReader map(node, "a standing", problems_);
    CaseStanding standing;
    standing.mark = node.mark;
    const Node* stage = map.Require("stage");
    if (map.Text("stage", &standing.stage)) {
      CheckReference(standing.stage, stage->mark, "stage", track.stages, problems_);
    }
    double days = 0;
    map.Number("days", 0, 36'500, &days);
    standing.since_us = result->at_us - Micros(days);
    if (const Node* left = map.Find("left")) {
      MapReader left_map(*left, "\"left\"", problems_);
      for (const Stage& other : track.stages) {
        int64_t ago = 0;
        if (left_map.Span(other.id, &ago)) standing.left_us[other.id] = result->at_us - ago;
      }
      left_map.Finish();
    }
    map.Finish();
    result->from[track.id] = std::move(standing);
  }

  void ReadFrom(const Node& node, TestCase* result) {
    MapReader map(node, "\"from\"", problems_);
    for (const Track& track : rules_.tracks) {
      if (const Node* standing = map.Find(track.id)) ReadStanding(track, *standing, result);
    }
    map.Finish();
  }

  // The texts of a list, each the id of an item.
  template <typename Item>
  std::optional<std::vector<MarkedText>> ReadIds(MapReader* map, absl::string_view key,
                                                 const std::string& what,
                                                 const std::vector<Item>& items) {
    std::vector<MarkedText> texts;
    if (!map->Texts(key, &texts)) return std::nullopt;
    for (const auto& [text, mark] : texts) CheckReference(text, mark, what, items, problems_);
    return texts;
  }

  void ReadExpectation(const Node& node, Expectation* expect) {
    MapReader map(node, "an expectation", problems_);
    expect->mark = node.mark;
    if (const Node* tracks = map.Find("stages")) {
      EachText(*tracks, "\"stages\"", [&](const Node& key, const Node& value) {
        if (!CheckReference(key.text, key.mark, "track", rules_.tracks, problems_)) return;
        for (const Track& track : rules_.tracks) {
          if (track.id == key.text) {
            CheckReference(value.text, value.mark, "stage", track.stages, problems_);
          }
        }
        expect->stages.push_back({key.text, {value.text, value.mark}});
      });
    }
    std::string stage;
    if (const Node* value = map.Find("stage"); value != nullptr && map.Text("stage", &stage)) {
      CheckReference(stage, value->mark, "stage", rules_.tracks[0].stages, problems_);
      expect->stages.push_back({rules_.tracks[0].id, {stage, value->mark}});
    }
    expect->segments = ReadIds(&map, "segments", "segment", rules_.segments);
    expect->eligible = ReadIds(&map, "eligible", "campaign", rules_.campaigns);
    if (const Node* why = map.Find("not_eligible")) ReadGates(*why, expect);
    if (const Node* budgets = map.Find("budget_segments")) {
      EachText(*budgets, "\"budget_segments\"", [&](const Node& key, const Node& value) {
        if (!CheckReference(key.text, key.mark, "budget", rules_.budgets, problems_)) return;
        for (const Budget& budget : rules_.budgets) {
          if (budget.id == key.text) {
            CheckReference(value.text, value.mark, "segment", budget.segments, problems_);
          }
        }
        expect->budget_segments.push_back({key.text, {value.text, value.mark}});
      });
    }
    map.Finish();
  }

  void ReadGates(const Node& node, Expectation* expect) {
    static const std::vector<std::string>* const kGates =
        new std::vector<std::string>{"schedule", "stage", "eligibility", "missing"};
    EachText(node, "\"not_eligible\"", [&](const Node& key, const Node& value) {
      CheckReference(key.text, key.mark, "campaign", rules_.campaigns, problems_);
      if (std::find(kGates->begin(), kGates->end(), value.text) == kGates->end()) {
        problems_->Error(value.mark, absl::StrCat("\"", value.text, "\" is no gate"),
                         "write one of: schedule, stage, eligibility, missing");
      }
      expect->not_eligible.push_back({key.text, {value.text, value.mark}});
    });
  }

  static int64_t Micros(double days) {
    return static_cast<int64_t>(days * static_cast<double>(kMicrosPerDay));
  }

  const RuleSet& rules_;
  ProblemList* const problems_;
};

}  // namespace

std::vector<TestCase> ReadTestCases(const Source& source, const RuleSet& rules,
                                    ProblemList* problems) {
  std::vector<TestCase> cases;
  const NodePtr root = ParseYaml(source, problems);
  if (root == nullptr) return cases;
  MapReader map(*root, "a test file", problems);
  int64_t at_us = 0;
  std::optional<int64_t> at;
  if (map.Instant("at", &at_us)) at.emplace(at_us);
  map.Require("cases");
  CaseReader reader(rules, problems);
  for (const NodePtr& node : map.Items("cases")) cases.push_back(reader.Read(*node, at));
  map.Finish();
  return cases;
}

}  // namespace tenure::rules
