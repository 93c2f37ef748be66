#include "tests/decisions/shop.h"

#include <stdlib.h>

#include <filesystem>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/digest.h"
#include "server/base/status.h"
#include "server/decision/plugin_catalog.h"
#include "server/planning/plan.h"
#include "server/rules/compiler.h"

namespace tenure::decisions {
namespace {

// Waits for the one answer of an asynchronous call.
template <typename T>
class Answer {
 public:
  engine::Done<T> done() {
    return [this](absl::StatusOr<T> answer) { promise_.set_value(std::move(answer)); };
  }
  absl::StatusOr<T> Wait() { return promise_.get_future().get(); }

 private:
  std::promise<absl::StatusOr<T>> promise_;
};

std::string TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "tenure-shop-XXXXXX").string();
  TENURE_CHECK(mkdtemp(name.data()) != nullptr);
  return name;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Shop>> Shop::Open(const CaseFile& file, const std::string& plugins) {
  std::unique_ptr<Shop> shop(new Shop(file.at_us));
  TENURE_ASSIGN_OR_RETURN(plugin_host::Registry registry,
                          plugin_host::Registry::LoadFolder(plugins));
  shop->plugins_ = std::make_shared<const plugin_host::Registry>(std::move(registry));
  shop->folder_ = TemporaryFolder();
  engine::Options options;
  options.data_dir = shop->folder_;
  options.clock = &shop->clock_;
  options.plugins = shop->plugins_;
  TENURE_ASSIGN_OR_RETURN(shop->engine_, engine::Engine::Open(options));
  TENURE_RETURN_IF_ERROR(shop->Prepare(file));
  return shop;
}

Shop::~Shop() {
  engine_.reset();
  std::error_code ignored;  // a leftover folder in /tmp harms nobody
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

absl::Status Shop::Prepare(const CaseFile& file) {
  const decision::RegistryCatalog catalog(plugins_);
  const rules::Compiled compiled = rules::Compile(file.sources, catalog);
  if (compiled.rule_set == nullptr) {
    std::string all;
    for (const rules::Problem& problem : compiled.problems) {
      absl::StrAppend(&all, rules::Render(problem), "\n");
    }
    return absl::InvalidArgumentError(all);
  }
  Answer<uint64_t> published;
  engine_->PublishRules({}, compiled.rule_set, published.done());
  TENURE_RETURN_IF_ERROR(published.Wait().status());
  Answer<engine::IngestResult> ingested;
  engine_->Ingest(file.events, ingested.done());
  TENURE_ASSIGN_OR_RETURN(const engine::IngestResult result, ingested.Wait());
  for (size_t i = 0; i < result.statuses.size(); ++i) {
    if (result.statuses[i] != engine::EventStatus::kAccepted) {
      return absl::InvalidArgumentError(absl::StrCat("event ", i, ": ", result.reasons[i]));
    }
  }
  clv::ValueOptions options;
  options.margin_rate = file.margin_rate;
  TENURE_ASSIGN_OR_RETURN(const auto model, clv::ValueModel::Create(file.parameters, options));
  journal::ModelRecord record;
  record.model_json = model->ToJson();
  record.hash = Sha256Hex(record.model_json);
  record.cut_points = engine_->population().CutPointsAt(
      file.at_us, {compiled.rule_set, model, journal::CutPoints()});
  Answer<uint64_t> activated;
  engine_->RecordModel(record, activated.done());
  TENURE_RETURN_IF_ERROR(activated.Wait().status());
  return file.plan.empty() ? absl::OkStatus() : Plan(file.plan);
}

absl::Status Shop::Plan(const std::string& budget) {
  planning::PlanRequest request;
  request.budget = budget;
  request.at_us = engine_->NowUs();
  TENURE_ASSIGN_OR_RETURN(planning::Plan plan,
                          planning::MakePlan(*engine_->world(), engine_->population(), request));
  Answer<uint64_t> activated;
  engine_->ActivatePlan(std::move(plan.record), activated.done());
  return activated.Wait().status();
}

absl::StatusOr<engine::Decision> Shop::Decide(const std::string& customer) {
  engine::DecideRequest request;
  request.customer_id = customer;
  Answer<engine::Decision> decided;
  engine_->Decide(request, decided.done());
  TENURE_ASSIGN_OR_RETURN(last_, decided.Wait());
  return last_;
}

absl::Status Shop::SettleLast(bool commit) {
  for (const journal::SelectionRecord& selection : last_.record.selections) {
    if (selection.hold_id == 0) continue;
    Answer<engine::HoldState> settled;
    if (commit) {
      engine_->CommitHold({}, selection.hold_id, selection.held_micros, settled.done());
    } else {
      engine_->ReleaseHold({}, selection.hold_id, settled.done());
    }
    TENURE_RETURN_IF_ERROR(settled.Wait().status());
  }
  return absl::OkStatus();
}

absl::Status Shop::Pass(int64_t span_us) {
  clock_.Advance(span_us);
  Answer<uint64_t> ticked;
  engine_->Tick(ticked.done());
  return ticked.Wait().status();
}

absl::StatusOr<std::string> Shop::VerifyLedger() {
  Answer<std::string> verified;
  engine_->VerifyLedger(verified.done());
  return verified.Wait();
}

}  // namespace tenure::decisions
