#include "server/main/replan.h"

#include <cmath>
#include <future>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/engine/engine.h"
#include "server/planning/plan_request.h"
#include "server/planning/population_mix.h"

namespace tenure::daemon {
namespace {

constexpr int64_t kLookUs = 30'000'000;       // real time between two looks at the clock
constexpr int64_t kRetryUs = kMicrosPerHour;  // engine's time
// Neither a drift nor a period's end plans more often than this.
constexpr int64_t kLeastAgeUs = kMicrosPerHour;
// Who is in which segment, stage and tier is counted so often, among so many at most: of twenty
// cells as large as each other 20,000 give 0.8 % by chance.
constexpr int64_t kCountUs = kMicrosPerHour;
constexpr uint32_t kCounted = 20'000;

}  // namespace

std::string WhyReplan(const rules::Replan& replan, const engine::PlanBasis& basis,
                      uint64_t customers, int64_t now_us) {
  if (!basis.made.has_value() || now_us < basis.made->at_us + kLeastAgeUs) return "";
  const engine::PlanMade& made = *basis.made;
  if (now_us >= made.end_us) return "the period of the last plan is over";
  if (replan.every_us > 0 && now_us >= made.at_us + replan.every_us) {
    return absl::StrCat("the last plan is of ", FormatInstant(made.at_us),
                        ", and replan.every has passed since");
  }
  if (replan.when_newcomers_above.has_value() && customers > 0) {
    const double share = static_cast<double>(customers - std::min(customers, made.customers)) /
                         static_cast<double>(customers);
    if (share > *replan.when_newcomers_above) {
      return absl::StrFormat("%.1f %% of the customers came after the last plan", 100 * share);
    }
  }
  if (!replan.when_spend_off_by.has_value() || basis.limit_micros == 0) return "";
  // A paced budget is held to its curve, whatever the time that has passed.
  const double passed = basis.foreseen_share.value_or(
      static_cast<double>(now_us - made.at_us) / static_cast<double>(made.end_us - made.at_us));
  const double foreseen =
      static_cast<double>(made.used_micros) + passed * static_cast<double>(made.planned_micros);
  const double off = std::abs(static_cast<double>(basis.planned_micros) - foreseen) /
                     static_cast<double>(basis.limit_micros);
  if (off <= *replan.when_spend_off_by) return "";
  return absl::StrFormat("%s is held or spent where the last plan foresaw %s by now",
                         DisplayMicros(basis.planned_micros),
                         DisplayMicros(std::llround(foreseen)));
}

std::string WhyMoved(double allowed, absl::Span<const journal::PlanShareRecord> before,
                     absl::Span<const journal::PlanShareRecord> now) {
  if (before.empty() || now.empty()) return "";
  const planning::MixChange change = planning::CompareMixes(before, now);
  if (change.share - change.by_chance <= allowed) return "";
  return absl::StrFormat(
      "%.1f %% of the customers are in other segments, stages or tiers than at the last plan, most "
      "of all: %s, %.1f %% then and %.1f %% now",
      100 * change.share, change.most, 100 * change.most_before, 100 * change.most_after);
}

std::string Replan::WhyMoved(const decision::World& world, int32_t budget, int64_t now_us) {
  const rules::Budget& its = world.rules->budgets[static_cast<size_t>(budget)];
  int64_t& count_at_us = count_at_us_[its.id];
  if (!its.replan->when_population_moved_by.has_value() || now_us < count_at_us) return "";
  for (const auto& plan : engine_->plans()) {
    if (plan->budget != its.id) continue;
    count_at_us = now_us + kCountUs;
    const auto now = planning::MixAt(world, engine_->population(), budget, now_us, kCounted);
    return daemon::WhyMoved(*its.replan->when_population_moved_by, plan->population, now);
  }
  return "";
}

void Replan::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Replan::Stop() {
  stopping_ = true;
  {
    MutexLock lock(&mutex_);
    stop_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Replan::Run() {
  while (!stopping_) {
    RunIfDue();
    MutexLock lock(&mutex_);
    if (!stopping_) stop_.WaitFor(&mutex_, kLookUs);
  }
}

engine::PlanBasis Replan::BasisOf(const std::string& budget) const {
  auto found = std::make_shared<std::promise<engine::PlanBasis>>();
  engine_->GetPlanBasis(budget, [found](absl::StatusOr<engine::PlanBasis> basis) {
    found->set_value(basis.ok() ? *std::move(basis) : engine::PlanBasis());
  });
  return found->get_future().get();
}

absl::Status Replan::Plan(const std::string& budget, engine::PlanBasis basis,
                          const std::string& why) {
  const uint64_t last = basis.made->seq;
  planning::PlanRequest request = planning::RequestOf(budget, std::move(basis));
  request.cancel = &stopping_;
  request.threads = 1;  // decisions go on beside it
  const auto world = engine_->world();
  TENURE_ASSIGN_OR_RETURN(planning::Plan plan,
                          planning::MakePlan(*world, engine_->population(), request));
  plan.record.caller = kReplanCaller;
  plan.record.request_id = absl::StrCat(budget, "-after-", last);  // one re-plan a plan
  auto activated = std::make_shared<std::promise<absl::Status>>();
  engine_->ActivatePlan(
      std::move(plan.record),
      [activated](absl::StatusOr<uint64_t> seq) { activated->set_value(seq.status()); }, last);
  TENURE_RETURN_IF_ERROR(activated->get_future().get());
  Log(log_, Severity::kInfo, absl::StrCat("Budget ", budget, " is planned anew: ", why, "."));
  return absl::OkStatus();
}

int Replan::RunIfDue() {
  const auto world = engine_->world();
  if (world == nullptr || world->rules == nullptr) return 0;
  int made = 0;
  for (size_t b = 0; b < world->rules->budgets.size(); ++b) {
    const rules::Budget& budget = world->rules->budgets[b];
    const int64_t now_us = engine_->NowUs();
    if (stopping_ || !budget.replan.has_value() || now_us < not_before_us_[budget.id]) continue;
    engine::PlanBasis basis = BasisOf(budget.id);
    std::string why = WhyReplan(*budget.replan, basis, engine_->population().size(), now_us);
    const bool old_enough = basis.made.has_value() && now_us >= basis.made->at_us + kLeastAgeUs;
    if (why.empty() && old_enough) why = WhyMoved(*world, static_cast<int32_t>(b), now_us);
    if (why.empty()) continue;
    const absl::Status status = Plan(budget.id, std::move(basis), why);
    if (status.ok()) {
      ++made;
      continue;
    }
    not_before_us_[budget.id] = now_us + kRetryUs;
    if (stopping_) continue;
    Log(log_, Severity::kWarning,
        absl::StrCat("Budget ", budget.id,
                     " is not planned anew, tried again in an hour: ", status.message()));
  }
  return made;
}

}  // namespace tenure::daemon
