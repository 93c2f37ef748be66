#include "server/rules/test_runner.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/rules/case_outcome.h"
#include "server/rules/case_row.h"
#include "server/rules/problems.h"
#include "server/rules/stage_machine.h"
#include "server/rules/test_case.h"

namespace tenure::rules {
namespace {

// The rules that cases can reach, by name, and those that they have reached.
class Coverage {
 public:
  explicit Coverage(const RuleSet& rules) : rules_(rules) {
    for (const Track& track : rules.tracks) {
      for (const Stage& stage : track.stages) {
        Add(Entering(track, stage), stage.enter.mark);
        if (track.stages.size() > 1) Add(Leaving(track, stage), stage.exit.mark);
      }
    }
    for (const Segment& segment : rules.segments) Add(In(segment), segment.when.mark);
    for (const Campaign& campaign : rules.campaigns) Add(Eligible(campaign), campaign.mark);
    for (const Budget& budget : rules.budgets) {
      for (size_t i = 0; i + 1 < budget.segments.size(); ++i) {
        Add(InBudget(budget, i), budget.segments[i].mark);
      }
    }
  }

  void Reach(const CaseOutcome& outcome) {
    for (size_t t = 0; t < rules_.tracks.size(); ++t) {
      const Track& track = rules_.tracks[t];
      const int before = outcome.stage_before[t];
      const int after = outcome.stage_after[t];
      if (before == after) continue;
      if (after != kNoStage) reached_.insert(Entering(track, StageAt(track, after)));
      if (before != kNoStage) reached_.insert(Leaving(track, StageAt(track, before)));
    }
    for (size_t i = 0; i < rules_.segments.size(); ++i) {
      if (outcome.in_segment[i]) reached_.insert(In(rules_.segments[i]));
    }
    for (size_t i = 0; i < rules_.campaigns.size(); ++i) {
      if (outcome.campaigns[i].gate.empty()) reached_.insert(Eligible(rules_.campaigns[i]));
    }
    for (size_t i = 0; i < rules_.budgets.size(); ++i) {
      reached_.insert(InBudget(rules_.budgets[i], outcome.budget_segment[i]));
    }
  }

  size_t size() const { return all_.size(); }
  std::vector<UnreachedRule> Unreached() const {
    std::vector<UnreachedRule> unreached;
    for (const UnreachedRule& rule : all_) {
      if (reached_.count(rule.what) == 0) unreached.push_back(rule);
    }
    return unreached;
  }

 private:
  void Add(std::string what, const Mark& mark) { all_.push_back({std::move(what), mark}); }

  static const Stage& StageAt(const Track& track, int index) {
    return track.stages[static_cast<size_t>(index)];
  }
  static std::string Entering(const Track& track, const Stage& stage) {
    return absl::StrCat("entering the stage ", track.id, "/", stage.id);
  }
  static std::string Leaving(const Track& track, const Stage& stage) {
    return absl::StrCat("leaving the stage ", track.id, "/", stage.id);
  }
  static std::string In(const Segment& segment) {
    return absl::StrCat("being in the segment ", segment.id);
  }
  static std::string Eligible(const Campaign& campaign) {
    return absl::StrCat("being eligible for the campaign ", campaign.id);
  }
  static std::string InBudget(const Budget& budget, size_t segment) {
    return absl::StrCat("being in the budget segment ", budget.id, "/",
                        budget.segments[segment].id);
  }

  const RuleSet& rules_;
  std::vector<UnreachedRule> all_;
  std::set<std::string> reached_;
};

// Compares what a case expects with what came of it.
class Comparison {
 public:
  Comparison(const RuleSet& rules, const TestCase& test, const CaseOutcome& outcome,
             ProblemList* failures)
      : rules_(rules), expect_(test.expect), outcome_(outcome), failures_(failures) {}

  void Run() {
    CompareStages();
    CompareSegments();
    CompareCampaigns();
    CompareBudgets();
  }

 private:
  void CompareStages() {
    for (size_t t = 0; t < rules_.tracks.size(); ++t) {
      const int after = outcome_.stage_after[t];
      const std::string found =
          after == kNoStage ? "none" : rules_.tracks[t].stages[static_cast<size_t>(after)].id;
      for (const auto& [track, expected] : expect_.stages) {
        if (track == rules_.tracks[t].id)
          Compare(absl::StrCat("stage of ", track), expected, found);
      }
    }
  }

