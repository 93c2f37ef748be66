// `--prior`: what is known of a model's parameters before the data.
#ifndef TENURE_CLIENTS_CLI_PRIOR_OPTION_H_
#define TENURE_CLIENTS_CLI_PRIOR_OPTION_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "server/clv/map_value.h"

namespace tenure::cli {

inline constexpr char kPriorForms[] =
    "prior of the parameters (MAP instead of maximum likelihood): weak, or MEDIAN:LOG_SD of some, "
    "as "
    "r=0.5:1,alpha=8:0.7,p=6:0.5; those not named are weak";

// Ends the command as wrong usage, naming the part, where it is none of the forms.
clv::PriorRequest ParsePrior(const std::string& text);

// Puts into a fit's document, and those of its `models` and `spend`, the prior of each: an object
// of the parameters with median and log_sd.
void AddPriors(const std::vector<clv::ModelPrior>& priors, nlohmann::ordered_json* document);
// The same for a person, on standard output.
void PrintPriors(const std::vector<clv::ModelPrior>& priors);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_PRIOR_OPTION_H_
