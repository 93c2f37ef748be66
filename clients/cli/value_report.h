// How `tenure value` prints a value: with both its intervals, its basis and the model it is of.
#ifndef TENURE_CLIENTS_CLI_VALUE_REPORT_H_
#define TENURE_CLIENTS_CLI_VALUE_REPORT_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "server/clv/stream_value.h"
#include "server/clv/value_model.h"

namespace tenure::cli {

using Json = nlohmann::ordered_json;

// Figures under their names, the same for both kinds of output.
using Totals = std::vector<std::pair<std::string, Json>>;

// "revenue" where the margin rate is 1, else "margin".
std::string BasisOf(double margin_rate);

// Basis, model with the first digits of its version, what the intervals are made of, customers.
Totals Origin(const clv::ValueModel& model, double margin_rate, double customers);

// The value under its name, and the ends of its intervals of the mean and of the outcome.
void AddRanged(const std::string& name, const clv::Ranged& ranged, Totals* totals);

// On standard output; null as "-".
void PrintTotals(const Totals& totals, bool json);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_VALUE_REPORT_H_
