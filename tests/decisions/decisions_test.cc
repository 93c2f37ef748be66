// Runs every YAML file of this folder through a real engine: rules compiled, events ingested, model
// activated, decisions taken, replayed from the journal and explained; the ledger verified.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/decision/explain.h"
#include "server/decision/walk.h"
#include "server/decision/words.h"
#include "tests/decisions/case_file.h"
#include "tests/decisions/shop.h"

namespace tenure::decisions {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> Files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(TENURE_CASES)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string Selected(const decision::Explanation& explanation) {
  std::string selected;
  for (const decision::CandidateExplanation& candidate : explanation.candidates) {
    if (candidate.outcome != journal::Outcome::kSelected) continue;
    absl::StrAppend(&selected, selected.empty() ? "" : " ", candidate.campaign, "/",
                    candidate.offer);
  }
  return selected.empty() ? "nothing" : selected;
}

// "FILTERED cap weekly" of the first candidate whose name begins so.
std::string OutcomeOf(const decision::Explanation& explanation, const std::string& name) {
  for (const decision::CandidateExplanation& candidate : explanation.candidates) {
    const std::string full = absl::StrCat(candidate.campaign, "/", candidate.offer);
    if (full != name && candidate.campaign != name) continue;
    return absl::StrCat(decision::OutcomeName(candidate.outcome), " ",
                        decision::GateName(candidate.gate), " ", candidate.text);
  }
  return "no such candidate";
}

void CheckDecision(Shop* shop, const Step& step) {
  const auto decided = shop->Decide(step.customer);
  ASSERT_TRUE(decided.ok()) << decided.status();
  const auto stored = shop->engine().GetDecision(decided->seq);
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(journal::Encode(stored->record), journal::Encode(decided->record));
  const auto rules = shop->engine().GetRules(stored->record.rule_set);
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_TRUE(decision::Replay(**rules, stored->record, stored->at_us).ok())
      << decision::Replay(**rules, stored->record, stored->at_us);
  const auto explanation = decision::Explain(**rules, stored->record);
  ASSERT_TRUE(explanation.ok()) << explanation.status();
  EXPECT_EQ(Selected(*explanation), step.select) << explanation->headline;
  EXPECT_THAT(explanation->headline, testing::HasSubstr(step.why));
  for (const auto& [name, expected] : step.outcomes) {
    EXPECT_TRUE(absl::StartsWith(OutcomeOf(*explanation, name), expected))
        << name << ": " << OutcomeOf(*explanation, name) << ", expected " << expected;
  }
  for (const decision::CandidateExplanation& candidate : explanation->candidates) {
    EXPECT_FALSE(candidate.sentence.empty());
  }
}

class DecisionFile : public testing::TestWithParam<std::string> {};

TEST_P(DecisionFile, Cases_EndAsWritten) {
  const std::string rules = absl::StrCat(Environment("TENURE_SOURCE_DIR"), "/rules/default");
  const auto file = ReadCaseFile(GetParam(), rules);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto shop =
      Shop::Open(*file, absl::StrCat(Environment("TENURE_BINARY_DIR"), "/lib/tenure/plugins"));
  ASSERT_TRUE(shop.ok()) << shop.status();
  int decisions = 0;
  for (const Step& step : file->steps) {
    SCOPED_TRACE(step.name);
    if (step.commit_last || step.release_last) {
      ASSERT_TRUE((*shop)->SettleLast(step.commit_last).ok());
    }
    if (step.after_us > 0) {
      ASSERT_TRUE((*shop)->Pass(step.after_us).ok());
    }
    if (step.customer.empty()) continue;
    CheckDecision(shop->get(), step);
    ++decisions;
  }
  EXPECT_GT(decisions, 0);
  EXPECT_TRUE((*shop)->VerifyLedger().ok()) << (*shop)->VerifyLedger().status();
}

std::string NameOf(const testing::TestParamInfo<std::string>& info) {
  return std::filesystem::path(info.param).stem().string();
}

INSTANTIATE_TEST_SUITE_P(Folder, DecisionFile, testing::ValuesIn(Files()), NameOf);

}  // namespace
}  // namespace tenure::decisions
