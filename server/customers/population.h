// The population: each customer's state, folded from the journal, and read as columns of features.
//
// One thread writes (the sequencer), any number read. A writer stages its changes in a Change,
// which nobody sees; Publish shows all of them at once per shard, dropping the Change forgets them.
// So readers see committed state only, and a failed commit needs no undoing.
#ifndef TENURE_SERVER_CUSTOMERS_POPULATION_H_
#define TENURE_SERVER_CUSTOMERS_POPULATION_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/day_calendar.h"
#include "server/batch/batch.h"
#include "server/clv/model_document.h"
#include "server/clv/value_model.h"
#include "server/customers/customer.h"
#include "server/customers/tier.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::customers {

// By what state is valued and staged: swapped as a whole. Any part may be null at the very start.
struct Valuation {
  std::shared_ptr<const rules::RuleSet> rules;
  std::shared_ptr<const clv::ValueModel> model;  // of whoever has no other by `populations`
  journal::CutPoints cut_points;                 // meaningful with a model only
  std::shared_ptr<const clv::PopulationModels> populations = nullptr;  // null: one model for all

  clv::ModelDocument models() const { return {model, populations}; }
  // The model of customers of that population of the rule set. There is a model.
  const clv::ValueModel& ModelOf(absl::string_view population) const {
    return populations == nullptr ? *model : populations->ModelOf(population);
  }
};

// What a fit learns from.
struct Learning {
  // Of customers with this id; null: of all.
  std::function<bool(absl::string_view)> who;
  // > 0: of purchases so soon after contacts only those that would have come anyway, see
  // thinning.h; 0: of all.
  int64_t response_window_us = 0;
  // Its populations part the customers, its margins by category count as known. Null: neither.
  std::shared_ptr<const rules::RuleSet> rules = nullptr;
  // By population, the rest last: instead of response_window_us. Empty: that for everybody.
  std::vector<int64_t> response_windows_us = {};
};

class Change;
class Shards;

class Population {
 public:
  Population();
  ~Population();
  Population(const Population&) = delete;
  Population& operator=(const Population&) = delete;

  // ---- Readers: thread-safe. ----

  // The number of a customer, 1, 2, 3 … by first appearance; 0 when unknown.
  uint32_t Find(absl::string_view id) const;
  // How many customers there are: numbers 1 … size().
  uint32_t size() const;
  // By which the days of purchases are counted. UTC until a Change says otherwise.
  const DayCalendar& days() const;

  // Values the features of `customers` (known numbers) at `at_us`: the batch has the rule set's
  // schema (without one, the built-in features), a row per customer, "segment.*" columns evaluated,
  // all by `valuation`. What happened after `at_us` is ignored, but for standings and consents,
  // which are the present ones. `profiles` receives what the contact gates need. Either output may
  // be null. Reads no clock.
  void Gather(absl::Span<const uint32_t> customers, int64_t at_us, const Valuation& valuation,
              Batch* features, std::vector<Profile>* profiles) const;

  // A copy of one customer's state, for explanations and GetCustomer. NOT_FOUND when unknown.
  absl::StatusOr<Customer> Get(uint32_t customer) const;

  // The sufficient statistics of every customer with a purchase, as of `at_us` (purchases after it
  // ignored), for fits; `holdout_from_us` > 0 splits: statistics up to there, and in
  // `holdout_purchases` the repeat purchase days from there to at_us.
  struct Money {
    double revenue = 0, margin = 0;  // of known margin, refunds off: the pooled margin rate
    double sold = 0, refunded = 0;   // all revenue, and what came back of it
    int64_t purchases = 0, margins_known = 0;
  };
  struct Summary : Money {
    std::vector<uint32_t> customers;
    std::vector<clv::Observation> observations;
    std::vector<double> holdout_purchases;
    // Where the rule set lists populations: of each customer, and the money of each; the rest is
    // the last.
    std::vector<uint32_t> population_of;
    std::vector<Money> by_population;
    int64_t days_after_contact = 0;  // with a purchase that a contact may have brought
    int64_t days_left_out = 0;       // of them, as if they had not been
  };
  Summary Summarize(int64_t at_us, int64_t holdout_from_us = 0,
                    const Learning& learning = {}) const;

