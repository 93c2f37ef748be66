#include "clients/cli/plan_table.h"

#include <algorithm>
#include <iostream>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/table.h"
#include "server/base/money.h"
#include "server/base/time.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

// The end of the value's 95 % interval to that side.
int64_t Bound(const v1::Plan& plan, int side) {
  constexpr double kNormal95 = 1.959963984540054;
  return plan.achieved_micros() +
         static_cast<int64_t>(side * kNormal95 *
                              static_cast<double>(plan.achieved_stderr_micros()));
}

// Why each segment got what it got.
void PrintReasons(const v1::Plan& plan) {
  const auto& report = plan.report().fields();
  const auto found = report.find("segments");
  if (found == report.end()) return;
  for (const auto& value : found->second.list_value().values()) {
    const auto& segment = value.struct_value().fields();
    std::cout << segment.at("id").string_value() << ": " << segment.at("why").string_value()
              << "\n";
    const auto floor = segment.find("floor_cost");
    if (floor != segment.end() && floor->second.number_value() > 0) {
      std::cout << absl::StrFormat(
          "  its minimum costs %.2f: so much more would be earned without\n",
          floor->second.number_value());
    }
    if (const auto next = segment.find("best_not_funded"); next != segment.end()) {
      const auto& offer = next->second.struct_value().fields();
      std::cout << absl::StrFormat(
          "  next would be %s of %s: %.2f for %s\n", offer.at("offer").string_value(),
          offer.at("campaign").string_value(), offer.at("value").number_value(),
          offer.at("charge").string_value());
    }
  }
}

// By envelope's path: what one more unit of its money would add. Plans of earlier releases don't
// say so.
std::map<std::string, double> OneMoreUnit(const v1::Plan& plan) {
  std::map<std::string, double> units;
  if (plan.envelopes().empty()) return units;
  const std::string& root = plan.envelopes(0).path();
  const auto& report = plan.report().fields();
  if (const auto whole = report.find("one_more_unit"); whole != report.end()) {
    units[root] = whole->second.number_value();
  }
  const auto found = report.find("segments");
  if (found == report.end()) return units;
  for (const auto& value : found->second.list_value().values()) {
    const auto& segment = value.struct_value().fields();
    const auto unit = segment.find("one_more_unit");
    if (unit == segment.end()) continue;
    units[absl::StrCat(root, "/", segment.at("id").string_value())] = unit->second.number_value();
  }
  return units;
}

// What the parts leave of the whole, and whether the plan is the best there is time for.
void PrintWhatIsLeft(const v1::Plan& plan) {
  if (plan.unassigned_micros() > 0) {
    const auto& report = plan.report().fields();
    const auto why = report.find("unassigned_why");
    std::cout << "UNASSIGNED: " << DisplayMicros(plan.unassigned_micros())
              << " of the limit is no segment's"
              << (why == report.end() ? "" : ": " + why->second.string_value()) << "\n";
  }
  if (const auto former = plan.report().fields().find("former_segments");
      former != plan.report().fields().end()) {
    std::cout << "FORMER SEGMENTS: " << former->second.string_value()
              << " of the limit was used by segments that the rules no longer have\n";
  }
  if (plan.stopped()) std::cout << "STOPPED at the deadline: the best plan so far, with its gap\n";
}

std::string Instant(const google::protobuf::Timestamp& at) {
  return FormatInstant(at.seconds() * kMicrosPerSecond);
}

std::string Period(const v1::Plan& plan) {
  return absl::StrCat(FormatDay(plan.start_time().seconds() * kMicrosPerSecond), " to before ",
                      FormatDay(plan.end_time().seconds() * kMicrosPerSecond));
}

}  // namespace

