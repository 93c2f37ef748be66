// A rule set, bound once to the population's names and to positions of columns.
#ifndef TENURE_SERVER_CUSTOMERS_BINDING_H_
#define TENURE_SERVER_CUSTOMERS_BINDING_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "server/base/mutex.h"
#include "server/batch/schema.h"
#include "server/customers/names.h"
#include "server/expression/crossings.h"
#include "server/rules/features.h"
#include "server/rules/rule_set.h"

namespace tenure::customers {

// Immutable; thread-safe.
struct Binding {
  static constexpr size_t kNoColumn = ~size_t{0};

  struct AttributeColumn {
    int32_t name;
    size_t column;
    DType dtype;
  };
  struct TrackNames {
    int32_t id;
    size_t column;                // "track.<id>"; kNoColumn for the lifecycle
    std::vector<int32_t> stages;  // names, by stage of the track
  };
  // Which columns to fill.
  struct Wanted {
    std::vector<uint8_t> columns;  // by column of the schema
    bool model = false;            // any that the value model gives
    bool population = false;       // any that the population has a part in
    std::vector<size_t> segments;  // by position in the rule set, in order
  };
  // When time alone can change what the conditions of the stages say.
  struct Timing {
    std::vector<expression::Crossings> crossings;
    bool solved = true;  // false: also at other instants than those
  };

  std::shared_ptr<const rules::RuleSet> rules;  // null: the built-in features alone
  std::shared_ptr<const Schema> schema;
  std::vector<AttributeColumn> attributes;
  std::vector<TrackNames> tracks;
  std::vector<size_t> segment_columns;  // by segment
  // Rates of product categories, by their codes.
  std::vector<std::pair<int32_t, double>> margin_of;
  Wanted all;              // every column
  Wanted for_populations;  // what their conditions read
  Wanted for_stages;       // what the conditions of the stages read
  Timing timing;           // of the same conditions
  bool has_stages = false;

  // The stage's position in a track of the rule set; -1 when it has no such stage (any more).
  int32_t StageOf(size_t track, int32_t name) const;
  bool has_populations() const { return rules != nullptr && !rules->value.populations.empty(); }
  // The margin rate of a category, null where it has none.
  const double* MarginOf(int32_t category) const;
  // What it takes to fill these features.
  Wanted WantedFor(std::initializer_list<rules::Feature> features) const;
};

// The bindings of the last few rule sets. Thread-safe.
class Bindings {
 public:
  // `rules` may be null.
  std::shared_ptr<const Binding> For(const std::shared_ptr<const rules::RuleSet>& rules,
                                     Names* names) TENURE_EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  std::vector<std::shared_ptr<const Binding>> recent_ TENURE_GUARDED_BY(mutex_);  // newest last
};

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_BINDING_H_
