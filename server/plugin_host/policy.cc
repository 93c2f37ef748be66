#include "server/plugin_host/policy.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "plugins/abi/tenure_plugin.h"
#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/plugin_host/call_error.h"
#include "server/plugin_host/plugin_call.h"
#include "server/plugin_host/proposal_check.h"
#include "server/plugin_host/worker_pool.h"

namespace tenure::plugin_host {
namespace {

constexpr tenure_host kHost = {
    sizeof(tenure_host),
    TENURE_ABI_MAJOR,
    TENURE_ABI_MINOR,
    nullptr,
    [](void*, uint32_t, tenure_str) {},  // plugins of this process have nowhere to log to
    [](void*, tenure_str) -> const void* { return nullptr; }};

tenure_offer OfferFor(const OfferSpec& offer) {
  tenure_offer out{};
  out.struct_size = sizeof out;
  out.id = {offer.id.data(), offer.id.size()};
  out.contact_cost_micros = offer.contact_cost_micros;
  out.discount_rate = offer.discount_rate;
  out.discount_micros = offer.discount_micros;
  out.max_discount_micros = offer.max_discount_micros;
  out.redemption = offer.redemption;
  out.valid_days = offer.valid_days;
  return out;
}

// Makes this thread's call visible to those who look for stuck ones.
class WatchedCall {
 public:
  WatchedCall(const Plugin* plugin, int64_t limit_us)
      : plugin_(*plugin), status_(plugin_.calls().Begin(MonotonicUs(), limit_us)) {}
  ~WatchedCall() {
    if (status_.ok()) plugin_.calls().End();
  }
  WatchedCall(const WatchedCall&) = delete;
  WatchedCall& operator=(const WatchedCall&) = delete;
  // FAILED_PRECONDITION: the plugin is not called any more.
  absl::Status status() const {
    if (status_.ok()) return status_;
    return Annotate(status_, absl::StrCat("plugin ", plugin_.id(), " ", plugin_.version()));
  }

 private:
  const Plugin& plugin_;
  const absl::Status status_;
};

absl::string_view FaultWords(int32_t reason) {
  switch (static_cast<ProposalFault>(reason)) {
    case ProposalFault::kNone:
      return "nothing";
    case ProposalFault::kByPlugin:
      return "the plugin marked it as failed";
    case ProposalFault::kNotWritten:
      return "not all of it was written";
    case ProposalFault::kNotFinite:
      return "a number is NaN or infinite";
    case ProposalFault::kProbability:
      return "a probability is outside 0 to 1";
    case ProposalFault::kStandardError:
      return "the standard error is below 0";
    case ProposalFault::kCost:
      return "the expected cost is below 0 or beyond what money holds";
    case ProposalFault::kLiability:
      return "the liability is below the expected cost";
    case ProposalFault::kBasis:
      return "the basis is none of assumed, pooled and measured";
    case ProposalFault::kStatus:
      return "the status is none of ok, declined and error";
  }
  return "an unknown fault";
}

}  // namespace

Policy::Policy(std::shared_ptr<const Plugin> plugin, std::vector<OfferSpec> offers)
    : plugin_(std::move(plugin)), offers_(std::move(offers)) {}

Policy::~Policy() {
  workers_.reset();  // before the policy they belong to
  if (policy_ == nullptr) return;
  const PluginCall call(plugin_->id().c_str(), plugin_->path().c_str(), "policy_destroy");
  plugin_->table().policy_destroy(policy_);
}

absl::StatusOr<std::shared_ptr<const Policy>> Policy::Create(std::shared_ptr<const Plugin> plugin,
                                                             absl::string_view canonical_json,
                                                             std::vector<OfferSpec> offers) {
  std::vector<std::string> problems;
  for (const ConfigProblem& problem : plugin->CheckConfig(canonical_json)) {
    problems.push_back(absl::StrCat("parameters", problem.pointer, ": ", problem.message));
  }
  for (const OfferSpec& offer : offers) {
    if (const absl::Status status = CheckOffer(offer); !status.ok()) {
      problems.emplace_back(status.message());
    }
  }
  if (!problems.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("plugin ", plugin->id(), ": ", absl::StrJoin(problems, "; ")));
  }
  std::shared_ptr<Policy> policy(new Policy(std::move(plugin), std::move(offers)));
  std::vector<tenure_offer> specs;
  std::vector<const tenure_offer*> pointers;
  for (const OfferSpec& offer : policy->offers_) specs.push_back(OfferFor(offer));
  for (const tenure_offer& spec : specs) pointers.push_back(&spec);
  const tenure_policy_config config = {sizeof config,
                                       {canonical_json.data(), canonical_json.size()},
                                       pointers.size(),
                                       pointers.data()};
  const Plugin& table_owner = *policy->plugin_;
  const PluginCall call(table_owner.id().c_str(), table_owner.path().c_str(), "policy_create");
  CallError error;
  const absl::Status created = error.Take(
      table_owner.table().policy_create(&kHost, &config, &policy->policy_, error.buffer()),
      table_owner);
  if (!created.ok()) {
    table_owner.faults().Warn(
        "policy_create",
        absl::StrCat("no policy can be made of these parameters, its campaigns end as errors: ",
                     created.message()),
        MonotonicUs());
    return created;
  }
  if (policy->policy_ == nullptr) {
    return absl::InternalError(absl::StrCat("plugin ", table_owner.id(), " ", table_owner.version(),
                                            ": policy_create says OK and made no policy"));
  }
  policy->workers_ = std::make_unique<WorkerPool>(policy->plugin_.get(), policy->policy_);
  return std::shared_ptr<const Policy>(std::move(policy));
}

