#include "server/decision/candidates.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace tenure::decision {
namespace {

using journal::CandidateRecord;
using journal::Gate;
using journal::Note;
using journal::Outcome;
using journal::Stop;

CandidateRecord Offer(uint16_t campaign, int8_t offer) {
  CandidateRecord candidate;
  candidate.campaign = campaign;
  candidate.offer = offer;
  return candidate;
}

journal::DecisionRecord Record() {
  journal::DecisionRecord record;
  for (const Stop stop : {Stop{Gate::kStage}, Stop{}, Stop{Gate::kQuietHours, Note::kNone, true},
                          Stop{Gate::kEligibility, Note::kMissing}, Stop{}}) {
    record.stops.push_back(static_cast<char>(stop.Byte()));
  }
  record.candidates = {Offer(1, 0), Offer(1, 1), Offer(4, 0)};
  return record;
}

TEST(ViewCandidates, StopsAndOffers_StandInTheOrderOfTheirCampaigns) {
  const journal::DecisionRecord record = Record();
  std::string seen;
  for (const CandidateView& view : ViewCandidates(record)) {
    absl::StrAppend(&seen, view.campaign, "/", view.offer, view.record == nullptr ? "- " : " ");
  }
  EXPECT_EQ(seen, "0/-1- 1/0 1/1 2/-1- 3/-1- 4/0 ");
}

TEST(ViewCandidates, Stops_SayHowTheyEnded) {
  const journal::DecisionRecord record = Record();
  const std::vector<CandidateView> views = ViewCandidates(record);
  EXPECT_EQ(views[0].outcome, Outcome::kFiltered);
  EXPECT_EQ(views[0].gate, Gate::kStage);
  EXPECT_EQ(views[3].outcome, Outcome::kDeferred);
  EXPECT_EQ(views[4].text, "missing");
  EXPECT_FALSE(views[4].IsValued());
}

TEST(NumberOfText, SameWords_AreKeptOnce) {
  journal::DecisionRecord record = Record();
  EXPECT_EQ(NumberOfText("", &record), 0);
  EXPECT_EQ(NumberOfText("weekly", &record), 1);
  EXPECT_EQ(NumberOfText("monthly", &record), 2);
  EXPECT_EQ(NumberOfText("weekly", &record), 1);
  record.candidates[0].detail = 2;
  EXPECT_EQ(TextOf(record, record.candidates[0]), "monthly");
}

TEST(WinnerOver, LostCandidate_NamesWhoTookThePlaceAndHasNoText) {
  journal::DecisionRecord record = Record();
  record.texts = {"weekly"};
  CandidateRecord& loser = record.candidates[0];
  EXPECT_EQ(WinnerOver(record, loser), nullptr);
  loser.outcome = Outcome::kLost;
  EXPECT_EQ(WinnerOver(record, loser), nullptr);  // the walk has not been there
  loser.detail = 3;
  EXPECT_EQ(WinnerOver(record, loser), &record.candidates[2]);
  EXPECT_EQ(TextOf(record, loser), "");
}

}  // namespace
}  // namespace tenure::decision
