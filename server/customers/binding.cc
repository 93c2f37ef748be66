#include "server/customers/binding.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/customers/due.h"
#include "server/rules/features.h"

namespace tenure::customers {
namespace {

constexpr size_t kBindingsKept = 4;  // in force, and drafts being previewed

std::shared_ptr<const Schema> BuiltInSchema() {
  std::vector<Field> fields;
  for (const rules::FeatureInfo& info : rules::Features()) {
    fields.push_back({std::string(info.name), info.dtype});
  }
  return std::make_shared<const Schema>(Schema::Create(std::move(fields)).value());
}

bool IsOfModel(size_t column) {
  return (column >= rules::kPAlive && column <= rules::kRhythmLimitDays) || column == rules::kTier;
}

void Want(const rules::Condition& condition, const Schema& schema, Binding::Wanted* wanted) {
  if (condition.program == nullptr) return;
  for (const std::string& name : condition.program->columns()) {
    const std::optional<size_t> column = schema.Find(name);
    if (column.has_value()) wanted->columns[*column] = 1;
  }
}

// What says in which population a customer is.
void WantPopulations(const Binding& binding, Binding::Wanted* wanted) {
  wanted->population = true;
  const rules::ValueSettings& value = binding.rules->value;
  for (const rules::ValuePopulation& population : value.populations) {
    Want(population.when, *binding.schema, wanted);
  }
  for (const size_t s : value.population_segments) {
    wanted->columns[binding.segment_columns[s]] = 1;
    Want(binding.rules->segments[s].when, *binding.schema, wanted);
  }
}

// Segments that the wanted columns are, and what those read: a segment may read earlier ones.
void Close(const Binding& binding, Binding::Wanted* wanted) {
  for (size_t s = binding.segment_columns.size(); s-- > 0;) {
    if (!wanted->columns[binding.segment_columns[s]]) continue;
    wanted->segments.push_back(s);
    Want(binding.rules->segments[s].when, *binding.schema, wanted);
  }
  std::reverse(wanted->segments.begin(), wanted->segments.end());
  // The scores are read off other columns.
  auto& columns = wanted->columns;
  const bool scored =
      columns[rules::kRfmRecency] || columns[rules::kRfmFrequency] || columns[rules::kRfmMonetary];
  if (scored) {
    columns[rules::kDaysSinceLastPurchase] = columns[rules::kPurchases] =
        columns[rules::kSpendMean] = 1;
  }
  for (size_t c = 0; c < rules::kFeatureCount; ++c) {
    if (columns[c] && IsOfModel(c)) wanted->model = true;
  }
  if (!binding.has_populations()) return;
  // By it the model is known that solves when P(alive) falls to a bound.
  if (wanted->model) columns[rules::kPopulation] = 1;
  if (columns[rules::kPopulation] || columns[rules::kMarginTotal]) {
    WantPopulations(binding, wanted);
  }
}

void BindMargins(const rules::RuleSet& rules, Names* names, Binding* binding) {
  for (const auto& [category, rate] : rules.value.margin_by_category) {
    binding->margin_of.emplace_back(names->Intern(category), rate);
  }
}

void BindTracks(const rules::RuleSet& rules, Names* names, Binding* binding) {
  for (size_t t = 0; t < rules.tracks.size(); ++t) {
    const rules::Track& track = rules.tracks[t];
    Binding::TrackNames bound;
    bound.id = names->Intern(track.id);
    bound.column =
        t == 0
            ? Binding::kNoColumn
            : binding->schema->Find(absl::StrCat("track.", track.id)).value_or(Binding::kNoColumn);
    for (const rules::Stage& stage : track.stages) {
      bound.stages.push_back(names->Intern(stage.id));
      Want(stage.enter, *binding->schema, &binding->for_stages);
      Want(stage.exit, *binding->schema, &binding->for_stages);
    }
    binding->has_stages |= !track.stages.empty();
    binding->tracks.push_back(std::move(bound));
  }
}

void AddTiming(const rules::Condition& condition, const std::vector<expression::Motion>& motions,
               Binding* binding) {
  if (condition.program == nullptr) return;
  expression::Crossings crossings(*condition.program, *binding->schema, motions);
  binding->timing.solved &= crossings.complete();
  if (!crossings.empty()) binding->timing.crossings.push_back(std::move(crossings));
}

void TimeStages(Binding* binding) {
  const std::vector<expression::Motion> motions = MotionsOf(*binding->schema);
  for (const rules::Track& track : binding->rules->tracks) {
    for (const rules::Stage& stage : track.stages) {
      AddTiming(stage.enter, motions, binding);
      AddTiming(stage.exit, motions, binding);
    }
  }
  for (const size_t s : binding->for_stages.segments) {
    AddTiming(binding->rules->segments[s].when, motions, binding);
  }
  if (!binding->for_stages.population) return;
  const rules::ValueSettings& value = binding->rules->value;
  for (const rules::ValuePopulation& population : value.populations) {
    AddTiming(population.when, motions, binding);
  }
  const std::vector<size_t>& timed = binding->for_stages.segments;
  for (const size_t s : value.population_segments) {
    if (std::find(timed.begin(), timed.end(), s) != timed.end()) continue;
    AddTiming(binding->rules->segments[s].when, motions, binding);
  }
}

std::shared_ptr<const Binding> Bind(const std::shared_ptr<const rules::RuleSet>& rules,
                                    Names* names) {
  auto binding = std::make_shared<Binding>();
  binding->rules = rules;
  binding->schema = rules == nullptr ? BuiltInSchema() : rules->schema;
  TENURE_CHECK(binding->schema->size() >= rules::kFeatureCount);
  binding->all.columns.assign(binding->schema->size(), 1);
  binding->for_stages.columns.assign(binding->schema->size(), 0);
  if (rules != nullptr) {
    for (const rules::Attribute& attribute : rules->attributes) {
      const auto column = binding->schema->Find(absl::StrCat("customer.", attribute.name));
      if (!column.has_value()) continue;
      binding->attributes.push_back({names->Intern(attribute.name), *column, attribute.dtype});
    }
    for (const rules::Segment& segment : rules->segments) {
      const auto column = binding->schema->Find(absl::StrCat("segment.", segment.id));
      TENURE_CHECK(column.has_value());
      binding->segment_columns.push_back(*column);
    }
    BindTracks(*rules, names, binding.get());
    BindMargins(*rules, names, binding.get());
    binding->for_populations.columns.assign(binding->schema->size(), 0);
    if (binding->has_populations()) WantPopulations(*binding, &binding->for_populations);
  }
  Close(*binding, &binding->all);
  Close(*binding, &binding->for_stages);
  if (rules != nullptr) TimeStages(binding.get());
  return binding;
}

}  // namespace

int32_t Binding::StageOf(size_t track, int32_t name) const {
  const std::vector<int32_t>& stages = tracks[track].stages;
  const auto found = std::find(stages.begin(), stages.end(), name);
  return name < 0 || found == stages.end() ? -1 : static_cast<int32_t>(found - stages.begin());
}

const double* Binding::MarginOf(int32_t category) const {
  for (const auto& [code, rate] : margin_of) {
    if (code == category) return &rate;
  }
  return nullptr;
}

Binding::Wanted Binding::WantedFor(std::initializer_list<rules::Feature> features) const {
  Wanted wanted;
  wanted.columns.assign(schema->size(), 0);
  for (const rules::Feature feature : features) wanted.columns[feature] = 1;
  Close(*this, &wanted);
  return wanted;
}

std::shared_ptr<const Binding> Bindings::For(const std::shared_ptr<const rules::RuleSet>& rules,
                                             Names* names) {
  MutexLock lock(&mutex_);
  for (auto it = recent_.rbegin(); it != recent_.rend(); ++it) {
    if ((*it)->rules == rules) return *it;
  }
  if (recent_.size() == kBindingsKept) recent_.erase(recent_.begin());
  recent_.push_back(Bind(rules, names));
  return recent_.back();
}

}  // namespace tenure::customers
