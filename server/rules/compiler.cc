#include "server/rules/compiler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/digest.h"
#include "server/base/limits.h"
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

// The top-level sections of all files as one map; each stands in one file only. Null when a file
// can't be read.
NodePtr MergeFiles(const std::vector<Source>& sources, ProblemList* problems) {
  auto merged = std::make_shared<Node>();
  merged->kind = Node::Kind::kMap;
  merged->mark = {sources.front().file, 1, 1};
  bool complete = true;
  for (const Source& source : sources) {
    const NodePtr root = ParseYaml(source, problems);
    if (root == nullptr || root->kind != Node::Kind::kMap) {
      if (root != nullptr) {
        problems->Error(root->mark, absl::StrCat("a rule file is a map of sections, here stands ",
                                                 KindName(*root)));
      }
      complete = false;
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
  return complete ? merged : nullptr;
}

void ReadSections(const Node& root_node, Draft* draft) {
  MapReader root(root_node, "the rules", draft->problems);
  ReadSettings(&root, draft);
  DeclareSchema(&root, draft);
  if (draft->set.schema == nullptr) return;
  ReadTracks(&root, draft);
  ReadSegments(&root, draft);
  ReadBudgets(&root, draft);
  ReadCampaigns(&root, draft);
  ReadCaps(&root, draft);
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
    const NodePtr root = MergeFiles(sources, &problems);
    if (root != nullptr) ReadSections(*root, &draft);
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
