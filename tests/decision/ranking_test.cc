#include "server/decision/ranking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"

namespace tenure::decision {
namespace {

using journal::CandidateRecord;
using journal::Outcome;

rules::RuleSet Campaigns(size_t count) {
  rules::RuleSet rules;
  rules.campaigns.resize(count);
  for (size_t c = 0; c < count; ++c) {
    rules.campaigns[c].id = absl::StrCat("c", count - c);  // not in the file's order
    rules.campaigns[c].offers.resize(2);
    rules.campaigns[c].offers[0].id = std::string(1, 'b');  // a literal alarms GCC 12
    rules.campaigns[c].offers[1].id = std::string(1, 'a');
  }
  return rules;
}

std::vector<CandidateRecord> Live(size_t campaigns, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<CandidateRecord> candidates;
  for (size_t c = 0; c < campaigns; ++c) {
    for (int8_t o = 0; o < 2; ++o) {
      CandidateRecord& candidate = candidates.emplace_back();
      candidate.campaign = static_cast<uint16_t>(c);
      candidate.offer = o;
      candidate.outcome = random() % 5 == 0 ? Outcome::kFiltered : Outcome::kLost;
      candidate.score = static_cast<double>(random() % 4);  // many are equal
    }
  }
  return candidates;
}

// "c3/a" in the order that Next gives them.
std::vector<std::string> Names(const rules::RuleSet& rules,
                               const std::vector<CandidateRecord>& candidates) {
  Ranking ranking;
  ranking.Begin(rules, candidates);
  std::vector<std::string> names;
  while (!ranking.empty()) {
    const CandidateRecord& next = candidates[ranking.Next()];
    const rules::Campaign& campaign = rules.campaigns[next.campaign];
    names.push_back(absl::StrCat(campaign.id, "/", campaign.offers[size_t(next.offer)].id));
  }
  return names;
}

TEST(Ranking, Next_IsOneTotalOrderOfTheLiveOnes) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    rules::RuleSet rules = Campaigns(9);
    rules.campaigns[4].campaign_class = rules::CampaignClass::kService;
    rules.campaigns[2].priority = 1;
    const std::vector<CandidateRecord> candidates = Live(9, seed);
    std::vector<size_t> expected;
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (candidates[i].outcome == Outcome::kLost) expected.push_back(i);
    }
    std::sort(expected.begin(), expected.end(), [&](size_t a, size_t b) {
      const auto key = [&](size_t i) {
        const rules::Campaign& campaign = rules.campaigns[candidates[i].campaign];
        return std::make_tuple(campaign.campaign_class != rules::CampaignClass::kService,
                               -candidates[i].score, -campaign.priority, campaign.id,
                               campaign.offers[size_t(candidates[i].offer)].id);
      };
      return key(a) < key(b);
    });
    Ranking ranking;
    ranking.Begin(rules, candidates);
    for (const size_t index : expected) EXPECT_EQ(ranking.Next(), index);
    EXPECT_TRUE(ranking.empty());
  }
}

TEST(Ranking, CampaignsInAnotherOrder_RankTheSame) {
  rules::RuleSet rules = Campaigns(6);
  std::vector<CandidateRecord> candidates = Live(6, 3);
  const std::vector<std::string> names = Names(rules, candidates);
  std::reverse(rules.campaigns.begin(), rules.campaigns.end());
  for (CandidateRecord& candidate : candidates) {
    candidate.campaign = static_cast<uint16_t>(5 - candidate.campaign);
  }
  EXPECT_EQ(Names(rules, candidates), names);
}

}  // namespace
}  // namespace tenure::decision
