// Readers beside the writer: nothing torn, nothing unpublished. Meant for ThreadSanitizer too.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

TEST(Population, ReadBesideTheWriter_IsNeverTorn) {
  const Valuation valuation{
      MakeRules({{{"lifecycle", {{"new", "purchases < 5", ""}, {"loyal", "purchases >= 5", ""}}}},
                 {{"region", DType::kString}},
                 {{"many", "purchases > 3"}}}),
      MakeModel(),
      {1, 0.5, {}, {}, {}}};
  Population population;
  std::atomic<bool> done{false};
  std::atomic<int64_t> reads{0};
  // The writer buys twice in a change, once each of 1 and 2 units: whoever sees an odd number of
  // purchases, or a revenue that does not fit, has seen a change that was not finished.
  std::thread writer([&] {
    Random random(1);
    for (int64_t i = 0; i < 400; ++i) {
      Change change(&population);
      for (int c = 0; c < 20; ++c) {
        const uint32_t number = change.FindOrAdd(absl::StrCat("c", random.Below(300)));
        const int64_t at_us = kStart + i * kDay;
        const int64_t happened_us = c % 5 == 0 ? at_us / 2 : at_us;  // some are late
        change.Apply(number, Bought(happened_us, 1'000'000, absl::StrCat("category ", i)), at_us,
                     valuation);
        change.Apply(number, Bought(happened_us, 2'000'000), at_us, valuation);
        change.Apply(number, AttributeEvent(at_us, "region", absl::StrCat("region ", i)), at_us,
                     valuation);
        Contact contact;
        contact.at_us = at_us;
        contact.campaign = absl::StrCat("campaign ", i);
        change.AddContact(number, contact);
      }
      if (i % 50 == 0) change.Tick(kStart + i * kDay, valuation);
      if (i % 3 != 0) change.Publish();  // the others fail
    }
    done = true;
  });
  std::vector<std::thread> readers;
  for (uint64_t t = 0; t < 3; ++t) {
    readers.emplace_back([&, t] {
      Random random(t + 10);
      Batch batch(valuation.rules->schema, 0);
      std::vector<Profile> profiles;
      while (!done || reads < 100) {
        std::vector<uint32_t> customers;
        for (int i = 0; i < 8; ++i) {
          const uint32_t number = population.Find(absl::StrCat("c", random.Below(300)));
          if (number != 0) customers.push_back(number);
        }
        population.Gather(customers, kStart + 500 * kDay, valuation, &batch, &profiles);
        for (size_t r = 0; r < customers.size(); ++r) {
          const int64_t purchases = batch.column(1).Int64(r);
          EXPECT_EQ(purchases % 2, 0);
          EXPECT_EQ(batch.column(5).Double(r), 1.5 * static_cast<double>(purchases));
          EXPECT_EQ(profiles[r].contacts.size() * 2, static_cast<size_t>(purchases));
        }
        const uint32_t newest = population.size();
        EXPECT_EQ(population.Get(newest).ok(), newest > 0);
        if (random.Below(50) == 0) (void)population.Summarize(kStart + 500 * kDay);
        ++reads;
      }
    });
  }
  writer.join();
  for (std::thread& reader : readers) reader.join();
  EXPECT_GT(population.size(), 100u);
}

}  // namespace
}  // namespace tenure::customers
