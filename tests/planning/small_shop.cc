#include "tests/planning/small_shop.h"

#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/clv/model_kind.h"
#include "server/clv/simulate.h"
#include "server/decision/plugin_catalog.h"
#include "server/planning/model_fit.h"
#include "server/rules/compiler.h"

namespace tenure::planning {
namespace {

constexpr double kWeeks = 104;
constexpr double kMarginRate = 0.3;
constexpr char kHead[] = R"(
name: small
currency: EUR
zone: UTC
value: {model: mbg_nbd}
holdout: {share: 3 %, salt: small}
tracks:
  - id: lifecycle
    stages:
      - {id: silent, enter: days_since_last_purchase > 120.0, exit: days_since_last_purchase < 60.0}
      - {id: active, enter: days_since_last_purchase <= 120.0}
campaigns:
  - id: more
    channel: email
    stages: [active]
    plugin: upsell
    params: {min_purchases: 1}
    offers:
      - {id: note, contact_cost: 0.02}
      - {id: five, contact_cost: 0.02, discount_rate: 5 %, max_discount: 5, valid_days: 14}
    budget: all
    holdout: {share: 10 %}
  - id: back
    channel: email
    stages: [silent]
    plugin: win_back
    offers: [{id: note, contact_cost: 0.10}]
    budget: all
budgets:
)";

journal::EventRecord Bought(int64_t at_us, double spend) {
  journal::EventRecord event;
  event.happened_us = at_us;
  event.amount_micros = static_cast<int64_t>(std::round(spend * 100)) * 10'000;
  event.margin_micros = event.amount_micros * 3 / 10;
  return event;
}

journal::EventRecord Allowed(int64_t at_us) {
  journal::EventRecord event;
  event.type = journal::EventType::kConsent;
  event.happened_us = at_us;
  event.channel = "email";
  event.purpose = "marketing";
  return event;
}

void Draw(const clv::Simulator& simulator, int customers, const customers::Valuation& valuation,
          SmallShop* shop) {
  customers::Change change(&shop->population);
  clv::SimulatedCustomer drawn;
  for (int i = 0; i < customers; ++i) {
    const double joined = kWeeks * simulator.UniformOf(static_cast<uint64_t>(i), 1);
    simulator.Draw(static_cast<uint64_t>(i), kWeeks - joined, &drawn);
    const uint32_t number = change.FindOrAdd(absl::StrCat("c", i));
    const auto at = [&](double week) {
      return kNow - static_cast<int64_t>((kWeeks - joined - week) * 7 * kMicrosPerDay) - 1;
    };
    change.Apply(number, Allowed(at(0)), kNow, valuation);
    for (size_t k = 0; k < drawn.times.size(); ++k) {
      change.Apply(number, Bought(at(drawn.times[k]), drawn.spends[k]), kNow, valuation);
    }
    shop->truth.push_back({drawn.AliveAt(kWeeks - joined), drawn.rate / 7, drawn.dropout,
                           drawn.mean_spend, kMarginRate * drawn.mean_spend});
  }
  change.Publish();
}

}  // namespace

std::unique_ptr<SmallShop> MakeShop(const std::string& budgets, int customers, uint64_t seed) {
  auto shop = std::make_unique<SmallShop>();
  const std::string folder = absl::StrCat(std::getenv("TENURE_BINARY_DIR"), "/lib/tenure/plugins");
  shop->plugins =
      std::make_unique<plugin_host::Registry>(plugin_host::Registry::LoadFolder(folder).value());
  const decision::RegistryCatalog catalog(
      std::make_shared<const plugin_host::Registry>(*shop->plugins));
  const rules::Compiled compiled =
      rules::Compile({{"rules.yaml", absl::StrCat(kHead, budgets)}}, catalog);
  for (const rules::Problem& problem : compiled.problems) {
    std::fprintf(stderr, "%s\n", rules::Render(problem).c_str());
  }
  TENURE_CHECK(compiled.rule_set != nullptr);

  const std::vector<double> purchase = {0.525, 6.183, 0.891, 1.614}, spend = {6.25, 3.74, 44};
  const auto drawn_by = clv::CreatePurchaseModel("mbg_nbd", purchase).value();
  customers::Valuation valuation{compiled.rule_set, nullptr, journal::CutPoints()};
  Draw(clv::Simulator(drawn_by, {spend[0], spend[1], spend[2]}, seed), customers, valuation,
       shop.get());

  const auto record = FitPopulation(compiled.rule_set, shop->population, {kNow, 0}).value();
  valuation.model = clv::ValueModel::FromJson(record.model_json).value();
  valuation.cut_points = record.cut_points;
  customers::Change change(&shop->population);
  change.Tick(kNow, valuation);
  change.Publish();
  shop->world = decision::MakeWorld(valuation, record.hash, {}, *shop->plugins, 1);
  clv::ValueParameters known;
  known.model = "mbg_nbd";
  known.purchase = purchase;
  known.spend = spend;
  valuation.model = clv::ValueModel::Create(known, valuation.model->options()).value();
  valuation.cut_points = shop->population.CutPointsAt(kNow, valuation);
  shop->oracle = decision::MakeWorld(valuation, "known", {}, *shop->plugins, 1);
  return shop;
}

}  // namespace tenure::planning
