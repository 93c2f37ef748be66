// BG/BB and the beta-binomial with known parameters: purchases at occasions 1, 2, … after the
// first one, of which T = n have passed. Equations are those of Fader, Hardie, Shang 2010. Parts of
// an occasion don't count: ages, horizons and windows are cut down to whole ones, at most
// kMostOccasions.
//
// Alive at T means as in the paper: still there for the next occasion, n + 1. A customer who has
// left after occasion n is dead at once.
#ifndef TENURE_SERVER_CLV_BETA_BERNOULLI_MODEL_H_
#define TENURE_SERVER_CLV_BETA_BERNOULLI_MODEL_H_

#include "server/clv/purchase_model.h"

namespace tenure::clv {

class BetaBernoulliModel final : public PurchaseModel {
 public:
  // BG/BB; all above 0.
  BetaBernoulliModel(double alpha, double beta, double gamma, double delta);
  // The beta-binomial: nobody leaves.
  BetaBernoulliModel(double alpha, double beta);

  // Equation 5. Several purchases at one occasion count once: x is at most t_x here.
  double RowLogLikelihood(const History& history) const override;
  double LogOddsDead(const History& history) const override;            // equation 11
  double PAliveAfter(const History& history, double t) const override;  // A10
  // +infinity also beyond kMostOccasions.
  double SilenceUntil(const History& history, double log_odds) const override;
  double RhythmLimit(const History& history) const override;
  // Equation 13; of {} they are a new customer's, equation 8.
  double ExpectedPurchases(const History& history, double t) const override;
  // Of {} equation 7; given a history, the same of the posterior of who is alive.
  void CountProbabilities(const History& history, double t, absl::Span<double> out) const override;
  double ExpectedDiscounted(const History& history, double discount) const override;  // equation 14
  // A dropout in the window: after one of its occasions.
  Outlook OutlookIfAlive(const History& history, const TimeGrid& grid) const override;
  double ValueIfAlive(const History& history, const TimeGrid& grid) const override;
  double ValueIfRevived(const History& history, const TimeGrid& grid) const override;
  // death = k: they left right after occasion k.
  void Draw(double length, Random* random, Life* life) const override;

 protected:
  double TimeScale(const History& history) const override;

 private:
  struct Known {
    double x, last, n;  // whole, x <= last <= n
  };
  struct Process {  // of a living customer: p ~ Beta(a, b), θ ~ Beta(g, d)
    double a, b, g, d;
  };
  static Known Count(const History& history);
  Process Alive(const Known& known) const;

  const double alpha_;
  const double beta_;
  const double gamma_;  // 0 for the beta-binomial
  const double delta_;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_BETA_BERNOULLI_MODEL_H_
