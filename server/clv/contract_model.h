// Contracts with known retention (sBG, BdW) seen as purchases: the renewals are the purchases, one
// a period until the first that doesn't come. Whether a customer is alive is seen, not inferred:
// active as long as no renewal is overdue (IsActive), else lost. Equations are RetentionCurve's;
// seeing contracts as purchases, and what a window puts at risk, is ours.
#ifndef TENURE_SERVER_CLV_CONTRACT_MODEL_H_
#define TENURE_SERVER_CLV_CONTRACT_MODEL_H_

#include "server/clv/purchase_model.h"
#include "server/clv/retention_curve.h"

namespace tenure::clv {

// Times in periods of the contract. With n = t_x renewals at age T, renewal n + j is due n + j − T
// from now, one that is due right now at 0+; the frequency isn't read. A lost customer's figures
// "if alive" are those of one about to decide on the renewal that they didn't make.
class ContractModel final : public PurchaseModel {
 public:
  ContractModel(double alpha, double beta);            // sbg
  ContractModel(double alpha, double beta, double c);  // bdw

  double RowLogLikelihood(const History& history) const override;
  // ±kCertain: what was seen is certain.
  double LogOddsDead(const History& history) const override;
  double PAliveAfter(const History& history, double t) const override;
  double SilenceUntil(const History& history, double log_odds) const override;  // until overdue
  double RhythmLimit(const History& history) const override;                    // a period
  double ExpectedPurchases(const History& history, double t) const override;
  void CountProbabilities(const History& history, double t, absl::Span<double> out) const override;
  // DERL, from the next renewal's time on.
  double ExpectedDiscounted(const History& history, double discount) const override;
  // A dropout in the window: a renewal due in it that doesn't come; it and what would have followed
  // are at risk.
  Outlook OutlookIfAlive(const History& history, const TimeGrid& grid) const override;
  double ValueIfAlive(const History& history, const TimeGrid& grid) const override;
  // A lost customer starts a new contract now: renewals at 1, 2, … by their θ, given that they
  // left after n of the old one's.
  double ValueIfRevived(const History& history, const TimeGrid& grid) const override;
  void Draw(double length, Random* random, Life* life) const override;

  const RetentionCurve& curve() const { return curve_; }

  // A log odds beyond which 1 − P is 0 in a double, finite so that its differences are numbers.
  static constexpr double kCertain = 1'000;

 protected:
  double TimeScale(const History& history) const override;

 private:
  struct Standing {
    bool active;
    double renewals;  // n
    double next;      // when renewal n + 1 is due, 0 to 1 from now
  };
  static Standing StandingOf(const History& history);
  // How many renewals are due in (0, t], at most kMostOccasions.
  static double DueWithin(const Standing& standing, double t);
  // E of what renewals that fail in the window cost, BdW's as well as sBG's.
  double AtRisk(const Standing& standing, const TimeGrid& grid) const;

  const RetentionCurve curve_;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_CONTRACT_MODEL_H_
