// `tenure expr eval`: rule expressions from the shell, one or a stream of them.
#ifndef TENURE_CLIENTS_CLI_EXPR_H_
#define TENURE_CLIENTS_CLI_EXPR_H_

namespace CLI {
class App;
}

namespace tenure::cli {

struct Session;

void AddExprCommands(CLI::App* app, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_EXPR_H_
