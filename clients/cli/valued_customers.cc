#include "clients/cli/valued_customers.h"

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/counted_rows.h"
#include "clients/cli/csv.h"
#include "clients/cli/numbers.h"
#include "clients/cli/session.h"
#include "clients/cli/summary_file.h"
#include "server/base/status.h"
#include "server/clv/renewals.h"

namespace tenure::cli {

clv::History ValuedCustomers::HistoryOf(const ValuedCustomer& customer) const {
  const clv::History& given = customer.history;
  const clv::History history = {given.frequency, given.recency * units, given.age * units};
  return clv::IsContract(model->model()) ? clv::RenewalsOf(history) : history;
}

clv::Observation ValuedCustomers::ObservationOf(const ValuedCustomer& customer) const {
  const clv::History& given = customer.history;
  const double days = units * model->options().time_unit_days;
  return {given.frequency, given.recency * days, given.age * days, customer.mean_spend};
}

absl::StatusOr<ValuedCustomers> LoadCustomers(const ModelOption& option,
                                              const std::string& weights) {
  TENURE_ASSIGN_OR_RETURN(const LoadedModel loaded, Load(option));
  ValuedCustomers result;
  TENURE_ASSIGN_OR_RETURN(result.model, clv::ValueModel::Create(loaded.parameters, loaded.options));
  result.units = loaded.file_unit_days / loaded.options.time_unit_days;
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<SummaryFile> file,
                          SummaryFile::Open(option.file(), weights));
  result.header = file->reader().header();
  SummaryFields row;
  std::vector<absl::string_view> text;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, file->Next(&row, &text));
    if (!found) break;
    TENURE_RETURN_IF_ERROR(CheckCountsIn(*file, row, result.model->model(), result.units));
    result.weight += row.weight;
    result.customers.push_back({{row.frequency, row.recency, row.age},
                                row.mean_spend,
                                row.weight,
                                {text.begin(), text.end()}});
  }
  if (!result.customers.empty()) return result;
  return absl::InvalidArgumentError(absl::StrCat(option.file(), " has no rows below its header"));
}

absl::Status PrintCustomers(const ValuedCustomers& customers,
                            const std::vector<ValueColumn>& columns, const std::string& basis,
                            bool json) {
  std::vector<std::string> added = {"model"};
  for (const ValueColumn& column : columns) added.push_back(column.name);
  if (!basis.empty()) added.push_back("basis");
  TENURE_RETURN_IF_ERROR(CheckAdded(customers.header, added));
  const std::string version = customers.model->Version().substr(0, 12);
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
      if (!basis.empty()) object["basis"] = basis;
      object["model"] = version;
      document.push_back(std::move(object));
    }
    PrintJson(document);
    return absl::OkStatus();
  }
  std::string text;
  for (const std::string& name : customers.header) absl::StrAppend(&text, CsvField(name), ",");
  for (const ValueColumn& column : columns) absl::StrAppend(&text, column.name, ",");
  absl::StrAppend(&text, basis.empty() ? "" : "basis,", "model\n");
  for (size_t i = 0; i < customers.customers.size(); ++i) {
    for (const std::string& field : customers.customers[i].fields) {
      absl::StrAppend(&text, CsvField(field), ",");
    }
    for (const ValueColumn& column : columns) {
      const double value = column.values[i];
      absl::StrAppend(&text, std::isfinite(value) ? FormatNumber(value) : "", ",");
    }
    absl::StrAppend(&text, basis, basis.empty() ? "" : ",", version, "\n");
  }
  std::cout << text;
  return absl::OkStatus();
}

}  // namespace tenure::cli
