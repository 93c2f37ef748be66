// From YAML to a RuleSet: everything located, everything checked, all problems at once.
#ifndef TENURE_SERVER_RULES_COMPILER_H_
#define TENURE_SERVER_RULES_COMPILER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/rules/rule_set.h"

namespace tenure::rules {

enum class Severity : uint8_t { kError, kWarning };

// One finding, for a person: "rules.yaml:12:9: unknown key "elligible"", the source line, a caret
// and a suggestion (Render).
struct Problem {
  Severity severity = Severity::kError;
  Mark mark;
  std::string message;
  std::string suggestion;   // "did you mean "eligible"?"; may be empty
  std::string source_line;  // as written
};
std::string Render(const Problem& problem);

// What the rules need to know of plugins; wired by main/ and the CLI from the plugin host.
class PluginCatalog {
 public:
  struct ConfigProblem {
    std::string pointer;  // JSON pointer into the parameters
    std::string message;
  };
  struct Column {
    std::string name;
    DType dtype = DType::kDouble;
    bool required = true;  // false: it may be absent from the rule set's schema
  };
  virtual ~PluginCatalog() = default;
  virtual std::vector<std::string> Ids() const = 0;
  // The columns a plugin reads; null when there is no such plugin.
  virtual const std::vector<Column>* Columns(absl::string_view plugin) const = 0;
  virtual std::vector<ConfigProblem> CheckConfig(absl::string_view plugin,
                                                 absl::string_view params_json) const = 0;
  // The plugin's own words where it makes no policy of these parameters and offers, as a decision
  // would ask it to; OK where it does. Asked when CheckConfig found nothing and the offers are
  // good.
  virtual absl::Status CheckPolicy(absl::string_view plugin, absl::string_view params_json,
                                   absl::Span<const Offer> offers) const = 0;
};

struct Compiled {
  std::shared_ptr<const RuleSet> rule_set;  // null when any problem is an error
  std::vector<Problem> problems;            // by file, line, column
};

// Thread-safe. `sources` may be in any order: the hash does not depend on it.
Compiled Compile(std::vector<Source> sources, const PluginCatalog& plugins);

// Which of a folder's *.yaml files: the rules, or their tests (*_test.yaml).
enum class FolderPart : uint8_t { kRules, kTests };

// The files of a folder, by name. NOT_FOUND without the folder or without any rule file,
// INVALID_ARGUMENT over the size limit of base/limits.h. Folders may have no tests.
absl::StatusOr<std::vector<Source>> ReadFolder(const std::string& folder,
                                               FolderPart part = FolderPart::kRules);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_COMPILER_H_
