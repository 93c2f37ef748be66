#include "server/main/refit.h"

#include <future>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/engine/engine.h"
#include "server/planning/model_fit.h"
#include "server/planning/model_health.h"
#include "server/planning/population_report.h"

namespace tenure::daemon {
namespace {

constexpr int64_t kLookUs = 5'000'000;        // real time between two looks at the clock
constexpr int64_t kRetryUs = kMicrosPerHour;  // engine's time, as all that follow
constexpr int64_t kDriftUs = kMicrosPerDay;   // between two looks at the drift
constexpr double kLeastShareOfWindow = 0.25;  // of the response window, after any version

int64_t DaysUs(double days) {
  return static_cast<int64_t>(days * static_cast<double>(kMicrosPerDay));
}

}  // namespace

void Refit::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Refit::Stop() {
  stopping_ = true;
  {
    MutexLock lock(&mutex_);
    stop_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Refit::Run() {
  while (!stopping_) {
    const absl::StatusOr<uint64_t> seq = RunIfDue();
    if (!seq.ok() && !stopping_) {
      Log(log_, Severity::kWarning,
          absl::StrCat("No refit, tried again in an hour: ", seq.status().message()));
    }
    MutexLock lock(&mutex_);
    if (!stopping_) stop_.WaitFor(&mutex_, kLookUs);
  }
}

absl::StatusOr<std::string> Refit::WhyDue(int64_t now_us, uint64_t* last_version) {
  const auto world = engine_->world();
  if (world == nullptr || world->rules == nullptr) return "";
  const rules::ValueSettings& value = world->rules->value;
  const auto in_force = engine_->GetModel();
  if (!value.refit.has_value() || !in_force.ok()) return "";
  TENURE_ASSIGN_OR_RETURN(const auto page, engine_->ListModels(0, 1));
  if (page.versions.empty()) return "";
  const engine::ModelVersion& last = page.versions.front();
  *last_version = last.seq;
  const int64_t age_us = now_us - last.at_us;
  if (value.refit->every_us > 0 && age_us >= value.refit->every_us) {
    return absl::StrCat("the last version is of ", FormatInstant(last.at_us),
                        ", and value.refit.every has passed since");
  }
  // A population is another one than at the fit in force, and no fit has been made since: one that
  // stayed a candidate is for people to judge.
  const std::vector<std::string> changed = planning::ChangedPopulations(*in_force, *world->rules);
  if (!changed.empty() && !planning::ChangedPopulations(*last.record, *world->rules).empty()) {
    return absl::StrCat("who is in ", absl::StrJoin(changed, ", "),
                        " is decided by other conditions than at the fit");
  }
  if (!value.refit->when_psi_above.has_value() &&
      !value.refit->when_calibration_off_by.has_value()) {
    return "";
  }
  // A new fit can't mend what the one before it could not: time has to pass.
  if (age_us < DaysUs(kLeastShareOfWindow * value.response_window_days)) return "";
  not_before_us_ = now_us + kDriftUs;
  TENURE_ASSIGN_OR_RETURN(
      const planning::ModelHealth health,
      planning::CheckHealth(world->rules, engine_->population(), *in_force, now_us));
  return planning::IsRefitDue(*value.refit, health) ? health.why : "";
}

absl::StatusOr<uint64_t> Refit::FitAndRecord(int64_t now_us, const std::string& why,
                                             uint64_t last_version) {
  const auto world = engine_->world();
  planning::FitRequest request;
  request.at_us = now_us;
  request.holdout_days = world->rules->value.response_window_days;
  request.cancel = &stopping_;
  TENURE_ASSIGN_OR_RETURN(journal::ModelRecord record,
                          planning::FitPopulation(world->rules, engine_->population(), request));
  record.reason = why;
  record.candidate = !world->rules->value.refit->activate;
  const auto in_force = engine_->GetModel();
  const bool worse = in_force.ok() && planning::HasLostFit(record, *in_force);
  if (!record.candidate && worse) {
    record.candidate = true;
    absl::StrAppend(&record.reason, "; not put in force, since simple estimates stand in for it");
  }
  record.caller = kRefitCaller;
  record.request_id = absl::StrCat("after-", last_version);  // one refit a version
  auto recorded = std::make_shared<std::promise<absl::StatusOr<uint64_t>>>();
  engine_->RecordModel(std::move(record), [recorded](absl::StatusOr<uint64_t> seq) {
    recorded->set_value(std::move(seq));
  });
  return recorded->get_future().get();
}

absl::StatusOr<uint64_t> Refit::RunIfDue() {
  const int64_t now_us = engine_->NowUs();
  if (now_us < not_before_us_) return uint64_t{0};
  uint64_t last_version = 0;
  const absl::StatusOr<std::string> why = WhyDue(now_us, &last_version);
  if (why.ok() && why->empty()) return uint64_t{0};
  const absl::StatusOr<uint64_t> seq =
      why.ok() ? FitAndRecord(now_us, *why, last_version) : absl::StatusOr<uint64_t>(why.status());
  if (!seq.ok()) {
    not_before_us_ = now_us + kRetryUs;
  } else {
    Log(log_, Severity::kInfo, absl::StrCat("A new version of the value model: ", *why, "."));
  }
  return seq;
}

}  // namespace tenure::daemon
