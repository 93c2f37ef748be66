// An engine in a temporary folder with a clock that moves when told: what a case runs on.
#ifndef TENURE_TESTS_DECISIONS_SHOP_H_
#define TENURE_TESTS_DECISIONS_SHOP_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/engine/engine.h"
#include "tests/decisions/case_file.h"

namespace tenure::decisions {

class Shop {
 public:
  // Publishes the rules, ingests the events, activates the model and, where the file says so,
  // plans.
  static absl::StatusOr<std::unique_ptr<Shop>> Open(const CaseFile& file,
                                                    const std::string& plugins);
  ~Shop();

  absl::StatusOr<engine::Decision> Decide(const std::string& customer);
  absl::Status SettleLast(bool commit);  // the holds of the last decision
  absl::Status Pass(int64_t span_us);    // time goes by, with a tick at its end
  absl::StatusOr<std::string> VerifyLedger();
  engine::Engine& engine() { return *engine_; }

 private:
  explicit Shop(int64_t now_us) : clock_(now_us) {}
  absl::Status Prepare(const CaseFile& file);
  absl::Status Plan(const std::string& budget);

  FakeClock clock_;
  std::string folder_;
  std::shared_ptr<const plugin_host::Registry> plugins_;
  std::unique_ptr<engine::Engine> engine_;
  engine::Decision last_;
};

}  // namespace tenure::decisions

#endif  // TENURE_TESTS_DECISIONS_SHOP_H_
