// CNBD-k, BG/CNBD-k and MBG/CNBD-k with known parameters, k >= 2. Sources as in condensed_nbd.h;
// what is said of the future is ours, and exact (condensed_future.h).
#ifndef TENURE_SERVER_CLV_CONDENSED_NBD_MODEL_H_
#define TENURE_SERVER_CLV_CONDENSED_NBD_MODEL_H_

#include <string>

#include "server/clv/condensed_future.h"
#include "server/clv/condensed_nbd.h"
#include "server/clv/dropout.h"
#include "server/clv/purchase_model.h"

namespace tenure::clv {

// "mbg_cnbd_2"; k = 1: "mbg_nbd".
std::string CondensedName(Dropout dropout, int k);

class CondensedNbdModel final : public PurchaseModel {
 public:
  // All above 0, 2 <= k <= kMostRegular; a and b are not read with kNever.
  CondensedNbdModel(Dropout dropout, int k, double r, double alpha, double a = 0, double b = 1);

  double RowLogLikelihood(const History& history) const override;  // without Σ ln intervals
  double LogOddsDead(const History& history) const override;
  double PAliveAfter(const History& history, double t) const override;
  double RhythmLimit(const History& history) const override;
  double ExpectedPurchases(const History& history, double t) const override;
  void CountProbabilities(const History& history, double t, absl::Span<double> out) const override;
  double ExpectedDiscounted(const History& history, double discount) const override;
  Outlook OutlookIfAlive(const History& history, const TimeGrid& grid) const override;
  double ValueIfAlive(const History& history, const TimeGrid& grid) const override;
  double ValueIfRevived(const History& history, const TimeGrid& grid) const override;
  void Draw(double length, Random* random, Life* life) const override;

 protected:
  double TimeScale(const History& history) const override;

 private:
  double Chances(double frequency) const { return ChancesToLeave(dropout_, frequency); }
  CondensedFuture Alive(const History& history) const;

  const Dropout dropout_;
  const int k_;
  const double r_;
  const double alpha_;
  const double a_;
  const double b_;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_CONDENSED_NBD_MODEL_H_
