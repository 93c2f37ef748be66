#include "tests/customers/world.h"

#include <cstdio>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/status.h"
#include "server/rules/features.h"
#include "server/rules/population.h"

namespace tenure::customers {
namespace {

rules::Condition Compile(const std::string& text, const Schema& schema) {
  rules::Condition condition;
  if (text.empty()) return condition;
  condition.program = expression::Program::Compile(text, schema, nullptr);
  if (condition.program == nullptr) std::fprintf(stderr, "does not compile: %s\n", text.c_str());
  TENURE_CHECK(condition.program != nullptr);
  return condition;
}

journal::EventRecord Event(journal::EventType type, int64_t at_us) {
  journal::EventRecord event;
  event.type = type;
  event.happened_us = at_us;
  return event;
}

}  // namespace

std::shared_ptr<const rules::RuleSet> MakeRules(const RulesText& text) {
  auto result = std::make_shared<rules::RuleSet>();
  std::vector<Field> fields;
  for (const rules::FeatureInfo& info : rules::Features()) {
    fields.push_back({std::string(info.name), info.dtype});
  }
  for (size_t t = 1; t < text.tracks.size(); ++t) {
    fields.push_back({"track." + text.tracks[t].first, DType::kString});
  }
  for (const auto& [name, dtype] : text.attributes) fields.push_back({"customer." + name, dtype});
  for (const auto& [id, when] : text.segments) fields.push_back({"segment." + id, DType::kBool});
  result->schema = std::make_shared<const Schema>(Schema::Create(std::move(fields)).value());
  for (const auto& [id, stages] : text.tracks) {
    rules::Track track;
    track.id = id;
    for (const StageText& stage : stages) {
      rules::Stage& added = track.stages.emplace_back();
      added.id = stage.id;
      added.enter = Compile(stage.enter, *result->schema);
      added.exit = Compile(stage.exit, *result->schema);
      added.min_dwell_us = stage.min_dwell_us;
      added.cool_down_us = stage.cool_down_us;
    }
    result->tracks.push_back(std::move(track));
  }
  for (const auto& [name, dtype] : text.attributes) {
    rules::Attribute& attribute = result->attributes.emplace_back();
    attribute.name = name;
    attribute.dtype = dtype;
  }
  for (const auto& [id, when] : text.segments) {
    rules::Segment& segment = result->segments.emplace_back();
    segment.id = id;
    segment.when = Compile(when, *result->schema);
  }
  for (const auto& [name, when] : text.populations) {
    rules::ValuePopulation& population = result->value.populations.emplace_back();
    population.name = name;
    population.when = Compile(when, *result->schema);
  }
  result->value.population_segments = rules::SegmentsOfPopulations(*result);
  return result;
}

std::shared_ptr<const clv::ValueModel> MakeModel(double margin_rate) {
  clv::ValueParameters parameters;
  parameters.model = "bg_nbd";
  parameters.purchase = {0.243, 4.414, 0.793, 2.426};
  parameters.spend = {6.25, 3.74, 15.44};
  clv::ValueOptions options;
  options.margin_rate = margin_rate;
  return clv::ValueModel::Create(parameters, options).value();
}

std::shared_ptr<const clv::PopulationModels> MakePopulations(
    const std::vector<std::pair<std::string, std::shared_ptr<const clv::ValueModel>>>& models) {
  std::vector<clv::Population> populations;
  for (const auto& [name, model] : models) {
    clv::Population& population = populations.emplace_back();
    population.name = name;
    population.model = model;
  }
  return clv::PopulationModels::Create("", MakeModel(), std::move(populations)).value();
}

std::shared_ptr<const clv::ValueModel> MakeContracts() {
  clv::ValueParameters parameters;
  parameters.model = "sbg";
  parameters.purchase = {0.7, 3.1};
  parameters.spend = {6.25, 3.74, 15.44};
  clv::ValueOptions options;
  options.margin_rate = 0.6;
  options.time_unit_days = 31;
  return clv::ValueModel::Create(parameters, options).value();
}

journal::EventRecord Bought(int64_t at_us, int64_t micros, absl::string_view category) {
  journal::EventRecord event = Event(journal::EventType::kPurchase, at_us);
  event.amount_micros = micros;
  event.category = std::string(category);
  return event;
}

journal::EventRecord Refunded(int64_t at_us, int64_t micros) {
  journal::EventRecord event = Event(journal::EventType::kRefund, at_us);
  event.amount_micros = micros;
  return event;
}

journal::EventRecord Engagement(int64_t at_us) {
  return Event(journal::EventType::kEngagement, at_us);
}

journal::EventRecord ConsentEvent(int64_t at_us, absl::string_view channel,
                                  absl::string_view purpose, journal::ConsentState state) {
  journal::EventRecord event = Event(journal::EventType::kConsent, at_us);
  event.channel = std::string(channel);
  event.purpose = std::string(purpose);
  event.consent = state;
  return event;
}

journal::EventRecord AttributeEvent(int64_t at_us, absl::string_view name,
                                    journal::AttributeValue value) {
  journal::EventRecord event = Event(journal::EventType::kAttributes, at_us);
  event.attributes.emplace_back(std::string(name), std::move(value));
  return event;
}

std::vector<journal::EventRecord> RandomEvents(size_t count, Random* random) {
  const std::vector<std::string> words = {"", "art", "books", "cds", "email", "sms"};
  const auto word = [&] { return words[random->Below(words.size())]; };
  std::set<int64_t> used;
  std::vector<journal::EventRecord> events;
  while (events.size() < count) {
    // Often the same day, so that days with several purchases occur.
    const int64_t at_us = kStart + static_cast<int64_t>(random->Below(730)) * kDay +
                          static_cast<int64_t>(random->Below(1'000'000)) * (kDay / 1'000'000);
    if (!used.insert(at_us).second) continue;
    const auto micros = static_cast<int64_t>(random->Below(200'000'000)) - 20'000'000;
    switch (random->Below(8)) {
      case 0:
        events.push_back(Refunded(at_us, micros));
        if (random->Below(2) == 0) events.back().margin_micros = micros / 3;
        break;
      case 1:
        events.push_back(Engagement(at_us));
        break;
      case 2:
        events.push_back(ConsentEvent(at_us, word(),
                                      random->Below(2) == 0 ? "marketing" : "service",
                                      static_cast<journal::ConsentState>(1 + random->Below(3))));
        break;
      case 3:
        events.push_back(AttributeEvent(at_us, word() + "x", micros));
        if (random->Below(2) == 0) events.back().attributes[0].second = word();
        if (random->Below(3) == 0) events.back().attributes[0].second = random->Uniform();
        break;
      default:
        events.push_back(Bought(at_us, micros, word()));
        if (random->Below(2) == 0) events.back().margin_micros = micros / 4 - 3'000'000;
    }
  }
  return events;
}

uint32_t ApplyAll(const std::string& id, const std::vector<journal::EventRecord>& events,
                  const Valuation& valuation, Population* population) {
  Change change(population);
  const uint32_t number = change.FindOrAdd(id);
  for (const journal::EventRecord& event : events) {
    change.Apply(number, event, event.happened_us, valuation);
  }
  change.Publish();
  return number;
}

void ApplyOne(const std::string& id, const journal::EventRecord& event, const Valuation& valuation,
              Population* population) {
  ApplyAll(id, {event}, valuation, population);
}

Batch FeaturesOf(const Population& population, uint32_t customer, int64_t at_us,
                 const Valuation& valuation) {
  Batch batch(std::make_shared<const Schema>(Schema::Create({}).value()), 0);
  population.Gather(absl::MakeConstSpan(&customer, 1), at_us, valuation, &batch, nullptr);
  return batch;
}

std::string ValueOf(const Batch& batch, absl::string_view column, size_t row) {
  const ColumnView view = batch.column(batch.schema().Find(column).value());
  if (!view.IsValid(row)) return "missing";
  switch (view.dtype) {
    case DType::kBool:
      return view.Bool(row) ? "true" : "false";
    case DType::kDouble:
      return absl::StrFormat("%.9g", view.Double(row));
    case DType::kString:
      return std::string(view.String(row));
    default:
      return absl::StrCat(view.Int64(row));
  }
}

}  // namespace tenure::customers
