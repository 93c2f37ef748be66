// A purchase model with known parameters: what it says about one history, and the state of a
// customer given theirs. Times in the parameters' unit.
#ifndef TENURE_SERVER_CLV_PURCHASE_MODEL_H_
#define TENURE_SERVER_CLV_PURCHASE_MODEL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/clv/alive_process.h"

namespace tenure::clv {

enum class PurchaseKind { kNbd, kBgNbd, kMbgNbd };

// "nbd", "bg_nbd", "mbg_nbd".
const char* PurchaseKindName(PurchaseKind kind);
// INVALID_ARGUMENT naming the models there are.
absl::StatusOr<PurchaseKind> ParsePurchaseKind(absl::string_view name);
// {"r", "alpha"} or {"r", "alpha", "a", "b"}.
std::vector<std::string> PurchaseParameterNames(PurchaseKind kind);

struct PurchaseModel {
  PurchaseKind kind = PurchaseKind::kNbd;
  double r = 0;
  double alpha = 0;
  double a = 0;  // 0 for NBD: nobody drops out
  double b = 1;

  // INVALID_ARGUMENT for the wrong number of parameters or one that isn't positive and finite.
  static absl::StatusOr<PurchaseModel> Create(PurchaseKind kind,
                                              absl::Span<const double> parameters);

  // ln L of one history; 0 <= recency <= age. Thread-safe, as all here.
  double RowLogLikelihood(double frequency, double recency, double age) const;
  // P(alive | history) at T. BG/NBD: 1 for every one-time buyer.
  double PAlive(double frequency, double recency, double age) const;
  // ln(P(dead) / P(alive)); −infinity where death is impossible.
  double LogOddsDead(double frequency, double recency, double age) const;
  // The process from T on of a customer with this history, if alive at T.
  AliveProcess Alive(double frequency, double age) const;
  // The process they would have had from now on, given that they dropped out at t_x. The same as
  // Alive where death is impossible.
  AliveProcess Revived(double frequency, double recency, double age) const;
  // E[purchases in (T, T + t] | history], CET.
  double ExpectedPurchases(double frequency, double recency, double age, double t) const;
  // E[X(t)] of a customer whose first purchase is now, that one not counted.
  double ExpectedPurchasesOfNew(double t) const;

  double Chances(double frequency) const;  // to drop out so far
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_PURCHASE_MODEL_H_