  void CompareSegments() {
    if (!expect_.segments.has_value()) return;
    std::vector<std::string> found;
    for (size_t i = 0; i < rules_.segments.size(); ++i) {
      if (outcome_.in_segment[i]) found.push_back(rules_.segments[i].id);
    }
    CompareSets("segments", *expect_.segments, found);
  }

  void CompareCampaigns() {
    std::vector<std::string> found;
    for (size_t i = 0; i < rules_.campaigns.size(); ++i) {
      const std::string& id = rules_.campaigns[i].id;
      const CampaignOutcome& campaign = outcome_.campaigns[i];
      if (campaign.gate.empty()) found.push_back(id);
      for (const auto& [expected_id, gate] : expect_.not_eligible) {
        if (expected_id != id || campaign.gate == gate.first) continue;
        failures_->Error(
            gate.second,
            absl::StrCat("the campaign ", id, " should be stopped by ", gate.first,
                         campaign.gate.empty()
                             ? ", but is eligible"
                             : absl::StrCat(", but is by ", campaign.gate, ": ", campaign.detail)));
      }
    }
    if (expect_.eligible.has_value()) CompareSets("eligible campaigns", *expect_.eligible, found);
  }

  void CompareBudgets() {
    for (size_t i = 0; i < rules_.budgets.size(); ++i) {
      const Budget& budget = rules_.budgets[i];
      for (const auto& [id, expected] : expect_.budget_segments) {
        if (id == budget.id) {
          Compare(absl::StrCat("segment of the budget ", id), expected,
                  budget.segments[outcome_.budget_segment[i]].id);
        }
      }
    }
  }

  void Compare(const std::string& what, const MarkedText& expected, const std::string& found) {
    if (expected.first == found) return;
    failures_->Error(expected.second,
                     absl::StrCat(what, ": expected ", expected.first, ", found ", found));
  }

  void CompareSets(const std::string& what, const std::vector<MarkedText>& expected,
                   std::vector<std::string> found) {
    std::vector<std::string> wanted;
    for (const auto& [text, mark] : expected) wanted.push_back(text);
    std::sort(wanted.begin(), wanted.end());
    std::sort(found.begin(), found.end());
    if (wanted == found) return;
    std::string message = absl::StrCat(what, ": expected [", absl::StrJoin(wanted, ", "),
                                       "], found [", absl::StrJoin(found, ", "), "]");
    for (size_t i = 0; i < rules_.campaigns.size() && what != "segments"; ++i) {
      const CampaignOutcome& campaign = outcome_.campaigns[i];
      if (campaign.gate.empty() ||
          !std::binary_search(wanted.begin(), wanted.end(), rules_.campaigns[i].id)) {
        continue;
      }
      absl::StrAppend(&message, "; ", rules_.campaigns[i].id, " is stopped by ", campaign.gate,
                      ": ", campaign.detail);
    }
    failures_->Error(expected.empty() ? expect_.mark : expected.front().second, message);
  }

  const RuleSet& rules_;
  const Expectation& expect_;
  const CaseOutcome& outcome_;
  ProblemList* const failures_;
};

}  // namespace

bool TestReport::passed() const {
  const bool broken = std::any_of(problems.begin(), problems.end(), [](const Problem& problem) {
    return problem.severity == Severity::kError;
  });
  return !broken && std::all_of(cases.begin(), cases.end(),
                                [](const CaseResult& result) { return result.failures.empty(); });
}

TestReport RunTests(const RuleSet& rules, const std::vector<Source>& tests) {
  TestReport report;
  ProblemList problems(tests);
  std::vector<TestCase> cases;
  for (const Source& source : tests) {
    for (TestCase& test : ReadTestCases(source, rules, &problems)) cases.push_back(std::move(test));
  }
  Coverage coverage(rules);
  report.rules = coverage.size();
  if (problems.has_errors()) {
    report.problems = problems.Take();
    return report;
  }
  for (const TestCase& test : cases) {
    Batch batch(rules.schema, 1);
    FillCaseRow(test, rules, &batch, &problems);
    const CaseOutcome outcome = EvaluateCase(test, rules, &batch);
    coverage.Reach(outcome);
    ProblemList failures(tests);
    Comparison(rules, test, outcome, &failures).Run();
    report.cases.push_back({test.name, test.mark, failures.Take()});
  }
  report.problems = problems.Take();
  report.unreached = coverage.Unreached();
  return report;
}

}  // namespace tenure::rules
