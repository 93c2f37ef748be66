// What marketing has written, checked and immutable: the one structure that customers, decision and
// planning read. Made by the rules compiler (compiler.h); named by the hash of its content.
#ifndef TENURE_SERVER_RULES_RULE_SET_H_
#define TENURE_SERVER_RULES_RULE_SET_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/time.h"
#include "server/batch/schema.h"
#include "server/expression/program.h"

namespace tenure::rules {

// Where something stands in the YAML. Lines and columns count from 1.
struct Mark {
  std::string file;
  int line = 0;
  int column = 0;
};

// A condition of the expression language over the rule set's feature schema. `program` is null
// where the YAML states none: always true.
struct Condition {
  std::shared_ptr<const expression::Program> program;
  Mark mark;
};

// An attribute of customers that the rule set declares; its column is "customer.<name>".
struct Attribute {
  std::string name;
  DType dtype = DType::kString;
  bool service_only = false;     // collected for service: no marketing rule may read it
  bool protected_class = false;  // may not stand in a condition at all
};

// What a fit learns from purchases after a contact: all count as spontaneous, only customers of the
// global holdout are looked at, or they count by the chance that they were spontaneous.
enum class LearnFrom : uint8_t { kAll, kHoldout, kWeighted };

// When the server fits a new version by itself.
struct RefitSettings {
  int64_t every_us = 0;                           // 0: not by time
  std::optional<double> when_psi_above;           // of any of the watched quantities
  std::optional<double> when_calibration_off_by;  // share that seen purchases are off expected ones
  bool activate = true;                           // false: recorded as a candidate
};

// How customers' value is modelled.
struct ModelSettings {
  std::string model = "auto";  // one of model_name.h
  double time_unit_days = 7;   // of a contract: its period
  double horizon_days = 364;
  double discount_per_year = 0.10;  // annual effective rate
  double response_window_days = 28;
  std::optional<double> margin_rate;  // share of revenue; none: pooled from the events' margins
};

// Customers whose value has a model of their own. What it states not is as `value` has it.
struct ValuePopulation {
  std::string name;
  Condition when;  // reads facts that are known without a model
  ModelSettings settings;
  Mark mark;
};

// Those of no population, where there are any.
inline constexpr char kRestPopulation[] = "rest";

struct ValueSettings : ModelSettings {
  // Share of revenue of purchases of a category that state no margin themselves; by category.
  std::vector<std::pair<std::string, double>> margin_by_category;
  std::vector<ValuePopulation> populations;  // the first whose condition holds
  // Segments that the conditions of populations read, and those that these read; in order.
  std::vector<size_t> population_segments;
  double tier_hysteresis = 0.05;  // share of a cut point by which a value must be beyond it
  LearnFrom learn_from = LearnFrom::kWeighted;
  std::optional<RefitSettings> refit;

