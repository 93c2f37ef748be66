#include "clients/cli/budget_table.h"

#include <algorithm>
#include <iostream>
#include <vector>

#include "absl/strings/str_format.h"
#include "clients/cli/table.h"
#include "server/base/money.h"
#include "server/base/time.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

using Cells = std::vector<std::string>;

std::string DayOf(const google::protobuf::Timestamp& at) {
  return FormatDay(at.seconds() * kMicrosPerSecond);
}

int64_t Used(const v1::Envelope& envelope) {
  return envelope.held_micros() + envelope.committed_micros();
}

// "92 %": what is used of what should be by now; "-" where nothing should be.
std::string Pace(const v1::Envelope& envelope) {
  return envelope.has_pace() ? absl::StrFormat("%.0f %%", 100.0 * envelope.pace()) : "-";
}

std::string Projected(const v1::Envelope& envelope) {
  return envelope.has_projected_micros() ? DisplayMicros(envelope.projected_micros()) : "-";
}

std::string Positive(int64_t micros) { return micros > 0 ? DisplayMicros(micros) : "-"; }

bool IsShown(const v1::Envelope& envelope, Depth depth) {
  const auto level = std::count(envelope.path().begin(), envelope.path().end(), '/');
  if (level == 0 || depth == Depth::kCampaign) return true;
  if (level == 1) return depth != Depth::kBudget;
  return depth == Depth::kUsed && (Used(envelope) != 0 || envelope.refunded_micros() != 0);
}

const Cells& MoneyHeader() {
  static const auto& header = *new Cells{"limit", "held",   "committed", "refunded",     "left",
                                         "over",  "target", "pace",      "projected end"};
  return header;
}

Cells MoneyOf(const v1::Envelope& envelope) {
  return {DisplayMicros(envelope.limit_micros()),
          DisplayMicros(envelope.held_micros()),
          DisplayMicros(envelope.committed_micros()),
          DisplayMicros(envelope.refunded_micros()),
          DisplayMicros(envelope.available_micros()),
          Positive(envelope.overcommitted_micros()),
          DisplayMicros(envelope.target_micros()),
          Pace(envelope),
          Projected(envelope)};
}

Cells Joined(Cells first, const Cells& rest) {
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

}  // namespace

Depth DepthOf(const std::string& word) {
  if (word == "budget") return Depth::kBudget;
  if (word == "segment") return Depth::kSegment;
  return word == "campaign" ? Depth::kCampaign : Depth::kUsed;
}

void PrintHeading(const v1::Budget& budget) {
  std::cout << budget.name() << ", " << DayOf(budget.start_time()) << " to before "
            << DayOf(budget.end_time()) << ", " << budget.currency_code() << "\n";
}

void PrintEnvelopes(const v1::Budget& budget, Depth depth, bool forecast) {
  Cells header = Joined({"envelope"}, MoneyHeader());
  if (forecast) header = Joined(header, {"used", "end over limit"});
  Table table(header);
  for (const v1::Envelope& envelope : budget.envelopes()) {
    if (!IsShown(envelope, depth)) continue;
    Cells row = Joined({envelope.path()}, MoneyOf(envelope));
    if (forecast) {
      const int64_t over = envelope.projected_micros() - envelope.limit_micros();
      row = Joined(row, {DisplayMicros(Used(envelope)), Positive(over)});
    }
    table.Add(row);
  }
  table.Print();
}

void PrintPeriods(const google::protobuf::RepeatedPtrField<v1::Budget>& budgets, Depth depth) {
  Table table(Joined({"envelope", "from", "to before"}, MoneyHeader()));
  for (const v1::Budget& budget : budgets) {
    const Cells days = {DayOf(budget.start_time()), DayOf(budget.end_time())};
    for (const v1::Envelope& envelope : budget.envelopes()) {
      if (!IsShown(envelope, depth)) continue;
      table.Add(Joined(Joined({envelope.path()}, days), MoneyOf(envelope)));
    }
  }
  table.Print();
}

}  // namespace tenure::cli
