// What a command is asked to value by instead of what its model was saved with.
#ifndef TENURE_CLIENTS_CLI_ASKED_VALUE_H_
#define TENURE_CLIENTS_CLI_ASKED_VALUE_H_

#include <limits>
#include <string>

#include "clients/cli/command.h"
#include "server/clv/value_model.h"

namespace tenure::cli {

struct AskedValue {
  double horizon_days = 0;  // 0: not asked for
  std::string discount;     // empty: not asked for
  double margin_rate = std::numeric_limits<double>::quiet_NaN();

  // Adds --horizon, --discount and --margin-rate.
  void AddTo(const Command& command);
  // Puts what was asked for into the options. Ends the command as wrong usage where the discount is
  // none.
  void Change(clv::ValueOptions* options) const;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_ASKED_VALUE_H_
