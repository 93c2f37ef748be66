#include "server/rules/condition.h"
#include "server/rules/sections.h"

namespace tenure::rules {
namespace {

Stage ReadStage(const Node& node, Draft* draft) {
  MapReader map(node, "a stage", draft->problems);
  Stage stage;
  stage.mark = node.mark;
  map.Require("id");
  map.Id("id", &stage.id);
  stage.title = stage.id;
  map.Text("title", &stage.title);
  const ConditionScope scope{"a stage", true, draft->first_segment_column};
  map.Require("enter");
  stage.enter = ReadCondition(&map, "enter", scope, draft);
  stage.exit = ReadCondition(&map, "exit", scope, draft);
  map.Span("min_dwell", &stage.min_dwell_us);
  map.Span("cool_down", &stage.cool_down_us);
  map.Finish();
  return stage;
}

Track ReadTrack(const Node& node, Draft* draft) {
  MapReader map(node, "a track", draft->problems);
  Track track;
  map.Require("id");
  map.Id("id", &track.id);
  const Node* list = map.Require("stages");
  IdSet ids("stage", draft->problems);
  const std::vector<NodePtr>& stages = map.Items("stages");
  if (CheckCount(stages, kMaxStages, "stages in a track", draft->problems)) {
    for (const NodePtr& stage : stages) {
      track.stages.push_back(ReadStage(*stage, draft));
      ids.Add(track.stages.back().id, stage->mark);
    }
  }
  CheckNotEmpty(list, stages, "a track needs at least one stage", draft->problems);
  map.Finish();
  return track;
}

}  // namespace

void ReadTracks(MapReader* root, Draft* draft) {
  const Node* list = root->Require("tracks");
  IdSet ids("track", draft->problems);
  const std::vector<NodePtr>& nodes = root->Items("tracks");
  CheckNotEmpty(list, nodes, "the rules need at least one track", draft->problems);
  for (const NodePtr& node : nodes) {
    draft->set.tracks.push_back(ReadTrack(*node, draft));
    ids.Add(draft->set.tracks.back().id, node->mark);
  }
}

}  // namespace tenure::rules
