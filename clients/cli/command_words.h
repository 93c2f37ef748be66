// The words that name a command, looked at before CLI11 does: it says that a command is missing,
// but not which word is none.
#ifndef TENURE_CLIENTS_CLI_COMMAND_WORDS_H_
#define TENURE_CLIENTS_CLI_COMMAND_WORDS_H_

#include <CLI/CLI.hpp>
#include <string>

namespace tenure::cli {

// "there is no command `chek` in `tenure rules`, did you mean 'check'? …", or empty when the words
// lead to a command or end before one.
std::string FindUnknownCommand(const CLI::App& app, int argc, const char* const* argv);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_COMMAND_WORDS_H_
