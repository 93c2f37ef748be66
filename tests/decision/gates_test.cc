#include "server/decision/gates.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/time.h"

namespace tenure::decision {
namespace {

int64_t At(const char* text) { return ParseInstant(text).value(); }

customers::Contact ContactAt(int64_t at_us, const std::string& campaign) {
  customers::Contact contact;
  contact.at_us = at_us;
  contact.campaign = campaign;
  contact.channel = "email";
  contact.stage = "new";
  contact.tags = {"discount"};
  return contact;
}

rules::Campaign CampaignOf(const std::string& id) {
  rules::Campaign campaign;
  campaign.id = id;
  campaign.channel = "email";
  campaign.tags = {"discount"};
  return campaign;
}

TEST(Consented, UnknownChannelOrPurpose_IsNo) {
  customers::Profile profile;
  EXPECT_FALSE(Consented(profile, "email"));
  profile.consents.push_back({"email", "service", journal::ConsentState::kGranted, 0});
  EXPECT_FALSE(Consented(profile, "email"));
  profile.consents.push_back({"email", "marketing", journal::ConsentState::kGranted, 0});
  EXPECT_TRUE(Consented(profile, "email"));
  EXPECT_FALSE(Consented(profile, "sms"));
  profile.consents[1].state = journal::ConsentState::kRevoked;
  EXPECT_FALSE(Consented(profile, "email"));
}

TEST(MayReenter, Cooldown_EndsExactlyWhenItIsOver) {
  rules::Campaign campaign = CampaignOf("welcome");
  campaign.cooldown_us = 30 * kMicrosPerDay;
  customers::Profile profile;
  profile.contacts.push_back(ContactAt(At("2018-01-01"), "welcome"));
  EXPECT_FALSE(MayReenter(campaign, profile, At("2018-01-31") - 1));
  EXPECT_TRUE(MayReenter(campaign, profile, At("2018-01-31")));
}

TEST(MayReenter, OnceAndPerEntry_LookAtWhatHasBeen) {
  rules::Campaign campaign = CampaignOf("welcome");
  customers::Profile profile;
  profile.contacts.push_back(ContactAt(At("2018-01-10"), "welcome"));
  campaign.reentry = rules::Reentry::kOnce;
  EXPECT_FALSE(MayReenter(campaign, profile, At("2020-01-01")));
  campaign.reentry = rules::Reentry::kPerEntry;
  profile.stage_entered_us = At("2018-01-01");
  EXPECT_FALSE(MayReenter(campaign, profile, At("2020-01-01")));
  profile.stage_entered_us = At("2018-01-11");
  EXPECT_TRUE(MayReenter(campaign, profile, At("2020-01-01")));
}

TEST(FullCap, RollingWindow_CountsToTheMicrosecond) {
  rules::RuleSet rules;
  rules.zone = "UTC";
  rules::Cap cap;
  cap.id = "weekly";
  cap.count = 1;
  cap.rolling_us = 7 * kMicrosPerDay;
  rules.caps.push_back(cap);
  const rules::Campaign campaign = CampaignOf("welcome");
  customers::Profile profile;
  profile.contacts.push_back(ContactAt(At("2018-01-01"), "loyalty"));
  EXPECT_NE(FullCap(rules, campaign, profile, "new", {}, At("2018-01-08") - 1), nullptr);
  EXPECT_EQ(FullCap(rules, campaign, profile, "new", {}, At("2018-01-08")), nullptr);
}

TEST(FullCap, CalendarWindow_StartsWithTheLocalPeriod) {
  rules::RuleSet rules;
  rules.zone = "America/New_York";
  rules::Cap cap;
  cap.count = 1;
  cap.calendar = Period::kDay;
  rules.caps.push_back(cap);
  const rules::Campaign campaign = CampaignOf("welcome");
  customers::Profile profile;
  profile.contacts.push_back(ContactAt(At("2018-01-03T04:59:59Z"), "x"));  // still January 2nd
  EXPECT_EQ(FullCap(rules, campaign, profile, "new", {}, At("2018-01-03T05:00:00Z")), nullptr);
  profile.contacts.push_back(ContactAt(At("2018-01-03T05:00:00Z"), "x"));
  EXPECT_NE(FullCap(rules, campaign, profile, "new", {}, At("2018-01-03T23:00:00Z")), nullptr);
}

TEST(FullCap, Scopes_CountOnlyTheirOwn) {
  rules::RuleSet rules;
  rules.zone = "UTC";
  rules::Cap cap;
  cap.count = 1;
  cap.rolling_us = 7 * kMicrosPerDay;
  rules.caps.push_back(cap);
  const rules::Campaign campaign = CampaignOf("welcome");
  customers::Profile profile;
  profile.contacts.push_back(ContactAt(At("2018-01-01"), "loyalty"));
  const auto full = [&](rules::CapScope scope, const std::string& value) {
    rules.caps[0].scope = scope;
    rules.caps[0].scope_value = value;
    return FullCap(rules, campaign, profile, "new", {}, At("2018-01-02")) != nullptr;
  };
  EXPECT_FALSE(full(rules::CapScope::kCampaign, "welcome"));
  EXPECT_FALSE(full(rules::CapScope::kCampaign, "loyalty"));
  EXPECT_TRUE(full(rules::CapScope::kTag, "discount"));
  EXPECT_TRUE(full(rules::CapScope::kStage, "new"));
  EXPECT_FALSE(full(rules::CapScope::kStage, "lost"));
  EXPECT_TRUE(full(rules::CapScope::kChannel, "email"));
  EXPECT_FALSE(full(rules::CapScope::kChannel, "sms"));
}

TEST(FullCap, ContactsThatDoNotCount_AndCampaignsThatNeedNotObey_AreOutside) {
  rules::RuleSet rules;
  rules.zone = "UTC";
  rules::Cap cap;
  cap.count = 1;
  cap.rolling_us = 7 * kMicrosPerDay;
  rules.caps.push_back(cap);
  rules::Campaign campaign = CampaignOf("welcome");
  customers::Profile profile;
  profile.contacts.push_back(ContactAt(At("2018-01-01"), "receipt"));
  campaign.obeys_caps = false;
  EXPECT_EQ(FullCap(rules, campaign, profile, "new", {}, At("2018-01-02")), nullptr);
  campaign.obeys_caps = true;
  profile.contacts[0].counts = false;
  EXPECT_EQ(FullCap(rules, campaign, profile, "new", {}, At("2018-01-02")), nullptr);
  const rules::Campaign other = CampaignOf("loyalty");
  const rules::Campaign* taken[] = {&other};
  EXPECT_NE(FullCap(rules, campaign, profile, "new", taken, At("2018-01-02")), nullptr);
}

TEST(QuietUntil, AcrossMidnight_EndsNextMorning) {
  rules::RuleSet rules;
  rules.zone = "UTC";
  EXPECT_FALSE(QuietUntil(rules, At("2018-01-02T23:00:00Z")).has_value());
  rules.quiet_hours = rules::QuietHours{21 * 60, 8 * 60, true};
  EXPECT_EQ(QuietUntil(rules, At("2018-01-02T23:00:00Z")), At("2018-01-03T08:00:00Z"));
  EXPECT_EQ(QuietUntil(rules, At("2018-01-02T07:59:59Z")), At("2018-01-02T08:00:00Z"));
  EXPECT_FALSE(QuietUntil(rules, At("2018-01-02T08:00:00Z")).has_value());
  EXPECT_FALSE(QuietUntil(rules, At("2018-01-02T20:59:59Z")).has_value());
}

TEST(Holdouts, GrowingShare_KeepsWhoWasIn) {
  rules::RuleSet rules;
  rules.holdout.salt = "2018";
  int before = 0, after = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string id = absl::StrCat("c", i);
    rules.holdout.share = 300;
    const bool small = InGlobalHoldout(rules, id);
    rules.holdout.share = 500;
    const bool large = InGlobalHoldout(rules, id);
    EXPECT_TRUE(!small || large);
    before += small;
    after += large;
  }
  EXPECT_NEAR(before, 600, 5 * 25);   // five standard deviations of Binomial(20000, 0.03)
  EXPECT_NEAR(after, 1'000, 5 * 31);  // and of Binomial(20000, 0.05)
}

TEST(Holdouts, CampaignsDraw_IndependentlyOfEachOther) {
  rules::RuleSet rules;
  rules.holdout.salt = "2018";
  rules::Campaign a = CampaignOf("a"), b = CampaignOf("b");
  a.holdout_share = b.holdout_share = 5'000;
  int both = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string id = absl::StrCat("c", i);
    both += InCampaignHoldout(rules, a, id) && InCampaignHoldout(rules, b, id);
  }
  EXPECT_NEAR(both, 5'000, 5 * 62);
}

}  // namespace
}  // namespace tenure::decision
