#include "tests/engine/shop.h"

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/value_model.h"
#include "server/decision/plugin_catalog.h"
#include "server/rules/compiler.h"

namespace tenure::engine {
namespace {

std::shared_ptr<const plugin_host::Registry> Plugins() {
  static const std::shared_ptr<const plugin_host::Registry> plugins = [] {
    // Tests stand in the build's tests/.
    const std::string build =
        std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path().string();
    auto loaded = plugin_host::Registry::LoadFolder(build + "/lib/tenure/engine-test-plugins");
    TENURE_CHECK(loaded.ok());
    TENURE_CHECK(loaded->all().size() == 1);
    return std::make_shared<const plugin_host::Registry>(*std::move(loaded));
  }();
  return plugins;
}

template <typename T>
absl::StatusOr<T> AwaitDone(const std::function<void(Done<T>)>& call) {
  auto promise = std::make_shared<std::promise<absl::StatusOr<T>>>();
  std::future<absl::StatusOr<T>> future = promise->get_future();
  call([promise](absl::StatusOr<T> result) { promise->set_value(std::move(result)); });
  return future.get();
}

}  // namespace

std::string ShopYaml(int64_t limit, const std::string& extra) {
  return absl::StrCat(R"(
name: shop
currency: USD
zone: UTC
tracks:
  - id: lifecycle
    stages:
      - {id: silent, enter: days_since_last_purchase > 30.0, exit: days_since_last_purchase < 30.0}
      - {id: active, enter: purchases >= 1, exit: days_since_last_purchase > 30.0}
budgets:
  - id: lifecycle
    period: month
    limit: )",
                      limit, R"(
    unplanned: 0
    segments:
      - {id: everybody}
campaigns:
  - id: thanks
    title: Thanks
    class: service
    channel: email
    plugin: steady
    offers:
      - {id: card, title: A card, contact_cost: 1.00}
    budget: lifecycle
)",
                      extra);
}

std::shared_ptr<const rules::RuleSet> ShopRulesOf(const std::string& yaml) {
  rules::Compiled compiled =
      rules::Compile({{"rules.yaml", yaml}}, decision::RegistryCatalog(Plugins()));
  for (const rules::Problem& problem : compiled.problems) {
    if (problem.severity == rules::Severity::kError) {
      std::fprintf(stderr, "%s\n", rules::Render(problem).c_str());
    }
  }
  TENURE_CHECK(compiled.rule_set != nullptr);
  return compiled.rule_set;
}

std::shared_ptr<const rules::RuleSet> ShopRules(int64_t limit, const std::string& extra) {
  return ShopRulesOf(ShopYaml(limit, extra));
}

journal::PlanRecord ShopPlan(int64_t micros, const std::string& rule_set,
                             const std::string& model) {
  journal::PlanRecord plan;
  plan.budget = "lifecycle";
  plan.rule_set = rule_set;
  plan.model = model;
  plan.start_us = kStartUs;
  plan.end_us = kStartUs + 31 * kMicrosPerDay;
  plan.nodes = {{"lifecycle", -1, micros},
                {"lifecycle/everybody", 0, micros},
                {"lifecycle/unplanned", 0, 0},
                {"lifecycle/everybody/thanks", 1, micros},
                {"lifecycle/unplanned/thanks", 2, 0}};
  plan.segment_of = std::string(1, '\0');
  return plan;
}

journal::ModelRecord ShopModel(double scale) {
  clv::ValueParameters parameters;
  parameters.model = "nbd";
  parameters.purchase = {0.5 * scale, 8};
  parameters.spend = {6, 4, 15};
  const auto model = clv::ValueModel::Create(parameters, {});
  TENURE_CHECK(model.ok());
  journal::ModelRecord record;
  record.model_json = (*model)->ToJson();
  record.hash = absl::StrCat("model-", scale);
  record.cut_points.recency_days = {1, 2, 3, 4};
  record.cut_points.frequency = {1, 2, 3, 4};
  record.cut_points.monetary = {1, 2, 3, 4};
  return record;
}

journal::EventRecord Purchase(const std::string& customer, const std::string& event_id,
                              int64_t happened_us, int64_t micros) {
  journal::EventRecord event;
  event.source = "shop";
  event.event_id = event_id;
  event.customer_id = customer;
  event.type = journal::EventType::kPurchase;
  event.happened_us = happened_us;
  event.amount_micros = micros;
  return event;
}

journal::EventRecord EmailConsent(const std::string& customer, const std::string& event_id,
                                  journal::ConsentState state, int64_t happened_us) {
  journal::EventRecord event = Purchase(customer, event_id, happened_us, 0);
  event.type = journal::EventType::kConsent;
  event.channel = "email";
  event.purpose = "marketing";
  event.consent = state;
  return event;
}

Shop::Shop() {
  std::string pattern = std::filesystem::temp_directory_path().string() + "/engineXXXXXX";
  TENURE_CHECK(mkdtemp(pattern.data()) != nullptr);
  dir = pattern;
}

Shop::~Shop() {
  Close();
  std::filesystem::remove_all(dir);
}

Options Shop::options() const {
  Options options;
  options.data_dir = dir;
  options.clock = &clock;
  options.plugins = Plugins();
  return options;
}

void Shop::Open() { Open(options()); }

