// NBD, BG/NBD and MBG/NBD with known parameters. They differ only in when a customer may drop out,
// so that every posterior is an AliveProcess. Sources as in beta_geometric.h and nbd.h; those of
// NBD are BG/NBD's with p = 0.
#ifndef TENURE_SERVER_CLV_BETA_GEOMETRIC_MODEL_H_
#define TENURE_SERVER_CLV_BETA_GEOMETRIC_MODEL_H_

#include <string>

#include "server/clv/alive_process.h"
#include "server/clv/dropout.h"
#include "server/clv/purchase_model.h"

namespace tenure::clv {

class BetaGeometricModel final : public PurchaseModel {
 public:
  // All above 0; a and b are not read with kNever.
  BetaGeometricModel(Dropout dropout, double r, double alpha, double a = 0, double b = 1);

  // BG: equation 6. MBG: note 021.
  double RowLogLikelihood(const History& history) const override;
  // BG: note 021, page 2. MBG: Batislam et al. 2007, equation 5.
  double LogOddsDead(const History& history) const override;
  // The mean of e^(−λpt), the chance to be there still (2005), over the posterior.
  double PAliveAfter(const History& history, double t) const override;
  double SilenceUntil(const History& history, double log_odds) const override;
  double RhythmLimit(const History& history) const override;
  // BG: equation 10; MBG: Batislam et al. 2007, equation 6. Of {} they are a new customer's: BG
  // equation 9, MBG equation 4.
  double ExpectedPurchases(const History& history, double t) const override;
  // No purchase, BG: Fader, Hardie 2019 (A step-by-step derivation of the BG/NBD model, note 039),
  // equation 34. The others: the sum over whether the last one ended it, as 2005 has it for a
  // new customer.
  void CountProbabilities(const History& history, double t, absl::Span<double> out) const override;
  // Neither paper has one: discounted in AliveProcess, by quadrature.
  double ExpectedDiscounted(const History& history, double discount) const override;
  bool FutureIsByAge() const override { return true; }
  Outlook OutlookIfAlive(const History& history, const TimeGrid& grid) const override;
  double ValueIfAlive(const History& history, const TimeGrid& grid) const override;
  double ValueIfRevived(const History& history, const TimeGrid& grid) const override;
  void Draw(double length, Random* random, Life* life) const override;

  // The process from T on of a customer with this history, if alive at T.
  AliveProcess Alive(const History& history) const;
  // The process they would have had from now on, given that they dropped out at t_x. The same as
  // Alive where death is impossible.
  AliveProcess Revived(const History& history) const;

 protected:
  double TimeScale(const History& history) const override;

 private:
  double Chances(double frequency) const { return ChancesToLeave(dropout_, frequency); }

  const Dropout dropout_;
  const double r_;
  const double alpha_;
  const double a_;  // 0 for NBD
  const double b_;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_BETA_GEOMETRIC_MODEL_H_