absl::Status Policy::Propose(const Batch& batch, absl::Span<const uint8_t> eligible,
                             absl::Span<const uint64_t> row_seed, int64_t decision_time_us,
                             int64_t limit_us, Proposals* out) const {
  out->Reset(0, 0);
  const size_t rows = batch.rows();
  if (eligible.size() != rows * offers_.size() || row_seed.size() != rows) {
    return absl::InvalidArgumentError(absl::StrCat(
        "plugin ", plugin_->id(), ": ", rows, " rows and ", offers_.size(), " offers, but ",
        eligible.size(), " eligibility bytes and ", row_seed.size(), " seeds"));
  }
  const WatchedCall watched(plugin_.get(), limit_us);
  TENURE_RETURN_IF_ERROR(watched.status());
  TENURE_ASSIGN_OR_RETURN(std::unique_ptr<Worker> worker, workers_->Take());
  absl::Status status = worker->Bind(batch);
  const int64_t deadline_us = limit_us == 0 ? 0 : MonotonicUs() + limit_us;
  if (status.ok()) {
    static const volatile uint32_t kNeverCancelled = 0;
    ProposalCheck::Prepare(*plugin_, worker->columns(), eligible, rows, offers_.size(), out);
    const tenure_batch input = {sizeof input,
                                rows,
                                worker->columns().size(),
                                worker->columns().data(),
                                row_seed.data(),
                                decision_time_us,
                                deadline_us * 1'000,
                                &kNeverCancelled,
                                offers_.size(),
                                ProposalCheck::Mask(*out)};
    tenure_result result = ProposalCheck::Result(out);
    const PluginCall call(plugin_->id().c_str(), plugin_->path().c_str(), "propose");
    CallError& error = worker->error();
    status = error.Take(
        plugin_->table().propose(policy_, worker->handle(), &input, &result, error.buffer()),
        *plugin_);
  }
  workers_->Return(std::move(worker));
  const int64_t late_us = deadline_us == 0 ? 0 : MonotonicUs() - deadline_us;
  if (status.ok() && late_us > 0) {
    status = absl::DeadlineExceededError(absl::StrCat("plugin ", plugin_->id(), " ",
                                                      plugin_->version(), ": late by ", late_us,
                                                      " us; what it wrote is ignored"));
  }
  if (!status.ok()) {
    out->Reset(0, 0);
    plugin_->faults().Warn(absl::StatusCodeToString(status.code()), status.message(),
                           MonotonicUs());
    return status;
  }
  const size_t refused = ProposalCheck::Accept(eligible, out);
  if (refused > 0) LogRefused(*out, refused);
  return absl::OkStatus();
}

void Policy::LogRefused(const Proposals& proposals, size_t refused) const {
  const ProposalColumns columns = proposals.columns();
  const size_t cells = proposals.rows() * proposals.offers();
  const auto at = static_cast<size_t>(
      std::find(columns.status, columns.status + cells, ProposalStatus::kError) - columns.status);
  plugin_->faults().Warn(
      FaultWords(columns.reason[at]),
      absl::StrCat(Explain(proposals, at / offers_.size(), at % offers_.size()), "; ", refused,
                   " of ", cells, " cells of the call are refused"),
      MonotonicUs());
}

std::string Policy::Explain(const Proposals& proposals, size_t row, size_t offer) const {
  const Proposal cell = proposals.at(row, offer);
  if (cell.status == ProposalStatus::kOk) return "";
  const std::string where = absl::StrCat("plugin ", plugin_->id(), " ", plugin_->version(),
                                         ", row ", row, ", offer '", offers_[offer].id, "': ");
  switch (cell.status) {
    case ProposalStatus::kError:
      return absl::StrCat(where, FaultWords(cell.reason));
    case ProposalStatus::kFilteredMissing:
      return absl::StrCat(where, "column '",
                          plugin_->columns()[static_cast<size_t>(cell.reason)].name,
                          "' has no value");
    case ProposalStatus::kDeclined:
      for (const Reason& reason : plugin_->reasons()) {
        if (reason.code == cell.reason) return absl::StrCat(where, "declined: ", reason.text);
      }
      return absl::StrCat(where, "declined for reason ", cell.reason);
    default:
      return absl::StrCat(where, "not eligible");
  }
}

}  // namespace tenure::plugin_host
