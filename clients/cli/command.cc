#include "clients/cli/command.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/numbers.h"

namespace tenure::cli {

const Option& Option::Required() const { return option_->required(), *this; }
const Option& Option::Type(const std::string& name) const {
  return option_->type_name(name), *this;
}
const Option& Option::ShowDefault() const { return option_->capture_default_str(), *this; }
const Option& Option::OneOf(const std::vector<std::string>& texts) const {
  return option_->check(CLI::IsMember(texts)), *this;
}
const Option& Option::Count(int low, int high) const { return option_->expected(low, high), *this; }
const Option& Option::OneEach() const { return option_->allow_extra_args(false), *this; }
const Option& Option::Environment(const std::string& variable) const {
  return option_->envname(variable), *this;
}
const Option& Option::Excludes(const Option& other) const {
  return option_->excludes(other.option_), *this;
}
bool Option::given() const { return option_->count() > 0; }

const Option& Option::WholeIn(int64_t low, int64_t high) const {
  const std::string range = absl::StrCat("a whole number from ", low, " to ", high);
  option_->check([low, high, range](const std::string& text) -> std::string {
    int64_t value = 0;
    if (absl::SimpleAtoi(text, &value) && value >= low && value <= high) return "";
    return absl::StrCat("`", text, "` is not ", range);
  });
  return *this;
}

const Option& Option::NumberIn(double low, double high) const {
  const std::string range =
      absl::StrCat("a number from ", FormatNumber(low), " to ", FormatNumber(high));
  option_->check([low, high, range](const std::string& text) -> std::string {
    const absl::StatusOr<double> value = ParseNumber(text, "");
    if (value.ok() && *value >= low && *value <= high) return "";
    return absl::StrCat("`", text, "` is not ", range);
  });
  return *this;
}

Command Command::Group(const std::string& name, const std::string& description) const {
  for (CLI::App* group : app_->get_subcommands([](CLI::App*) { return true; })) {
    if (group->get_name() == name) return Command(group);
  }
  CLI::App* group = app_->add_subcommand(name, description);
  group->fallthrough();  // --json and --server may follow the command too
  group->require_subcommand(1);
  return Command(group);
}

Command Command::Add(Session* session, const std::string& name, const std::string& description,
                     std::function<absl::Status()> run) const {
  CLI::App* command = app_->add_subcommand(name, description);
  command->fallthrough();
  command->callback([command, session, run = std::move(run)] {
    // Of a command that has commands below it only the one that was asked for runs.
    if (command->get_subcommands().empty()) session->outcome = run();
  });
  return Command(command);
}

const Command& Command::Alias(const std::string& name) const { return app_->alias(name), *this; }

template <typename Value>
Option Command::AddOption(const std::string& name, Value& value, const std::string& help) const {
  CLI::Option* option = app_->add_option(name, value, help);
  // `--what-if-limit "$LIMIT"` of a variable that is not set must not mean to do without it.
  option->check([](const std::string& text) -> std::string {
    return text.empty() ? "is empty: give it a value, or leave it out" : "";
  });
  return Option(option);
}
template Option Command::AddOption(const std::string&, std::string&, const std::string&) const;
template Option Command::AddOption(const std::string&, std::vector<std::string>&,
                                   const std::string&) const;
template Option Command::AddOption(const std::string&, double&, const std::string&) const;
template Option Command::AddOption(const std::string&, int32_t&, const std::string&) const;
template Option Command::AddOption(const std::string&, uint64_t&, const std::string&) const;

Option Command::AddFlag(const std::string& name, bool& value, const std::string& help) const {
  return Option(app_->add_flag(name, value, help));
}

void Command::Check(std::function<std::string()> check) const {
  app_->parse_complete_callback([check = std::move(check)] {
    if (const std::string why = check(); !why.empty()) RefuseUsage(why);
  });
}

// What parse() throws for wrong options, from a callback of it.
void RefuseUsage(const std::string& why) { throw CLI::ValidationError(why); }

}  // namespace tenure::cli
