// What a simulation's season, covariates and campaigns are given as on the command line.
#ifndef TENURE_CLIENTS_CLI_SIMULATE_SPECS_H_
#define TENURE_CLIENTS_CLI_SIMULATE_SPECS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/clv/campaign_effect.h"
#include "server/clv/covariate_column.h"
#include "server/clv/season.h"

namespace tenure::cli {

// All of them: INVALID_ARGUMENT naming the option, the part, and what may stand there.

// "weeks=1.2,0.9,…" (52), "weekdays=1,1,1,1,1.5,2,0" (from Monday), "sine=0.3@07-01" (amplitude and
// peak, month-day; 01-01 where it is left out); they multiply.
absl::StatusOr<clv::Season> ParseSeason(const std::vector<std::string>& specs);

// "channel=bernoulli(0.4),age=uniform(20,60),alpha:age=0.02", in one or several.
absl::StatusOr<clv::SimulatedCovariates> ParseCovariates(const std::vector<std::string>& specs);

// "name=spring,at=2018-03-01+2018-06-01,share=0.5,holdout=0.1,window=14,uplift=0.3,
// pull_forward=0.2,retention=0.1,persuadables=0.2:0.8,sleeping_dogs=0.1:-0.3", or every=28 days
// from= a date on; a record of `days` days from `start_day` on. Campaigns without a name are
// "campaign", "campaign_2", ….
absl::StatusOr<std::vector<clv::CampaignEffect>> ParseCampaigns(
    const std::vector<std::string>& specs, int64_t start_day, int64_t days);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SIMULATE_SPECS_H_
