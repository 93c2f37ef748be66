// The commands of `tenure` and their options. The one place that knows CLI11, whose header costs
// seconds in every file that reads it.
#ifndef TENURE_CLIENTS_CLI_COMMAND_H_
#define TENURE_CLIENTS_CLI_COMMAND_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/session.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tenure::cli {

inline constexpr double kMostDays = 36'500;
inline constexpr double kMostWeeks = 5'200;

// What more is said of an option. A handle: it lives as long as the program's commands.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  const Option& Required() const;
  const Option& Type(const std::string& name) const;  // in the help
  const Option& ShowDefault() const;                  // in the help: the value it has now
  const Option& OneOf(const std::vector<std::string>& texts) const;
  const Option& Count(int low, int high) const;  // how many values
  // Of a list: one value each time it is given, so that what follows is not taken for another.
  const Option& OneEach() const;
  // A whole number within; CLI11's own check lets "-3" wrap around.
  const Option& WholeIn(int64_t low, int64_t high) const;
  // A finite number within; CLI11's own check lets NaN through.
  const Option& NumberIn(double low, double high) const;
  // The environment variable that it is taken from where it is not given.
  const Option& Environment(const std::string& variable) const;
  const Option& Excludes(const Option& other) const;
  bool given() const;

 private:
  CLI::Option* const option_;
};

// A command or a group of them. A handle, as above. Not thread-safe.
class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  // The group of that name, made where there is none yet: "rules", "budget".
  Command Group(const std::string& name, const std::string& description) const;
  // `run` is called once after parsing; its status becomes the session's outcome.
  Command Add(Session* session, const std::string& name, const std::string& description,
              std::function<absl::Status()> run) const;

  // Another name of this one.
  const Command& Alias(const std::string& name) const;

  // An option ("--model"), or what stands without one ("file"). Value: std::string,
  // std::vector<std::string>, double, int32_t or uint64_t; it keeps what it has where the option is
  // not given, and outlives the command. An empty text is refused.
  template <typename Value>
  Option AddOption(const std::string& name, Value& value, const std::string& help = "") const;
  Option AddFlag(const std::string& name, bool& value, const std::string& help) const;
  // Called when the command's options are known, before it runs; what it returns, unless empty, is
  // said as wrong usage.
  void Check(std::function<std::string()> check) const;

 private:
  CLI::App* const app_;
};

// Ends a command as wrong usage, exit 2: what was asked for can't be, whatever the files hold.
[[noreturn]] void RefuseUsage(const std::string& why);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_COMMAND_H_
