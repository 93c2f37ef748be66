#include "clients/cli/fact_news.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

RowFacts::Facts Email(v1::ConsentState state) {
  RowFacts::Facts facts;
  v1::Consent& consent = facts.consents.emplace_back();
  consent.set_purpose("marketing");
  consent.set_channel("email");
  consent.set_state(state);
  return facts;
}

RowFacts::Facts Named(const std::string& name, int64_t value) {
  RowFacts::Facts facts;
  (*facts.attributes.mutable_values())[name].set_int_value(value);
  return facts;
}

int64_t MicrosOf(const v1::Event& event) {
  return event.event_time().seconds() * 1'000'000 + event.event_time().nanos() / 1'000;
}

TEST(FactNews, Of_RepeatedState_IsToldOnce) {
  FactNews news("import", "");
  EXPECT_EQ(news.Of("a", 1, Email(v1::CONSENT_STATE_GRANTED)).size(), 1u);
  EXPECT_EQ(news.Of("a", 2, Email(v1::CONSENT_STATE_GRANTED)).size(), 0u);
  EXPECT_EQ(news.Of("a", 2, Named("x", 1)).size(), 1u);
  EXPECT_EQ(news.Of("a", 3, Named("x", 1)).size(), 0u);
  EXPECT_EQ(news.Of("b", 3, Named("x", 1)).size(), 1u);
}

TEST(FactNews, Of_UndatedThereAndBack_HasThreeIds) {
  std::set<std::string> ids;
  for (const char* import : {"one", "two"}) {
    FactNews news("import", import);
    for (const auto state : {v1::CONSENT_STATE_REVOKED, v1::CONSENT_STATE_GRANTED,
                             v1::CONSENT_STATE_REVOKED, v1::CONSENT_STATE_REVOKED}) {
      for (const v1::Event& event : news.Of("a", std::nullopt, Email(state))) {
        EXPECT_FALSE(event.has_event_time());
        ids.insert(event.id());
      }
    }
  }
  EXPECT_EQ(ids.size(), 6u);
}

// Rows in any order of time: what the server folds from the news (the latest instant, and of one
// instant the stricter permission) is what it would fold from all rows.
TEST(FactNews, Of_RowsInAnyOrder_EndInTheSameState) {
  for (uint32_t seed = 0; seed < 2'000; ++seed) {
    std::mt19937 random(seed);
    const auto draw = [&](int n) { return static_cast<int>(random() % static_cast<uint32_t>(n)); };
    FactNews news("import", "");
    using Standing = std::tuple<int64_t, int>;
    Standing expected_consent = {-1, 0}, told_consent = {-1, 0};
    std::map<std::string, Standing> expected, told;
    std::set<std::string> ids;
    const auto fold = [](const std::string& name, int64_t at, int64_t value, auto* into) {
      Standing& standing = into->try_emplace(name, -1, 0).first->second;
      if (at >= std::get<0>(standing)) standing = {at, static_cast<int>(value)};
    };
    for (int row = 0; row < 8; ++row) {
      const int64_t at = draw(6);
      const auto state = static_cast<v1::ConsentState>(1 + draw(3));
      expected_consent = std::max(expected_consent, Standing{at, state});
      const std::string name = draw(2) == 0 ? "x" : "y";
      const int value = draw(2);
      const int64_t distinct = at * 8 + row;
      fold(name, distinct, value, &expected);
      std::vector<v1::Event> events = news.Of("a", at, Email(state));
      for (v1::Event& event : news.Of("a", distinct, Named(name, value))) {
        events.push_back(std::move(event));
      }
      for (const v1::Event& event : events) {
        // The server takes an id once.
        if (!ids.insert(event.id()).second) continue;
        if (event.has_consent()) {
          told_consent = std::max(told_consent, Standing{MicrosOf(event), event.consent().state()});
        }
        for (const auto& [key, stated] : event.attributes().values()) {
          fold(key, MicrosOf(event), stated.int_value(), &told);
        }
      }
    }
    EXPECT_EQ(std::get<1>(told_consent), std::get<1>(expected_consent)) << "seed " << seed;
    for (const auto& [key, standing] : expected) {
      EXPECT_EQ(std::get<1>(told[key]), std::get<1>(standing)) << key << ", seed " << seed;
    }
  }
}

}  // namespace
}  // namespace tenure::cli
