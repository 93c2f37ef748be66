#include "clients/cli/command_words.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/expression/suggestion.h"

namespace tenure::cli {
namespace {

std::vector<const CLI::App*> CommandsOf(const CLI::App& group) {
  return group.get_subcommands([](const CLI::App*) { return true; });
}

const CLI::App* FindCommand(const CLI::App& group, const std::string& word) {
  for (const CLI::App* command : CommandsOf(group)) {
    if (command->check_name(word)) return command;  // by an alias too
  }
  return nullptr;
}

bool TakesValue(const CLI::App& app, const std::string& word) {
  const CLI::Option* option = app.get_option_no_throw(word);
  return option != nullptr && option->get_items_expected_max() > 0;
}

std::string Refuse(const CLI::App& group, const std::string& path, const std::string& word) {
  std::vector<std::string> known;
  for (const CLI::App* command : CommandsOf(group)) known.push_back(command->get_name());
  const std::string nearest = expression::Suggest(word, known);
  return absl::StrCat("there is no command `", word, "` in `", path, "`",
                      nearest.empty() ? "" : ", ", nearest,
                      "\nThere are: ", absl::StrJoin(known, ", "));
}

}  // namespace

std::string FindUnknownCommand(const CLI::App& app, int argc, const char* const* argv) {
  const CLI::App* group = &app;
  std::string path = app.get_name();
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (CommandsOf(*group).empty()) return "";
    if (absl::StartsWith(word, "-")) {
      // A group's own options, where it is a command too, or those of the whole program.
      const bool takes = TakesValue(app, word) || TakesValue(*group, word);
      if (!absl::StrContains(word, '=') && takes) ++i;
      continue;
    }
    const CLI::App* const command = FindCommand(*group, word);
    if (command == nullptr) return Refuse(*group, path, word);
    group = command;
    absl::StrAppend(&path, " ", command->get_name());
  }
  return "";
}

}  // namespace tenure::cli
