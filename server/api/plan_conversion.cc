#include "server/api/plan_conversion.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "server/api/names.h"
#include "server/api/value_basis.h"
#include "server/api/values.h"
#include "server/decision/world.h"

namespace tenure::api {

std::string CurrencyOf(const engine::Engine& engine) {
  const auto world = engine.world();
  return world && world->rules ? world->rules->currency : std::string();
}

absl::Status ConvertPlan(const journal::PlanRecord& record, const std::string& currency,
                         tenure::v1::Plan* out) {
  out->set_name(Name(kPlans, record.id));
  out->set_budget(Name(kBudgets, record.budget));
  SetTimestamp(record.start_us, out->mutable_start_time());
  SetTimestamp(record.end_us, out->mutable_end_time());
  out->set_currency_code(currency);
  out->set_achieved_micros(RoundMicros(record.achieved));
  out->set_upper_bound_micros(RoundMicros(record.upper_bound));
  out->set_gap(record.gap);
  for (const journal::PlanNodeRecord& from : record.nodes) {
    tenure::v1::PlanEnvelope* const to = out->add_envelopes();
    to->set_path(from.path);
    to->set_limit_micros(from.limit_micros);
    to->set_planned_micros(from.planned_spend_micros);
    to->set_net_value_micros(RoundMicros(from.planned_value));
    to->set_price(from.price);
    to->set_customers(from.customers);
  }
  for (const auto& [stage, price] : record.slot_prices) {
    tenure::v1::SlotPrice* const to = out->add_slot_prices();
    to->set_stage(stage);
    to->set_price_micros(RoundMicros(price));
  }
  out->set_rule_set(Name(kRuleSets, record.rule_set));
  out->set_model(Name(kModels, record.model));
  out->set_stopped(record.stopped);
  out->set_unassigned_micros(record.unassigned_micros);
  out->set_over_micros(record.over_micros);
  if (record.report_json.empty()) return absl::OkStatus();
  if (!google::protobuf::util::JsonStringToMessage(record.report_json, out->mutable_report())
           .ok()) {
    return absl::DataLossError(
        absl::StrCat("the report of the journal's plan ", record.id, " can't be read"));
  }
  const auto& report = out->report().fields();
  const auto number = [&report](const char* name) {
    const auto found = report.find(name);
    return found == report.end() ? 0 : found->second.number_value();
  };
  if (const auto basis = report.find("basis"); basis != report.end()) {
    out->set_value_basis(BasisOf(basis->second.string_value()));
  }
  out->set_achieved_stderr_micros(RoundMicros(number("value_stderr")));
  out->set_assumed_share(number("assumed_share"));
  out->set_pooled_share(number("pooled_share"));
  out->set_measured_share(number("measured_share"));
  return absl::OkStatus();
}

absl::Status ConvertPlan(const engine::PlanVersion& version, const std::string& currency,
                         tenure::v1::Plan* out) {
  SetTimestamp(version.at_us, out->mutable_create_time());
  out->set_caller(version.record.caller);
  return ConvertPlan(version.record, currency, out);
}

}  // namespace tenure::api
