#include "server/rules/condition.h"
#include "server/rules/sections.h"

namespace tenure::rules {

void ReadSegments(MapReader* root, Draft* draft) {
  IdSet ids("segment", draft->problems);
  const std::vector<NodePtr>& nodes = root->Items("segments");
  if (!CheckCount(nodes, kMaxSegments, "segments", draft->problems)) return;
  for (const NodePtr& node : nodes) {
    MapReader map(*node, "a segment", draft->problems);
    Segment segment;
    segment.mark = node->mark;
    map.Require("id");
    map.Id("id", &segment.id);
    ids.Add(segment.id, node->mark);
    segment.title = segment.id;
    map.Text("title", &segment.title);
    map.Require("when");
    const std::optional<size_t> own = draft->set.schema->Find(absl::StrCat("segment.", segment.id));
    const ConditionScope scope{"a segment", true, own.value_or(draft->first_segment_column)};
    segment.when = ReadCondition(&map, "when", scope, draft);
    map.Finish();
    draft->set.segments.push_back(std::move(segment));
  }
}

}  // namespace tenure::rules
