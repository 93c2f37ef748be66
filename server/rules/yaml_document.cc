#include "server/rules/yaml_document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "server/rules/yaml_text.h"

namespace tenure::rules {
namespace {

// Builds the tree from yaml-cpp's events. After a refusal it lets the remaining events pass.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& file, size_t skipped, ProblemList* problems)
      : file_(file), skipped_(skipped), problems_(problems) {}

  NodePtr root() const { return refused_ ? nullptr : root_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (refused_) return;
    Place(Begin(Node::Kind::kNull, mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (refused_) return;
    const auto it = anchors_.find(anchor);
    if (it == anchors_.end()) {
      return Refuse(At(mark), "this alias stands inside the part that it names");
    }
    Place(it->second, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (refused_) return;
    std::shared_ptr<Node> node = Begin(Node::Kind::kScalar, mark);
    node->plain = tag == "?";
    // A refused tag was meant as text: "!segment.a".
    node->text = CheckTag(mark, tag) ? value : absl::StrCat(tag, value);
    Place(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(Node::Kind::kSequence, mark, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(Node::Kind::kMap, mark, tag, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapEnd() override { Close(); }

 private:
  struct Level {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor;
    NodePtr key;  // read, its value is next
    std::vector<NodePtr> merged;
    absl::flat_hash_set<std::string> keys;
  };

  Mark At(const YAML::Mark& mark) const {
    return problems_->At(file_, static_cast<size_t>(std::max(mark.pos, 0)) + skipped_);
  }

  std::shared_ptr<Node> Begin(Node::Kind kind, const YAML::Mark& mark) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->offset = static_cast<size_t>(std::max(mark.pos, 0)) + skipped_;
    node->mark = problems_->At(file_, node->offset);
    return node;
  }

  void Refuse(const Mark& mark, std::string message) {
    problems_->Error(mark, std::move(message));
    refused_ = true;
  }

  bool CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return true;
    problems_->Error(At(mark), absl::StrCat("the tag \"", tag, "\" has no meaning here"),
                     "put text that begins with ! in quotes");
    return false;
  }

  void Open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    if (refused_) return;
    CheckTag(mark, tag);
    if (levels_.size() >= kMaxYamlDepth) {
      return Refuse(At(mark), absl::StrCat("nested deeper than ", kMaxYamlDepth, " levels"));
    }
    levels_.push_back({Begin(kind, mark), anchor, nullptr, {}, {}});
  }

  void Close() {
    if (refused_) return;
    Level level = std::move(levels_.back());
    levels_.pop_back();
    for (const NodePtr& merged : level.merged) Merge(*merged, &level);
    Place(std::move(level.node), level.anchor);
  }

  // A finished node takes its place in the level above.
  void Place(NodePtr node, YAML::anchor_t anchor) {
    if (refused_) return;
    if (anchor != 0) anchors_[anchor] = node;
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    level.node->weight += node->weight;
    if (level.node->weight > kMaxYamlNodes) {
      return Refuse(node->mark,
                    absl::StrCat("more than ", kMaxYamlNodes, " values once aliases are followed"));
    }
    if (level.node->kind == Node::Kind::kSequence) {
      level.node->items.push_back(std::move(node));
    } else if (level.key == nullptr) {
      TakeKey(std::move(node), &level);
    } else {
      TakeValue(std::move(node), &level);
    }
  }

  void TakeKey(NodePtr key, Level* level) {
    if (key->kind == Node::Kind::kNull) {
      auto empty = std::make_shared<Node>(*key);
      empty->kind = Node::Kind::kScalar;
      problems_->Error(key->mark, "a key is empty");
      key = std::move(empty);
    } else if (key->kind != Node::Kind::kScalar) {
      return Refuse(key->mark, absl::StrCat("a key must be text, not ", KindName(*key)));
    }
    level->key = std::move(key);
  }

  void TakeValue(NodePtr value, Level* level) {
    NodePtr key = std::exchange(level->key, nullptr);
    if (key->plain && key->text == "<<") {
      level->merged.push_back(std::move(value));
      return;
    }
    if (!level->keys.insert(key->text).second) {
      problems_->Error(key->mark, absl::StrCat("the key \"", key->text, "\" stands twice"));
      return;
    }
    level->node->entries.push_back({std::move(key), std::move(value)});
  }

  // What is written in the map itself wins over what is merged in. The merged map's weight has been
  // counted as the key's value, which bounds the copies.
  void Merge(const Node& from, Level* into) {
    if (from.kind == Node::Kind::kSequence) {
      for (const NodePtr& item : from.items) {
        if (item->kind != Node::Kind::kMap) {
          return problems_->Error(item->mark, "\"<<\" merges maps only");
        }
        Merge(*item, into);
      }
      return;
    }
    if (from.kind != Node::Kind::kMap) {
      return problems_->Error(from.mark, "\"<<\" merges maps only");
    }
    for (const Node::Entry& entry : from.entries) {
      if (into->keys.insert(entry.key->text).second) into->node->entries.push_back(entry);
    }
  }

  const std::string& file_;
  const size_t skipped_;
  ProblemList* const problems_;
  NodePtr root_;
  std::vector<Level> levels_;
  absl::flat_hash_map<YAML::anchor_t, NodePtr> anchors_;
  bool refused_ = false;
};

}  // namespace

NodePtr ParseYaml(const Source& source, ProblemList* problems) {
  size_t skipped = 0;
  if (!CheckYamlText(source, problems, &skipped)) return nullptr;
  TreeBuilder builder(source.file, skipped, problems);
  try {
    std::istringstream stream(source.text.substr(skipped));
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      problems->Error({source.file, 1, 1}, "the file is empty");
      return nullptr;
    }
    const NodePtr root = builder.root();
    if (root == nullptr) return nullptr;
    TreeBuilder second(source.file, skipped, problems);
    if (parser.HandleNextDocument(second)) {
      problems->Error(second.root() == nullptr ? root->mark : second.root()->mark,
                      "a second document begins here; a file holds one (remove the \"---\")");
      return nullptr;
    }
    return root;
  } catch (const YAML::Exception& error) {
    ReportSyntaxError(source, skipped + static_cast<size_t>(std::max(error.mark.pos, 0)), error.msg,
                      problems);
  }
  return nullptr;
}

}  // namespace tenure::rules
