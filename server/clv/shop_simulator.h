// A whole shop whose truth is known: customers of any model who join over time, differ by
// covariates, buy by the season and are contacted by campaigns. Customer `index` of a scenario is
// the same however many there are. ADR 0019 says how seasons and campaigns act on each model.
#ifndef TENURE_SERVER_CLV_SHOP_SIMULATOR_H_
#define TENURE_SERVER_CLV_SHOP_SIMULATOR_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/clv/buying_habit.h"
#include "server/clv/campaign_effect.h"
#include "server/clv/covariate_column.h"
#include "server/clv/covariates.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/model_kind.h"
#include "server/clv/operational_time.h"
#include "server/clv/season.h"
#include "server/clv/simulate.h"

namespace tenure::clv {

// Times in the model's unit unless they say days.
struct Scenario {
  std::string model;
  std::vector<double> parameters;  // where all covariates are 0
  double unit_days = 7;            // a unit's; of a discrete model, between two occasions
  GammaGamma spend;                // p = 0: every purchase is worth 1
  SimulatedCovariates covariates;
  Season season;
  std::vector<CampaignEffect> campaigns;
  int64_t start_day = 0;  // of the record, counted from 1970-01-01
  double length = 0;      // of the record
  double joining = 0;     // first purchases fall evenly into the first of these
  uint64_t seed = 1;
};

struct SimulatedContact {
  size_t campaign;
  int day;       // of the record
  bool treated;  // else the holdout's: what would have been a contact
};

// What is true of a customer and a campaign at the record's end.
struct SimulatedResponse {
  ResponseSegment segment = ResponseSegment::kEverybodyElse;
  bool held_out = false;
  ResponseChances chances;  // of a contact then; 0 for who has left
};

// Also keeps the memory that drawing needs; one per thread.
struct ShopCustomer : SimulatedCustomer {
  double joined = 0;  // from the record's start
  std::vector<double> covariates;
  std::vector<SimulatedContact> contacts;    // by campaign, then day
  std::vector<SimulatedResponse> responses;  // a campaign each

  std::vector<RateChange> changes;  // of the rate, by contacts
  ChangedTime time;
};

// Immutable, thread-safe.
class ShopSimulator {
 public:
  // INVALID_ARGUMENT beginning with the member that can't be: "covariates: …".
  static absl::StatusOr<ShopSimulator> Create(Scenario scenario);

  const Scenario& scenario() const { return scenario_; }
  // No allocation once the customer's memory has grown, but for the model of who has covariates.
  void Draw(uint64_t index, ShopCustomer* customer) const;
  // Day of the record on which a time of theirs, from the first purchase on, falls.
  int64_t DayOf(const ShopCustomer& customer, double time) const;

 private:
  struct Own;  // a customer's model and its parameters
  ShopSimulator(Scenario scenario, ModelKind kind, std::shared_ptr<const PurchaseModel> model);

  absl::Status CheckCovariates();
  Own ModelOf(uint64_t index, ShopCustomer* customer) const;
  double RankOf(uint64_t index, const Own& own, ShopCustomer* customer) const;
  const ChangedTime& Contact(uint64_t index, double rank, ShopCustomer* customer) const;
  double Retained(const ShopCustomer& customer, double day) const;
  void LiveByPurchases(uint64_t index, const PurchaseModel& model, const ChangedTime& time,
                       ShopCustomer* customer) const;
  void LiveByTheClock(uint64_t index, const PurchaseModel& model, const ChangedTime& time,
                      ShopCustomer* customer) const;
  // Purchase times from operational to calendar ones, and what a contact would do at the end.
  void Finish(const ChangedTime& time, double length, ShopCustomer* customer) const;
  BuyingHabit HabitOf(const Life& life) const;

  Scenario scenario_;
  ModelKind kind_;
  std::shared_ptr<const PurchaseModel> model_;
  Simulator simulator_;
  CovariatePlan plan_;
  std::vector<double> fitted_;      // parameters, then coefficients
  std::vector<uint64_t> purposes_;  // a campaign's generator
  OperationalTime season_;          // over the record and some days beyond it
  size_t days_ = 0;                 // of the record, the last one begun
  bool is_plain_ = true;            // no season, no campaign
  bool ranks_ = false;              // a campaign asks for the rate's rank
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_SHOP_SIMULATOR_H_
