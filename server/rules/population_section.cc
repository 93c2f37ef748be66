#include "server/rules/condition.h"
#include "server/rules/model_settings.h"
#include "server/rules/population.h"
#include "server/rules/sections.h"

namespace tenure::rules {

void ReadPopulations(MapReader* root, Draft* draft) {
  const Node* const section = root->Find("value");
  if (section == nullptr || section->kind != Node::Kind::kMap) return;
  MapReader value(*section, "the section \"value\"", draft->problems);
  IdSet names("population", draft->problems);
  const std::vector<NodePtr>& nodes = value.Items("populations");
  if (!CheckCount(nodes, kMaxPopulations, "populations", draft->problems)) return;
  for (const NodePtr& node : nodes) {
    MapReader map(*node, "a population", draft->problems);
    ValuePopulation population;
    population.mark = node->mark;
    population.settings = draft->set.value;
    const Node* const name = map.Require("name");
    map.Id("name", &population.name);
    names.Add(population.name, node->mark);
    if (population.name == kRestPopulation) {
      draft->problems->Error(name->mark, "\"rest\" is who matches no population",
                             "choose another name");
    }
    map.Require("when");
    ConditionScope scope{"a population", true, draft->set.schema->size()};
    scope.refusal = [draft](absl::string_view column) { return WhyNoFact(column, draft->set); };
    scope.remedy = "read what is known without a model: purchases, days, customer.*";
    population.when = ReadCondition(&map, "when", scope, draft);
    ReadModelSettings(&map, draft, &population.settings);
    map.Finish();
    draft->set.value.populations.push_back(std::move(population));
  }
  draft->set.value.population_segments = SegmentsOfPopulations(draft->set);
}

}  // namespace tenure::rules
