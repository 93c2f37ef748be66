#include "server/decision/campaign_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/journal/candidate.h"

namespace tenure::decision {
namespace {

using testing::ElementsAre;

constexpr uint8_t kClosed = journal::Stop{journal::Gate::kStage}.Byte();

rules::RuleSet Shop() {
  rules::RuleSet rules;
  rules.campaigns.resize(4);
  for (size_t c = 0; c < 4; ++c) {
    rules.campaigns[c].id = std::string(1, static_cast<char>('a' + c));
    rules.campaigns[c].channel = c == 2 ? "post" : "email";
  }
  rules.campaigns[0].stages = {"new"};
  rules.campaigns[1].stages = {"new", "loyal"};
  rules.campaigns[3].campaign_class = rules::CampaignClass::kService;
  rules.campaigns[3].end_us = 5;
  return rules;
}

TEST(CampaignIndex, Stages_OpenTheirCampaignsAndThoseOfAnyStage) {
  const rules::RuleSet rules = Shop();
  const CampaignIndex index(rules);
  EXPECT_THAT(index.Open(index.StageOf("new")), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(index.Open(index.StageOf("loyal")), ElementsAre(1, 2, 3));
  EXPECT_THAT(index.Stops(index.StageOf("loyal")), ElementsAre(kClosed, 0, 0, 0));
  EXPECT_EQ(index.StageOf("unheard of"), index.stages() - 1);
  EXPECT_THAT(index.Open(index.StageOf("")), ElementsAre(2, 3));
}

TEST(CampaignIndex, ServiceCampaign_NeedsNoConsentToItsChannel) {
  const rules::RuleSet rules = Shop();
  const CampaignIndex index(rules);
  ASSERT_EQ(index.channels().size(), 2u);
  EXPECT_EQ(index.channels()[0].name, "email");
  EXPECT_THAT(index.channels()[0].campaigns, ElementsAre(0, 1));
  EXPECT_THAT(index.channels()[1].campaigns, ElementsAre(2));
  EXPECT_THAT(index.scheduled(), ElementsAre(3));
}

TEST(CampaignIndex, Find_IsMinusOneForWhatIsGone) {
  const rules::RuleSet rules = Shop();
  const CampaignIndex index(rules);
  EXPECT_EQ(index.Find("c"), 2);
  EXPECT_EQ(index.Find("z"), -1);
}

}  // namespace
}  // namespace tenure::decision
