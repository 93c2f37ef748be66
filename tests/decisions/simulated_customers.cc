#include "tests/decisions/simulated_customers.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/clv/shop_simulator.h"

namespace tenure::decisions {

void AddSimulatedCustomers(int customers, double weeks, uint64_t seed, CaseFile* file) {
  clv::Scenario scenario;
  scenario.model = file->parameters.model;
  scenario.parameters = file->parameters.purchase;
  const std::vector<double>& spend = file->parameters.spend;
  if (!spend.empty()) scenario.spend = {spend[0], spend[1], spend[2]};
  scenario.length = scenario.joining = weeks;
  scenario.seed = seed;
  const auto shop = clv::ShopSimulator::Create(std::move(scenario));
  TENURE_CHECK(shop.ok());
  clv::ShopCustomer drawn;
  for (int c = 0; c < customers; ++c) {
    shop->Draw(static_cast<uint64_t>(c), &drawn);
    journal::EventRecord event;
    event.source = "test";
    event.customer_id = absl::StrCat("c", c);
    for (size_t n = 0; n < drawn.times.size(); ++n) {
      const double days_ago = (weeks - drawn.joined - drawn.times[n]) * 7;
      event.event_id = absl::StrCat(event.customer_id, "-", n);
      event.happened_us = file->at_us - static_cast<int64_t>(days_ago * kMicrosPerDay);
      event.amount_micros = static_cast<int64_t>(std::round(drawn.spends[n] * 100)) * 10'000;
      file->events.push_back(event);
    }
    event.type = journal::EventType::kConsent;
    event.event_id = absl::StrCat(event.customer_id, "-consent");
    event.happened_us = file->at_us;
    event.amount_micros = 0;
    event.channel = "email";
    event.purpose = "marketing";
    file->events.push_back(event);
  }
}

}  // namespace tenure::decisions
