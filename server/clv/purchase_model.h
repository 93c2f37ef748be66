// A model of purchases with known parameters: what it says about one customer's history and future.
// Each model is a class in a file of its name; model_kinds.h lists them.
#ifndef TENURE_SERVER_CLV_PURCHASE_MODEL_H_
#define TENURE_SERVER_CLV_PURCHASE_MODEL_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "server/base/random.h"
#include "server/clv/history.h"
#include "server/clv/outlook.h"

namespace tenure::clv {

// One simulated customer, times from the first purchase on.
struct Life {
  double rate = 0;            // purchases a unit while alive
  double dropout = 0;         // as the model draws it: a probability, or a rate of death
  double death = 0;           // when they left; +infinity: still there at the end
  std::vector<double> times;  // of all purchases up to the end; times[0] = 0
};

// Immutable, thread-safe. All times in the parameters' unit.
class PurchaseModel {
 public:
  virtual ~PurchaseModel() = default;

  const std::string& name() const { return name_; }
  absl::Span<const double> parameters() const { return parameters_; }

  // ln L of one history.
  virtual double RowLogLikelihood(const History& history) const = 0;
  // ln(P(dead at T) / P(alive at T)) given the history; −infinity where death is impossible.
  virtual double LogOddsDead(const History& history) const = 0;
  double PAlive(const History& history) const;
  // P(alive at T + t), whether they buy until then or not.
  virtual double PAliveAfter(const History& history, double t) const = 0;
  // How long without a purchase until LogOddsDead is `log_odds`; 0 where it is already,
  // +infinity where it never is. May be early by rounding, never late.
  virtual double SilenceUntil(const History& history, double log_odds) const;
  // How long after the last purchase 95 % of customers like this one, alive, would have bought.
  virtual double RhythmLimit(const History& history) const = 0;

  // E[purchases in (T, T + t]], CET; in an interval: the difference of two.
  virtual double ExpectedPurchases(const History& history, double t) const = 0;
  // P(n purchases in (T, T + t]) for n = 0, 1, … out.size() − 1; they sum to at most 1.
  virtual void CountProbabilities(const History& history, double t,
                                  absl::Span<double> out) const = 0;
  // E[Σ e^(−discount · time of purchase)] over all that is to come, discount > 0: DERT.
  virtual double ExpectedDiscounted(const History& history, double discount) const = 0;

  // Whether the three below depend on the recency only through P(alive): on frequency and age
  // alone.
  virtual bool FutureIsByAge() const { return false; }
  // The grid for the three below: a window, a horizon and a discount rate a unit.
  TimeGrid Grid(const History& history, double window, double horizon, double discount_rate) const {
    return TimeGrid::Over(window, horizon, discount_rate, TimeScale(history));
  }
  // Moments over the grid's horizon of a customer who is alive at T. No allocation, as below.
  virtual Outlook OutlookIfAlive(const History& history, const TimeGrid& grid) const = 0;
  // Its `value` alone.
  virtual double ValueIfAlive(const History& history, const TimeGrid& grid) const = 0;
  // The value of a customer who had left but comes back just now, alive from T on: what the
  // history says of their rates given that they left. As ValueIfAlive where death is impossible.
  virtual double ValueIfRevived(const History& history, const TimeGrid& grid) const = 0;

  // A new customer's life for `length` after the first purchase. Reuses the vector's memory.
  virtual void Draw(double length, Random* random, Life* life) const = 0;

 protected:
  PurchaseModel(std::string name, std::vector<double> parameters)
      : name_(std::move(name)), parameters_(std::move(parameters)) {}
  // Over which times the future changes.
  virtual double TimeScale(const History& history) const = 0;

 private:
  const std::string name_;
  const std::vector<double> parameters_;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_PURCHASE_MODEL_H_