  // Everybody with a purchase by tier, as held by one valuation and as they would be by another.
  struct TierChanges {
    // [before][after], each 0 low, 1 medium, 2 high.
    std::array<std::array<int64_t, kTiers>, kTiers> customers{};
    double value_before = 0, value_after = 0;  // sums of clv
  };
  TierChanges CompareTiers(int64_t at_us, const Valuation& before, const Valuation& after) const;

  // The cut-points of everybody's values at `at_us` by the valuation's model and its rule set's
  // tier settings: for the model's activation. See cut_points.h.
  journal::CutPoints CutPointsAt(int64_t at_us, const Valuation& valuation) const;

  // ---- Snapshots: the writer's thread, between batches. ----

  // Exact and versioned: Restore(Save()) is the same population, and equal populations give the
  // same bytes. Restore is for a fresh population, which it leaves so unless it succeeds; DATA_LOSS
  // when the bytes are not one.
  std::string Save() const;
  absl::Status Restore(absl::string_view bytes);

 private:
  friend class Change;
  std::unique_ptr<Shards> shards_;
};

// The staged writes of one batch. Writer's thread only; one at a time.
class Change {
 public:
  explicit Change(Population* population);
  ~Change();
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  // The number of `id`, new when unknown (staged like everything else).
  uint32_t FindOrAdd(absl::string_view id);
  // 0 when unknown here and in the population.
  uint32_t Find(absl::string_view id) const;
  // The customer as staged (or as published where not yet staged): a copy.
  Customer Get(uint32_t customer) const;
  Profile ProfileOf(uint32_t customer) const;
  // How many attributes the customer would have with those of `event`.
  size_t CountAttributesWith(uint32_t customer, const journal::EventRecord& event) const;
  // The chain of the customer's entries: sequence of the last one, 0 before the first.
  uint64_t LastSeq(uint32_t customer) const;
  void SetLastSeq(uint32_t customer, uint64_t seq);

  // Folds an event and evaluates the stages at `at_us`, the entry's time: at most one transition a
  // track. Late events are re-summarised into their place.
  void Apply(uint32_t customer, const journal::EventRecord& event, int64_t at_us,
             const Valuation& valuation);
  // A contact: pending from the decision on, confirmed by its commit, given back by a release. A
  // decision of several placements has several: `campaign` names one, empty means all.
  void AddContact(uint32_t customer, const Contact& contact);
  void SettleContact(uint32_t customer, uint64_t decision, bool confirmed,
                     absl::string_view campaign = {});
  // The tier that a decision found: from now on it is left by hysteresis only. None changes
  // nothing.
  void SetTier(uint32_t customer, Tier tier);

  // From now on the days of purchases are of this one; those there are, are counted again. Costs as
  // much as writing everybody, or nothing where it is the present one.
  void CountDaysBy(const DayCalendar& days);

  // Time has passed: from now on those customers wait to be evaluated whose stage it may change,
  // and who was touched since they were evaluated by a tick; or everybody, as they must where the
  // valuation has changed.
  void BeginTick(int64_t at_us, bool everybody);
  // Evaluates the stages of the first `at_most` who wait, by number, at `at_us`. Once nobody waits,
  // all stages are those that evaluating everybody would give.
  void Tick(int64_t at_us, const Valuation& valuation, size_t at_most);
  size_t waiting() const;
  // Evaluates everybody's stages.
  void Tick(int64_t at_us, const Valuation& valuation);

  // Shows everything to readers, and starts afresh.
  void Publish();

 private:
  class Staged;
  std::unique_ptr<Staged> staged_;
};

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_POPULATION_H_