void PrintPlan(const v1::Plan& plan) {
  std::cout << (plan.name().empty() ? "a plan that is not in force" : plan.name()) << " of "
            << plan.budget() << ", " << Period(plan) << ", " << plan.currency_code() << "\n";
  if (plan.has_create_time()) {
    std::cout << "made " << Instant(plan.create_time()) << " for " << plan.caller()
              << (plan.in_force() ? ", in force" : "") << "\n";
  }
  const std::map<std::string, double> more = OneMoreUnit(plan);
  Table table({"envelope", "limit", "planned", "net value", "price", "one more unit", "customers"});
  for (const v1::PlanEnvelope& envelope : plan.envelopes()) {
    // A campaign that nobody is planned for is not worth a line.
    const auto depth = std::count(envelope.path().begin(), envelope.path().end(), '/');
    if (depth == 2 && envelope.customers() == 0) continue;
    const auto unit = more.find(envelope.path());
    table.Add({envelope.path(), DisplayMicros(envelope.limit_micros()),
               DisplayMicros(envelope.planned_micros()), DisplayMicros(envelope.net_value_micros()),
               absl::StrFormat("%.4f", envelope.price()),
               unit == more.end() ? "-" : absl::StrFormat("%.4f", unit->second),
               absl::StrCat(envelope.customers())});
  }
  table.Print();
  PrintWhatIsLeft(plan);
  for (const v1::SlotPrice& slot : plan.slot_prices()) {
    std::cout << "a contact slot in stage " << slot.stage() << " is worth "
              << DisplayMicros(slot.price_micros()) << "\n";
  }
  std::cout << absl::StrFormat("net value %s, no plan above %s, gap %.2g %%\n",
                               DisplayMicros(plan.achieved_micros()),
                               DisplayMicros(plan.upper_bound_micros()), plan.gap() * 100);
  PrintReasons(plan);
  const auto& report = plan.report().fields();
  if (const auto found = report.find("unvalued"); found != report.end()) {
    for (const auto& value : found->second.list_value().values()) {
      const auto& unvalued = value.struct_value().fields();
      std::cout << absl::StrFormat(
          "NOT VALUED: %.0f offers of campaign %s: %s\n", unvalued.at("candidates").number_value(),
          unvalued.at("campaign").string_value(), unvalued.at("why").string_value());
    }
  }
  const char* const basis = plan.value_basis() == v1::VALUE_BASIS_MARGIN ? "margin" : "revenue";
  if (plan.value_basis() != v1::VALUE_BASIS_UNSPECIFIED) {
    std::cout << "values are " << basis << ", by " << plan.model() << "\n";
  }
  std::cout << absl::StrFormat(
      "the gap takes the estimates as given: their own standard error is %s, so that the value is "
      "%s to %s (95 %%)\n%.0f %% of it rests on assumed effects, %.0f %% on pooled, %.0f %% on "
      "measured ones\n",
      DisplayMicros(plan.achieved_stderr_micros()), DisplayMicros(Bound(plan, -1)),
      DisplayMicros(Bound(plan, 1)), 100 * plan.assumed_share(), 100 * plan.pooled_share(),
      100 * plan.measured_share());
  if (const auto found = report.find("customer_values"); found != report.end()) {
    const auto& all = found->second.struct_value().fields();
    const auto at = [&all](const char* name) { return all.at(name).number_value(); };
    std::cout << absl::StrFormat(
        "without offers all customers are worth %.2f (mean %.2f to %.2f, outcome %.2f to %.2f)\n",
        at("clv"), at("clv_mean_low"), at("clv_mean_high"), at("clv_predictive_low"),
        at("clv_predictive_high"));
  }
  if (const auto found = report.find("assumptions"); found != report.end()) {
    for (const auto& assumption : found->second.list_value().values()) {
      std::cout << "  " << assumption.string_value() << "\n";
    }
  }
}

void PrintPlans(const v1::ListPlansResponse& list) {
  Table table({"plan", "made", "by", "budget", "period", "net value", "gap", "state"});
  for (const v1::Plan& plan : list.plans()) {
    table.Add({plan.name(), Instant(plan.create_time()), plan.caller(), plan.budget(), Period(plan),
               DisplayMicros(plan.achieved_micros()), absl::StrFormat("%.2g %%", plan.gap() * 100),
               absl::StrCat(plan.in_force() ? "in force" : "-", plan.stopped() ? ", stopped" : "",
                            plan.unassigned_micros() > 0 ? ", part unassigned" : "")});
  }
  table.Print();
}

}  // namespace tenure::cli
