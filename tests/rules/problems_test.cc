// Every class of problem, as a person reads it: problems.golden holds rules and what is said of
// them. TENURE_UPDATE_GOLDEN=1 writes what is said now, to be read before it is committed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/rules/compiler.h"
#include "tests/rules/fake_catalog.h"

namespace tenure::rules {
namespace {

struct GoldenCase {
  std::string name;
  std::string yaml;
  std::string problems;
};

std::string GoldenPath() {
  const char* source = std::getenv("TENURE_SOURCE_DIR");
  return absl::StrCat(source == nullptr ? "." : source, "/tests/rules/problems.golden");
}

std::vector<GoldenCase> ReadCases() {
  std::ifstream in(GoldenPath());
  std::vector<GoldenCase> cases;
  std::string* part = nullptr;
  for (std::string line; std::getline(in, line);) {
    if (absl::StartsWith(line, "=== ")) {
      cases.push_back({line.substr(4), "", ""});
      part = &cases.back().yaml;
    } else if (line == "--- problems") {
      part = &cases.back().problems;
    } else if (part != nullptr) {
      absl::StrAppend(part, line, "\n");
    }
  }
  return cases;
}

// The sections that every rule set needs, where the case has none of its own.
Source Rest(const std::string& yaml) {
  std::string rest;
  const std::string text = absl::StrCat("\n", yaml);
  for (const auto& [key, value] : {std::pair<std::string, std::string>{"name", "shop"},
                                   {"currency", "USD"},
                                   {"zone", "UTC"},
                                   {"placements", "1"},
                                   {"tracks",
                                    "[{id: lifecycle, stages: [{id: new, enter: purchases == 1}, "
                                    "{id: repeat, enter: purchases >= 2}]}]"}}) {
    if (!absl::StrContains(text, absl::StrCat("\n", key, ":"))) {
      absl::StrAppend(&rest, key, ": ", value, "\n");
    }
  }
  return {"rest.yaml", rest};
}

std::string Problems(const std::string& yaml) {
  FakeCatalog catalog;
  catalog.NeedLastVisit();
  const Compiled compiled = Compile({{"rules.yaml", yaml}, Rest(yaml)}, catalog);
  std::string rendered;
  bool error = false;
  for (const Problem& problem : compiled.problems) {
    rendered += Render(problem);
    error = error || problem.severity == Severity::kError;
  }
  EXPECT_EQ(compiled.rule_set == nullptr, error);
  return rendered;
}

TEST(Problems_Golden, RenderedAsWritten) {
  std::vector<GoldenCase> cases = ReadCases();
  ASSERT_GT(cases.size(), 20u) << GoldenPath();
  std::string now = "Rules, and what is said of them. See problems_test.cc.\n\n";
  for (const GoldenCase& golden : cases) {
    SCOPED_TRACE(golden.name);
    const std::string problems = Problems(golden.yaml);
    absl::StrAppend(&now, "=== ", golden.name, "\n", golden.yaml, "--- problems\n", problems, "\n");
    if (std::getenv("TENURE_UPDATE_GOLDEN") == nullptr) {
      EXPECT_EQ(absl::StrCat(problems, "\n"), golden.problems);
    }
  }
  if (std::getenv("TENURE_UPDATE_GOLDEN") != nullptr) std::ofstream(GoldenPath()) << now;
}

}  // namespace
}  // namespace tenure::rules
