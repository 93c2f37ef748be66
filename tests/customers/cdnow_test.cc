// The CDNOW purchases, folded, against summary.csv of the shared data, which was derived from the
// same transactions.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "server/base/money.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

std::string SharedFile(const std::string& name) {
  const char* shared = std::getenv("TENURE_SHARED_DIR");
  const char* source = std::getenv("TENURE_SOURCE_DIR");
  const std::string folder =
      shared != nullptr ? shared : std::string(source == nullptr ? "." : source) + "/../shared";
  return folder + "/data/cdnow/" + name;
}

std::vector<std::vector<std::string>> Rows(const std::string& path) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    rows.push_back(absl::StrSplit(line, ','));
  }
  return rows;
}

double Double(const std::string& text) {
  double value = std::nan("");
  (void)absl::SimpleAtod(text, &value);
  return value;
}

TEST(Cdnow, Folded_GivesThePublishedSummary) {
  const auto transactions = Rows(SharedFile("transactions.csv"));
  const auto summary = Rows(SharedFile("summary.csv"));
  if (transactions.empty() || summary.empty()) {
    GTEST_SKIP() << "no CDNOW data at " << SharedFile("");
  }
  Population population;
  Change change(&population);
  // Backwards, so that every purchase is late.
  for (auto row = transactions.rbegin(); row != transactions.rend(); ++row) {
    const int64_t at_us = ParseInstant((*row)[2]).value();
    const int64_t micros = ParseMicros((*row)[4]).value();
    change.Apply(change.FindOrAdd((*row)[1]), Bought(at_us, micros), at_us, {});
  }
  change.Publish();
  ASSERT_EQ(population.size(), 2'357u);
  const Population::Summary got =
      population.Summarize(ParseInstant("1998-06-30").value(), ParseInstant("1997-09-30").value());
  ASSERT_EQ(got.customers.size(), summary.size());
  std::map<uint32_t, size_t> place;
  for (size_t i = 0; i < got.customers.size(); ++i) place[got.customers[i]] = i;
  double held_out = 0;
  for (const auto& row : summary) {
    SCOPED_TRACE(row[0]);
    const size_t i = place.at(population.Find(row[0]));
    const clv::Observation& observed = got.observations[i];
    EXPECT_EQ(observed.frequency, Double(row[1]));
    EXPECT_DOUBLE_EQ(observed.recency_days, 7 * Double(row[2]));
    EXPECT_DOUBLE_EQ(observed.age_days, 7 * Double(row[3]));
    if (observed.frequency > 0) {
      EXPECT_NEAR(observed.mean_spend, Double(row[4]), 1e-6);
    } else {
      EXPECT_TRUE(std::isnan(observed.mean_spend));
    }
    EXPECT_EQ(got.holdout_purchases[i], Double(row[5]));
    held_out += got.holdout_purchases[i];
  }
  EXPECT_EQ(held_out, 1'882);  // as its README says
}

TEST(Cdnow, CutPoints_SplitTheCustomersByTheirShares) {
  const auto transactions = Rows(SharedFile("transactions.csv"));
  if (transactions.empty()) GTEST_SKIP() << "no CDNOW data at " << SharedFile("");
  Population population;
  Change change(&population);
  for (const auto& row : transactions) {
    const int64_t at_us = ParseInstant(row[2]).value();
    change.Apply(change.FindOrAdd(row[1]), Bought(at_us, ParseMicros(row[4]).value()), at_us, {});
  }
  change.Publish();
  const int64_t at_us = ParseInstant("1998-06-30").value();
  Valuation valuation{nullptr, MakeModel(), {}};
  valuation.cut_points = population.CutPointsAt(at_us, valuation);
  std::vector<uint32_t> everybody(population.size());
  for (uint32_t i = 0; i < everybody.size(); ++i) everybody[i] = i + 1;
  Batch batch = FeaturesOf(population, 1, at_us, valuation);
  population.Gather(everybody, at_us, valuation, &batch, nullptr);
  std::map<std::string, int> tiers, recency;
  for (size_t r = 0; r < batch.rows(); ++r) {
    ++tiers[ValueOf(batch, "tier", r)];
    ++recency[ValueOf(batch, "rfm_recency", r)];
  }
  // One-time buyers of the same day have the same value: ties at the cuts.
  EXPECT_NEAR(tiers["high"], 0.2 * 2'357, 10);
  EXPECT_NEAR(tiers["medium"], 0.3 * 2'357, 10);
  EXPECT_EQ(tiers["high"] + tiers["medium"] + tiers["low"], 2'357);
  for (const char* score : {"1", "2", "3", "4", "5"}) {
    EXPECT_NEAR(recency[score], 0.2 * 2'357, 40) << score;  // ties by day
  }
}

}  // namespace
}  // namespace tenure::customers
