#include "clients/cli/valued_customers.h"

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/csv.h"
#include "clients/cli/numbers.h"
#include "clients/cli/session.h"
#include "clients/cli/summary_file.h"
#include "server/base/status.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/model_kind.h"

namespace tenure::cli {

clv::History ValuedCustomers::HistoryOf(const ValuedCustomer& customer) const {
  const clv::History& history = customer.history;
  return {history.frequency, history.recency * units, history.age * units};
}

absl::StatusOr<ValuedCustomers> LoadCustomers(const ModelOption& option) {
  TENURE_ASSIGN_OR_RETURN(const LoadedModel loaded, Load(option));
  const clv::ValueParameters& parameters = loaded.parameters;
  // Checks everything, the parameters of spend too.
  TENURE_RETURN_IF_ERROR(clv::ValueModel::Create(parameters, loaded.options).status());
  ValuedCustomers result;
  TENURE_ASSIGN_OR_RETURN(result.model,
                          clv::CreatePurchaseModel(parameters.model, parameters.purchase));
  result.units = loaded.file_unit_days / loaded.options.time_unit_days;
  clv::GammaGamma spend;
  if (!parameters.spend.empty()) {
    spend = {parameters.spend[0], parameters.spend[1], parameters.spend[2]};
    result.mean_spend = spend.ExpectedSpend(0, 0);
  }
  const bool occasions = clv::FindModelKind(parameters.model)->is_discrete;
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<SummaryFile> file,
                          SummaryFile::Open(option.file(), "", occasions));
  result.header = file->reader().header();
  SummaryFields row;
  std::vector<absl::string_view> text;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, file->Next(&row, &text));
    if (!found) break;
    ValuedCustomer customer{
        {row.frequency, row.recency, row.age}, 1, row.weight, {text.begin(), text.end()}};
    if (spend.p > 0) {
      const bool known = row.frequency > 0 && clv::IsSpend(row.mean_spend);
      customer.spend = spend.ExpectedSpend(known ? row.frequency : 0, known ? row.mean_spend : 0);
    }
    result.customers.push_back(std::move(customer));
  }
  if (!result.customers.empty()) return result;
  return absl::InvalidArgumentError(absl::StrCat(option.file(), " has no rows below its header"));
}

void PrintCustomers(const ValuedCustomers& customers, const std::vector<ValueColumn>& columns,
                    bool json) {
  if (json) {
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    for (size_t i = 0; i < customers.customers.size(); ++i) {
      nlohmann::ordered_json object;
      for (size_t c = 0; c < customers.header.size(); ++c) {
        object[customers.header[c]] = customers.customers[i].fields[c];
      }
      for (const ValueColumn& column : columns) {
        const double value = column.values[i];
        object[column.name] =
            std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
      }
      document.push_back(std::move(object));
    }
    return PrintJson(document);
  }
  std::string text;
  for (const std::string& name : customers.header) absl::StrAppend(&text, CsvField(name), ",");
  for (size_t c = 0; c < columns.size(); ++c) {
    absl::StrAppend(&text, c > 0 ? "," : "", columns[c].name);
  }
  text += "\n";
  for (size_t i = 0; i < customers.customers.size(); ++i) {
    for (const std::string& field : customers.customers[i].fields) {
      absl::StrAppend(&text, CsvField(field), ",");
    }
    for (size_t c = 0; c < columns.size(); ++c) {
      const double value = columns[c].values[i];
      absl::StrAppend(&text, c > 0 ? "," : "", std::isfinite(value) ? FormatNumber(value) : "");
    }
    text += "\n";
  }
  std::cout << text;
}

}  // namespace tenure::cli
