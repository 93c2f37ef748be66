#include "server/clv/model_choice.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/clv/purchase_fit.h"

namespace tenure::clv {
namespace {

constexpr double kOccupied = 0.2;     // of the occasions up to the last: tied to occasions
constexpr double kFewPurchases = 20;  // below that nothing looks like anything

// To a tenth; all digits before it.
std::string Rounded(double value) { return absl::StrFormat("%.15g", std::round(value * 10) / 10); }

const HoldoutCheck* Find(const std::vector<HoldoutCheck>& checks, const std::string& model) {
  for (const HoldoutCheck& check : checks) {
    if (check.model == model) return &check;
  }
  return nullptr;
}

// Which of two models with as many parameters: the one whose total was nearer in the holdout, where
// that is no accident of who happened to buy, else the likelier. One that ran off to a boundary is
// but a simpler model.
bool IsBetter(const ModelFit& fit, const ModelFit& other, const std::vector<HoldoutCheck>& holdout,
              std::string* because) {
  const bool is_inside = fit.verdict == Verdict::kConverged;
  if (is_inside != (other.verdict == Verdict::kConverged)) {
    *because = "the other has run off to a boundary";
    return is_inside;
  }
  const HoldoutCheck* check = Find(holdout, fit.model);
  const HoldoutCheck* against = Find(holdout, other.model);
  if (check != nullptr && against != nullptr) {
    const double from_middle = check->actual - (check->expected + against->expected) / 2;
    if (std::abs(from_middle) > std::max(check->standard_error, against->standard_error)) {
      const bool is_nearer = (check->expected > against->expected) == (from_middle > 0);
      const HoldoutCheck& nearer = is_nearer ? *check : *against;
      const HoldoutCheck& farther = is_nearer ? *against : *check;
      *because =
          absl::StrCat("it foresaw ", Rounded(nearer.expected), " of the holdout's ",
                       Rounded(nearer.actual), " purchases, the other ", Rounded(farther.expected));
      return is_nearer;
    }
  }
  *because = absl::StrCat(holdout.empty() ? "" : "the holdout doesn't tell them apart and ",
                          "its log-likelihood is the higher (",
                          Rounded(std::max(fit.log_likelihood, other.log_likelihood)), " against ",
                          Rounded(std::min(fit.log_likelihood, other.log_likelihood)), ")");
  return fit.log_likelihood >= other.log_likelihood;
}

// MBG/CNBD-k, or CNBD-k where nobody drops out; of one k, the likeliest.
const ModelFit* FindRegular(const FitReport& report) {
  for (const ModelFit& fit : report.purchase) {
    if (absl::StrContains(fit.model, "cnbd_") && fit.verdict == Verdict::kConverged) return &fit;
  }
  return nullptr;
}

// Whether dropout gains what Akaike asks for. A fit by likelihood alone that doesn't is not usable;
// one under a prior may be.
bool Gains(const ModelFit& fit, const ModelFit* nbd) {
  return nbd == nullptr || fit.log_likelihood - nbd->log_likelihood >= kDropoutGain;
}

std::string NameOf(const ModelFit& fit) {
  if (fit.model == "nbd") return "NBD";
  if (fit.model == "bg_nbd") return "BG/NBD";
  return fit.model == "mbg_nbd" ? "MBG/NBD" : "Pareto/NBD";
}

// Regular timing costs a parameter, k, and values that take a hundred times as long: it must
// foresee the holdout better, or be likelier by more than dropout must and by its further
// parameters.
bool RegularIsBetter(const ModelFit& regular, const ModelFit& best, const FitReport& report,
                     std::string* because) {
  ModelFit handicapped = regular;
  handicapped.log_likelihood -=
      kDropoutGain + static_cast<double>(regular.parameters.size()) -
      static_cast<double>(std::min(regular.parameters.size(), best.parameters.size()));
  if (!IsBetter(handicapped, best, report.holdout, because)) return false;
  // The numbers said are those of the fits.
  IsBetter(regular, best, report.holdout, because);
  return true;
}

// Of the models of chance timing; null when none is usable.
const ModelFit* ChooseByChance(const FitReport& report, std::string* why) {
  const ModelFit* nbd = FindUsable(report, "nbd");
  const ModelFit* bg = FindUsable(report, "bg_nbd");
  const ModelFit* mbg = FindUsable(report, "mbg_nbd");
  const ModelFit* pareto = FindUsable(report, "pareto_nbd");
  if (mbg != nullptr && !Gains(*mbg, nbd)) mbg = nullptr;
  if (pareto != nullptr && !Gains(*pareto, nbd)) pareto = nullptr;
  if (bg != nullptr && !Gains(*bg, nbd)) bg = nullptr;
  if (mbg != nullptr || pareto != nullptr) {
    const ModelFit* best = mbg != nullptr ? mbg : pareto;
    const ModelFit* other = mbg != nullptr ? pareto : nullptr;
    std::string because;
    if (other != nullptr && !IsBetter(*mbg, *pareto, report.holdout, &because)) {
      std::swap(best, other);
    }
    *why = absl::StrCat(
        NameOf(*best), ": customers drop out (log-likelihood ", Rounded(best->log_likelihood),
        nbd == nullptr
            ? ""
            : absl::StrCat(" against ", Rounded(nbd->log_likelihood), " without dropout"),
        "), and it lets one-time buyers be gone, which BG/NBD doesn't",
        because.empty() ? "" : absl::StrCat("; rather than ", NameOf(*other), " since ", because),
        ".");
    return best;
  }
  if (bg != nullptr) {
    *why =
        "BG/NBD: customers drop out, but neither MBG/NBD nor Pareto/NBD has a usable fit; it says "
        "P(alive) = 1 for every one-time buyer, so judge those by their silence.";
    return bg;
  }
  if (nbd != nullptr) {
    *why =
        "NBD: these purchases don't show that customers drop out, so value is set without "
        "dropout; judge a lapse by silence against the customer's own rhythm.";
  }
  return nbd;
}

}  // namespace

const ModelFit* FindUsable(const FitReport& report, const std::string& model) {
  for (const ModelFit& fit : report.purchase) {
    if (fit.model == model && fit.usable()) return &fit;
  }
  return nullptr;
}

const ModelFit* ChooseModel(const FitReport& report, std::string* why) {
  const ModelFit* best = ChooseByChance(report, why);
  const ModelFit* regular = FindRegular(report);
  if (regular == nullptr) return best;
  std::string because = "no model of chance timing has a usable fit";
  if (best != nullptr && !RegularIsBetter(*regular, *best, report, &because)) return best;
  *why = absl::StrCat(
      regular->model, ": purchases come at intervals more regular than chance",
      regular->parameters.size() > 2 ? ", and customers drop out" : "",
      best == nullptr ? "; " : absl::StrCat("; rather than ", NameOf(*best), " since "), because,
      ".");
  return regular;
}

std::string TimingHint(absl::Span<const PurchaseRow> rows) {
  double purchases = 0, occasions = 0;
  bool never_skipped = true;
  for (const PurchaseRow& row : rows) {
    const bool is_whole = row.recency == std::floor(row.recency) && row.age == std::floor(row.age);
    if (!is_whole || row.frequency > row.recency) return "";
    never_skipped = never_skipped && row.frequency == row.recency;
    purchases += row.weight * row.frequency;
    occasions += row.weight * row.recency;
  }
  if (purchases < kFewPurchases) return "";
  constexpr char kWhole[] = "All times are whole periods with at most one purchase in each";
  if (never_skipped) {
    return absl::StrCat(kWhole,
                        ", and nobody ever skipped one: a hint, no proof, of contracts and their "
                        "renewals. If that is what they are, name --model sbg or bdw.");
  }
  if (purchases < kOccupied * occasions) return "";
  return absl::StrCat(kWhole,
                      ": a hint, no proof, that customers can only buy once a period. If so, name "
                      "--model bg_bb.");
}

}  // namespace tenure::clv
