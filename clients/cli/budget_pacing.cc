#include "clients/cli/budget_pacing.h"

#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/table.h"
#include "server/base/money.h"
#include "server/base/time.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

std::string Instant(const google::protobuf::Timestamp& at) {
  return FormatInstant(at.seconds() * kMicrosPerSecond);
}

std::string StateInWords(const v1::Pacing& pacing) {
  const std::string missed =
      absl::StrFormat("%.0f decisions were expected since the last one", pacing.missed_decisions());
  switch (pacing.state()) {
    case v1::Pacing::STATE_BEGINS:
      return "at the planned prices, nothing measured yet";
    case v1::Pacing::STATE_FOLLOWS:
      return "prices are corrected";
    case v1::Pacing::STATE_QUIET:
      return absl::StrCat("prices are kept: ", missed);
    case v1::Pacing::STATE_GAP:
      return "prices are kept: time has passed unseen";
    case v1::Pacing::STATE_STALE:
      return absl::StrCat("ALARM, prices are frozen: ", missed, "; look at who asks for decisions");
    default:
      return "not known to this program; use the server's version of it";
  }
}

}  // namespace

void PrintPacing(const v1::Budget& budget) {
  if (!budget.has_pacing()) return;
  const v1::Pacing& pacing = budget.pacing();
  std::cout << "paced: " << StateInWords(pacing) << "; last decision "
            << (pacing.has_last_decision_time() ? Instant(pacing.last_decision_time()) : "never")
            << (pacing.learned() ? "" : "; the curve is uniform, as no hours are known yet")
            << "\n";
  if (pacing.has_day_max_micros()) {
    std::cout << "today: " << DisplayMicros(pacing.day_used_micros()) << " of "
              << DisplayMicros(pacing.day_max_micros()) << " used, until "
              << Instant(pacing.day_end_time()) << "\n";
  }
  if (pacing.envelopes().empty()) return;
  Table table({"corrected " + Instant(pacing.correct_time()), "used", "target", "price",
               "customers reached"});
  for (const v1::PacedEnvelope& envelope : pacing.envelopes()) {
    table.Add({envelope.path(), DisplayMicros(envelope.used_micros()),
               DisplayMicros(envelope.target_micros()),
               absl::StrFormat("%.3g x planned", envelope.price_factor()),
               absl::StrFormat("%.1f %%", 100 * envelope.pass_share())});
  }
  table.Print();
}

}  // namespace tenure::cli