void Shop::Open(Options options) {
  options.log = [this](Severity severity, absl::string_view line) {
    logged.emplace_back(line);
    severities.push_back(severity);
  };
  absl::StatusOr<std::unique_ptr<Engine>> opened = Engine::Open(std::move(options));
  if (!opened.ok()) std::fprintf(stderr, "%s\n", opened.status().ToString().c_str());
  TENURE_CHECK(opened.ok());
  engine = *std::move(opened);
}

void Shop::Open(Options options, std::unique_ptr<journal::Journal> journal) {
  absl::StatusOr<std::unique_ptr<Engine>> opened =
      Engine::Open(std::move(options), std::move(journal));
  TENURE_CHECK(opened.ok());
  engine = *std::move(opened);
}

absl::StatusOr<IngestResult> Shop::Ingest(std::vector<journal::EventRecord> events) {
  return AwaitDone<IngestResult>(
      [&](Done<IngestResult> done) { engine->Ingest(std::move(events), std::move(done)); });
}

absl::StatusOr<Decision> Shop::Decide(const std::string& customer, const std::string& request_id,
                                      const std::string& digest, bool dry_run) {
  return AwaitDone<Decision>([&](Done<Decision> done) {
    engine->Decide({{"test", request_id, digest}, customer, dry_run}, std::move(done));
  });
}

absl::StatusOr<HoldState> Shop::CommitHold(uint64_t hold, int64_t micros,
                                           const std::string& request_id,
                                           const std::string& digest) {
  return AwaitDone<HoldState>([&](Done<HoldState> done) {
    engine->CommitHold({"test", request_id, digest}, hold, micros, std::move(done));
  });
}

absl::StatusOr<HoldState> Shop::RefundHold(uint64_t hold, int64_t micros,
                                           const std::string& request_id,
                                           const std::string& digest) {
  return AwaitDone<HoldState>([&](Done<HoldState> done) {
    engine->RefundHold({"test", request_id, digest}, hold, micros, std::move(done));
  });
}

absl::StatusOr<HoldState> Shop::Redeem(uint64_t coupon, int64_t micros,
                                       const std::string& request_id, const std::string& digest) {
  return AwaitDone<HoldState>([&](Done<HoldState> done) {
    engine->RedeemCoupon({"test", request_id, digest}, coupon, micros, std::move(done));
  });
}

absl::StatusOr<HoldState> Shop::ReleaseHold(uint64_t hold, const std::string& request_id) {
  return AwaitDone<HoldState>([&](Done<HoldState> done) {
    engine->ReleaseHold({"test", request_id, "d"}, hold, std::move(done));
  });
}

absl::StatusOr<HoldState> Shop::GetHold(uint64_t hold) {
  return AwaitDone<HoldState>(
      [&](Done<HoldState> done) { engine->GetHold(hold, std::move(done)); });
}

absl::StatusOr<uint64_t> Shop::Publish(std::shared_ptr<const rules::RuleSet> rules) {
  return AwaitDone<uint64_t>([&](Done<uint64_t> done) {
    engine->PublishRules({"test", "", ""}, std::move(rules), std::move(done));
  });
}

absl::StatusOr<uint64_t> Shop::Activate(journal::PlanRecord plan) {
  return AwaitDone<uint64_t>(
      [&](Done<uint64_t> done) { engine->ActivatePlan(std::move(plan), std::move(done)); });
}

absl::StatusOr<uint64_t> Shop::Activate(journal::ModelRecord model) {
  return AwaitDone<uint64_t>(
      [&](Done<uint64_t> done) { engine->RecordModel(std::move(model), std::move(done)); });
}

absl::StatusOr<uint64_t> Shop::Tick() {
  return AwaitDone<uint64_t>([&](Done<uint64_t> done) { engine->Tick(std::move(done)); });
}

absl::StatusOr<std::string> Shop::Verify() {
  return AwaitDone<std::string>(
      [&](Done<std::string> done) { engine->VerifyLedger(std::move(done)); });
}

BudgetBalance Shop::Balance(const std::string& path) {
  const auto balances = AwaitDone<std::vector<BudgetBalance>>(
      [&](Done<std::vector<BudgetBalance>> done) { engine->GetBalances(std::move(done)); });
  for (const BudgetBalance& balance : *balances) {
    if (balance.path == path) return balance;
  }
  return {};
}

std::vector<BudgetBalance> Shop::History() {
  const auto history =
      AwaitDone<std::vector<BudgetBalance>>([&](Done<std::vector<BudgetBalance>> done) {
        engine->GetBalanceHistory("lifecycle", std::move(done));
      });
  std::vector<BudgetBalance> roots;
  for (const BudgetBalance& balance : *history) {
    if (balance.path == "lifecycle") roots.push_back(balance);
  }
  return roots;
}

std::string Shop::SnapshotPath() const {
  for (const auto& file : std::filesystem::directory_iterator(dir)) {
    if (file.path().filename().string().rfind("snapshot-", 0) == 0) return file.path().string();
  }
  return "";
}

std::string Shop::SnapshotBytes() const {
  std::ifstream file(SnapshotPath(), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void Shop::RemoveSnapshot() const { std::filesystem::remove(SnapshotPath()); }

uint64_t HoldOf(const absl::StatusOr<Decision>& decision) {
  if (!decision.ok() || decision->record.selections.empty()) return 0;
  return decision->record.selections[0].hold_id;
}

}  // namespace tenure::engine