  // Of the population at that place; of the rest beyond the last.
  const ModelSettings& SettingsOf(size_t population) const {
    return population < populations.size() ? populations[population].settings : *this;
  }
  absl::string_view NameOf(size_t population) const {
    return population < populations.size() ? absl::string_view(populations[population].name)
                                           : absl::string_view(kRestPopulation);
  }
};

// Value tiers by quantile of clv: the top `high_share` of customers are high, the next
// `medium_share` medium, the others low. Cut-points are journaled with each model.
struct TierSettings {
  double high_share = 0.2;
  double medium_share = 0.3;
};

// One stage of a track. A customer leaves when `exit` holds (or, without one, when `enter` no
// longer does) and `min_dwell_us` has passed; then takes the first other stage of the track, in
// order, whose `enter` holds and whose cool-down since the customer last left it is over. At most
// one transition an evaluation.
struct Stage {
  std::string id;
  std::string title;
  Condition enter;
  Condition exit;
  int64_t min_dwell_us = 0;
  int64_t cool_down_us = 0;
  Mark mark;
};

// Track 0 is the lifecycle (column "stage"); others stand beside it (column "track.<id>").
struct Track {
  std::string id;
  std::vector<Stage> stages;
};

// Overlapping groups; column "segment.<id>" (bool).
struct Segment {
  std::string id;
  std::string title;
  Condition when;
  Mark mark;
};

enum class CapScope : uint8_t { kAny, kCampaign, kTag, kStage, kChannel };

// At most `count` contacts per customer in the window; all caps hold together.
struct Cap {
  std::string id;
  int32_t count = 0;
  CapScope scope = CapScope::kAny;
  std::string scope_value;         // which campaign, tag, stage or channel
  int64_t rolling_us = 0;          // rolling window; 0: calendar
  Period calendar = Period::kDay;  // in the rule set's zone
  Mark mark;
};

struct QuietHours {
  int32_t from_minute = 0;  // of the local day, may cross midnight
  int32_t to_minute = 0;
  bool defer = true;  // false: drop
};

// Global holdout: buckets below `share` of 10,000 get nothing.
struct Holdout {
  uint32_t share = 0;
  std::string salt;  // includes the epoch: a new epoch draws anew
};

enum class Split : uint8_t {
  kOptimal,
  kFixed,
  kProportionalCustomers,
  kProportionalClv,
  kProportionalLastSpend,  // of the period before
};

// One part of a budget: first match in order; the last one of every budget is "unplanned", for who
// comes after the plan.
struct BudgetSegment {
  std::string id;
  Condition when;  // null program on the `else` segment
  int64_t min_micros = 0;
  std::optional<int64_t> max_micros;
  Mark mark;
};

// When the server plans the budget anew by itself; 0, or none: not for that reason.
struct Replan {
  int64_t every_us = 0;
  std::optional<double> when_spend_off_by;     // share of the limit, from what the plan foresaw
  std::optional<double> when_newcomers_above;  // share of the customers, unknown to the plan
  // Share of the customers in other segments, stages or tiers than the plan's mix has.
  std::optional<double> when_population_moved_by;
};

// Offers by lot: what they earn is known without bias.
struct Exploration {
  int64_t limit_micros = 0;  // taken from the budget's limit
  double share = 0;          // of decisions
};

inline constexpr char kUnplannedSegment[] = "unplanned";
inline constexpr char kExplorationSegment[] = "exploration";

// What a paced budget's spend follows over its period: the shape of decisions by hour and weekday,
// learned from past ones; time; or the former, sooner.
enum class PacingShape : uint8_t { kCurve, kEven, kFrontLoaded };

struct Pacing {
  PacingShape shape = PacingShape::kCurve;
  std::optional<int64_t> day_max_micros;    // never more is held and spent of a local day's holds
  int64_t stale_after_us = kMicrosPerHour;  // silence where decisions are expected freezes prices
  Mark mark;
};

struct Budget {
  std::string id;
  Period period = Period::kMonth;
  int64_t limit_micros = 0;
  Split split = Split::kOptimal;
  int64_t unplanned_micros = 0;  // taken from limit_micros for who has no frozen segment
  bool carries_over = false;     // what a period leaves is added to the next one's limit
  std::optional<int64_t> max_carry_over_micros;
  std::optional<int64_t> per_customer_micros;  // the most for one customer in a period
  std::vector<BudgetSegment> segments;
  std::optional<Replan> replan;
  std::optional<Exploration> exploration;
  std::optional<Pacing> pacing;
  Mark mark;
};

// What a decision holds for an offer: the most it can cost while it is valid, or its contact cost
// only, and the rest when it is redeemed, which may then be refused.
enum class Reserve : uint8_t { kLiability, kAtRedemption };

struct Offer {
  std::string id;
  std::string title;
  int64_t contact_cost_micros = 0;
  double discount_rate = 0;         // share of the next order, [0, 1]
  int64_t discount_micros = 0;      // fixed amount off
  int64_t max_discount_micros = 0;  // most a percentage may cost; needed with discount_rate
  double redemption = 1;            // probability that a purchase redeems it
  int32_t valid_days = 0;
  Reserve reserve = Reserve::kLiability;
  bool clamp = false;  // on_insufficient: holds what is left where that is less than its liability
  Mark mark;
};

// kService: a message that is owed: outside holdouts, caps and the score's gate, before all others.
enum class CampaignClass : uint8_t { kRanked, kService };
enum class Reentry : uint8_t { kCooldown, kOnce, kPerEntry };

struct Campaign {
  std::string id;
  std::string title;
  CampaignClass campaign_class = CampaignClass::kRanked;
  std::string channel;
  std::vector<std::string> tags;
  std::optional<int64_t> start_us;  // schedule [start, end)
  std::optional<int64_t> end_us;
  std::vector<std::string> stages;  // of track 0; empty: any
  Condition eligible;
  std::string plugin;
  std::string params_json;  // canonical JSON
  std::vector<Offer> offers;
  int32_t priority = 0;                          // higher first among equal scores
  double lever = 1;                              // multiplies the gross value
  std::string budget;                            // empty: costs nothing that a budget covers
  int64_t hold_us = 15 * 60 * kMicrosPerSecond;  // lengthened to an offer's validity
  Reentry reentry = Reentry::kCooldown;
  int64_t cooldown_us = 0;
  uint32_t holdout_share = 0;         // of 10,000
  bool holdout_falls_through = true;  // false: the held-out customer gets nothing at all
  std::string exclusivity_group;      // empty: none
  bool obeys_caps = true;
  bool counts_toward_caps = true;
  Mark mark;
};

// The file names and contents that the set was compiled from, as published and stored.
struct Source {
  std::string file;
  std::string text;
};

// Immutable, thread-safe.
struct RuleSet {
  std::string hash;  // SHA-256 over the sources, hexadecimal: the version's name
  std::string name;
  std::string currency;
  std::string zone;  // IANA
  std::vector<Attribute> attributes;
  ValueSettings value;
  TierSettings tiers;
  std::vector<Track> tracks;
  std::vector<Segment> segments;
  std::vector<Cap> caps;
  std::optional<QuietHours> quiet_hours;
  Holdout holdout;
  std::vector<Budget> budgets;
  std::vector<Campaign> campaigns;
  int32_t placements = 1;  // offers an answer may hold
  // Decisions asked for a customer, expected a week, until the server has counted them itself.
  std::optional<double> arrivals_per_week;
  // Built-in features (features.h), then "track.*", then "customer.*", then "segment.*".
  std::shared_ptr<const Schema> schema;
  std::vector<Source> sources;
};

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_RULE_SET_H_
