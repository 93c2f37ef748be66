// A small shop over a real engine, journal and plugin: what the engine's tests share.
#ifndef TENURE_TESTS_ENGINE_SHOP_H_
#define TENURE_TESTS_ENGINE_SHOP_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/time.h"
#include "server/engine/engine.h"

namespace tenure::engine {

inline constexpr int64_t kStartUs = 17'532 * kMicrosPerDay;  // 2018-01-01, a Monday

// A rule set with one campaign that costs 1.00 a message from budget "lifecycle", no caps.
// `limit` is the month's, in currency units; `extra` is added to the campaign as written.
std::string ShopYaml(int64_t limit, const std::string& extra = "");
// Compiled; ends the test run where it has an error.
std::shared_ptr<const rules::RuleSet> ShopRulesOf(const std::string& yaml);
std::shared_ptr<const rules::RuleSet> ShopRules(int64_t limit, const std::string& extra = "");

// A plan of January over budget "lifecycle" of ShopRules: all of `micros` for segment everybody,
// who is whoever came first.
journal::PlanRecord ShopPlan(int64_t micros, const std::string& rule_set,
                             const std::string& model = "");
// A value model of known parameters; `scale` makes another one of it.
journal::ModelRecord ShopModel(double scale = 1);

journal::EventRecord Purchase(const std::string& customer, const std::string& event_id,
                              int64_t happened_us = kStartUs, int64_t micros = 20'000'000);
journal::EventRecord EmailConsent(const std::string& customer, const std::string& event_id,
                                  journal::ConsentState state, int64_t happened_us = kStartUs);

// A temporary data folder, a clock that stands still, and an engine that can be closed and opened.
class Shop {
 public:
  Shop();
  ~Shop();
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  Options options() const;
  // Ends the test run when it fails.
  void Open();
  void Open(Options options);
  void Open(Options options, std::unique_ptr<journal::Journal> journal);
  void Close() { engine.reset(); }

  absl::StatusOr<IngestResult> Ingest(std::vector<journal::EventRecord> events);
  absl::StatusOr<Decision> Decide(const std::string& customer, const std::string& request_id = "",
                                  const std::string& digest = "d", bool dry_run = false);
  absl::StatusOr<HoldState> CommitHold(uint64_t hold, int64_t micros,
                                       const std::string& request_id = "",
                                       const std::string& digest = "d");
  absl::StatusOr<HoldState> RefundHold(uint64_t hold, int64_t micros,
                                       const std::string& request_id = "",
                                       const std::string& digest = "d");
  absl::StatusOr<HoldState> Redeem(uint64_t coupon, int64_t micros,
                                   const std::string& request_id = "",
                                   const std::string& digest = "d");
  absl::StatusOr<HoldState> ReleaseHold(uint64_t hold, const std::string& request_id = "");
  absl::StatusOr<HoldState> GetHold(uint64_t hold);
  absl::StatusOr<uint64_t> Publish(std::shared_ptr<const rules::RuleSet> rules);
  absl::StatusOr<uint64_t> Activate(journal::PlanRecord plan);
  absl::StatusOr<uint64_t> Activate(journal::ModelRecord model);
  absl::StatusOr<uint64_t> Tick();
  absl::StatusOr<std::string> Verify();
  // Of every period of "lifecycle", by start.
  std::vector<BudgetBalance> History();
  // Of the budget's root; zeros where no period is open.
  BudgetBalance Balance(const std::string& path = "lifecycle");
  // The file of the one snapshot; empty where there is none.
  std::string SnapshotPath() const;
  std::string SnapshotBytes() const;
  void RemoveSnapshot() const;

  std::string dir;
  FakeClock clock{kStartUs};
  std::vector<std::string> logged;
  std::vector<Severity> severities;  // of each line
  std::unique_ptr<Engine> engine;
};

// The hold of a decision that selected something; 0 otherwise.
uint64_t HoldOf(const absl::StatusOr<Decision>& decision);

}  // namespace tenure::engine

#endif  // TENURE_TESTS_ENGINE_SHOP_H_
