// Tables of envelopes: the same figures whichever command shows them.
#ifndef TENURE_CLIENTS_CLI_BUDGET_TABLE_H_
#define TENURE_CLIENTS_CLI_BUDGET_TABLE_H_

#include <string>

#include "google/protobuf/repeated_ptr_field.h"
#include "tenure/v1/budget_service.pb.h"

namespace tenure::cli {

// How far down envelopes are shown.
enum class Depth {
  kUsed,  // segments, and the campaigns that used something
  kBudget,
  kSegment,
  kCampaign,
};

// "budget", "segment", "campaign"; kUsed for any other.
Depth DepthOf(const std::string& word);

// Name, days and currency of a budget's period.
void PrintHeading(const tenure::v1::Budget& budget);
// A row an envelope: the limit, where its money is, target, pace and projected end. With
// `forecast` also what is used in all and how far the projected end is above the limit.
void PrintEnvelopes(const tenure::v1::Budget& budget, Depth depth, bool forecast);
// The same of several budgets or periods in one table, with their days.
void PrintPeriods(const google::protobuf::RepeatedPtrField<tenure::v1::Budget>& budgets,
                  Depth depth);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_BUDGET_TABLE_H_
