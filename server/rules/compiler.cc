#include "server/rules/compiler.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "server/base/digest.h"
#include "server/base/limits.h"
#include "server/rules/closed_column.h"
#include "server/rules/draft.h"
#include "server/rules/map_reader.h"
#include "server/rules/problems.h"
#include "server/rules/reachability.h"
#include "server/rules/sections.h"
#include "server/rules/yaml_document.h"

namespace tenure::rules {
namespace {

// Lengths stand before the texts, so that no two sets of files have the same bytes.
std::string HashOf(const std::vector<Source>& sources) {
  std::string bytes;
  for (const Source& source : sources) {
    absl::StrAppend(&bytes, source.file.size(), ":", source.file, source.text.size(), ":",
                    source.text);
  }
  return Sha256Hex(bytes);
}

bool CheckSources(const std::vector<Source>& sources, ProblemList* problems) {
  const Mark nowhere;
  size_t bytes = 0;
  for (size_t i = 0; i < sources.size(); ++i) {
    bytes += sources[i].text.size();
    if (i > 0 && sources[i].file == sources[i - 1].file) {
      problems->Error(nowhere, absl::StrCat("the file \"", sources[i].file, "\" is given twice"));
      return false;
    }
  }
  if (sources.empty()) {
    problems->Error(nowhere, "there are no rule files");
    return false;
  }
  if (bytes > Limits().rule_set_bytes) {
    problems->Error(nowhere,
                    absl::StrCat("the files have ", bytes, " bytes together, the limit is ",
                                 Limits().rule_set_bytes));
    return false;
  }
  return true;
}

using Sections = std::set<std::string>;

constexpr absl::string_view kSettings[] = {"name",  "currency",    "zone",    "placements", "value",
                                           "tiers", "quiet_hours", "holdout", "arrivals"};

// What begins lines of a file that is no YAML: the sections that it was meant to hold.
Sections SectionsOf(const Source& source) {
  Sections sections;
  for (const absl::string_view line : absl::StrSplit(source.text, '\n')) {
    const size_t colon = line.find(':');
    if (colon != absl::string_view::npos && IsId(line.substr(0, colon))) {
      sections.emplace(line.substr(0, colon));
    }
  }
  return sections;
}

// The top-level sections of all files as one map; each stands in one file only. `unread`: those of
// files that can't be read. Null where even these can't be told.
NodePtr MergeFiles(const std::vector<Source>& sources, ProblemList* problems, Sections* unread) {
  auto merged = std::make_shared<Node>();
  merged->kind = Node::Kind::kMap;
  merged->mark = {sources.front().file, 1, 1};
  bool told = true;
  for (const Source& source : sources) {
    const NodePtr root = ParseYaml(source, problems);
    if (root == nullptr) {
      const Sections sections = SectionsOf(source);
      told = told && !sections.empty();
      unread->insert(sections.begin(), sections.end());
      problems->Warn({source.file, 1, 1},
                     "what refers to this file is checked once the file can be read");
      continue;
    }
    if (root->kind != Node::Kind::kMap) {
      problems->Error(root->mark, absl::StrCat("a rule file is a map of sections, here stands ",
                                               KindName(*root)));
      told = false;
      continue;
    }
    for (const Node::Entry& entry : root->entries) {
      const auto same = std::find_if(
          merged->entries.begin(), merged->entries.end(),
          [&](const Node::Entry& other) { return other.key->text == entry.key->text; });
      if (same == merged->entries.end()) {
        merged->entries.push_back(entry);
        continue;
      }
      problems->Error(entry.key->mark,
                      absl::StrCat("the section \"", entry.key->text, "\" stands in two files"),
                      absl::StrCat("the other is ", same->key->mark.file));
    }
  }
  return told ? merged : nullptr;
}

// Each section is judged where all that it refers to could be read, so that nothing is called
// missing that stands in an unread file.
void ReadSections(const Node& root_node, const Sections& unread, Draft* draft) {
  MapReader root(root_node, "the rules", draft->problems);
  const auto read = [&unread](absl::Span<const absl::string_view> sections) {
    return std::none_of(sections.begin(), sections.end(), [&](absl::string_view section) {
      return unread.count(std::string(section)) > 0;
    });
  };
  const bool settings = read(kSettings);
  if (settings) ReadSettings(&root, draft);
  if (!read({"attributes", "tracks", "segments"})) return;
  DeclareSchema(&root, draft);
  if (draft->set.schema == nullptr) return;
  ReadTracks(&root, draft);
  ReadSegments(&root, draft);
  if (settings) ReadPopulations(&root, draft);
  const bool budgets = read({"budgets"});
  if (budgets) ReadBudgets(&root, draft);
  const bool campaigns = settings && budgets && read({"campaigns"});
  if (campaigns) ReadCampaigns(&root, draft);
  if (campaigns && read({"caps"})) ReadCaps(&root, draft);
  CheckComparedTexts(draft);
  if (!unread.empty()) return;
  root.Finish();
  CheckReachability(draft);
}

}  // namespace

Compiled Compile(std::vector<Source> sources, const PluginCatalog& plugins) {
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return a.file < b.file; });
  ProblemList problems(sources);
  Draft draft;
  draft.problems = &problems;
  draft.plugins = &plugins;
  if (CheckSources(sources, &problems)) {
    Sections unread;
    const NodePtr root = MergeFiles(sources, &problems, &unread);
    if (root != nullptr) ReadSections(*root, unread, &draft);
  }
  Compiled compiled;
  const bool refused = problems.has_errors();
  compiled.problems = problems.Take();
  if (refused) return compiled;
  draft.set.hash = HashOf(sources);
  draft.set.sources = std::move(sources);
  compiled.rule_set = std::make_shared<const RuleSet>(std::move(draft.set));
  return compiled;
}

}  // namespace tenure::rules
