// `tenure customers show ID`, `tenure customers table`
#include <google/protobuf/util/time_util.h>

#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/client.h"
#include "clients/cli/server_commands.h"
#include "clients/cli/table.h"
#include "server/base/status.h"
#include "tenure/v1/customer_service.pb.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

std::string ValueText(const v1::Value& value) {
  switch (value.kind_case()) {
    case v1::Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case v1::Value::kIntValue:
      return absl::StrCat(value.int_value());
    case v1::Value::kDoubleValue:
      return absl::StrFormat("%.6g", value.double_value());
    case v1::Value::kStringValue:
      return value.string_value();
    case v1::Value::kTimestampValue:
      return google::protobuf::util::TimeUtil::ToString(value.timestamp_value());
    case v1::Value::KIND_NOT_SET:
      break;
  }
  return "-";
}

absl::Status Show(const Session& session, const std::string& id) {
  v1::GetCustomerRequest request;
  request.set_name(WithPrefix("customers/", id));
  v1::GetCustomerResponse response;
  Client client(session);
  TENURE_RETURN_IF_ERROR(client.Call("CustomerService/GetCustomer", request, &response));
  const v1::Customer& customer = response.customer();
  if (session.json) return PrintMessage(customer);
  Table table({"what", "value"});
  table.Add({"customer", customer.name()});
  for (const v1::Consent& consent : customer.consents()) {
    table.Add({absl::StrCat("consent ", consent.purpose(), " ", consent.channel()),
               v1::ConsentState_Name(consent.state()).substr(14)});
  }
  const std::map<std::string, v1::Value> features(customer.features().begin(),
                                                  customer.features().end());
  for (const auto& [name, value] : features) table.Add({name, ValueText(value)});
  if (!customer.model().empty()) {
    if (customer.value_basis() != v1::VALUE_BASIS_UNSPECIFIED) {
      table.Add(
          {"values are", customer.value_basis() == v1::VALUE_BASIS_MARGIN ? "margin" : "revenue"});
    }
    table.Add({"by", customer.model()});
    if (!customer.population_model().empty()) {
      table.Add({"by the model of",
                 absl::StrCat(customer.population(), ", ", customer.population_model())});
    }
  }
  table.Print();
  return absl::OkStatus();
}

// How many customers stand where: a row per segment and tier, a column per stage.
absl::Status CountStages(const Session& session) {
  std::map<std::string, std::map<std::string, int64_t>> counts;
  std::set<std::string> stages;
  Client client(session);
  v1::ListCustomersRequest request;
  request.set_page_size(1'000);
  v1::ListCustomersResponse page;
  do {
    TENURE_RETURN_IF_ERROR(client.Call("CustomerService/ListCustomers", request, &page));
    for (const v1::Customer& customer : page.customers()) {
      const std::string stage = customer.stage().empty() ? "(none)" : customer.stage();
      stages.insert(stage);
      ++counts["everybody"][stage];
      if (!customer.tier().empty()) ++counts["tier " + customer.tier()][stage];
      for (const std::string& segment : customer.segments()) ++counts["segment " + segment][stage];
    }
    request.set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty());
  if (session.json) {
    PrintJson(nlohmann::ordered_json(counts));
    return absl::OkStatus();
  }
  std::vector<std::string> header = {"customers"};
  header.insert(header.end(), stages.begin(), stages.end());
  header.push_back("all");
  Table table(header);
  for (const auto& [group, by_stage] : counts) {
    std::vector<std::string> row = {group};
    int64_t all = 0;
    for (const std::string& stage : stages) {
      const auto found = by_stage.find(stage);
      const int64_t count = found == by_stage.end() ? 0 : found->second;
      row.push_back(absl::StrCat(count));
      all += count;
    }
    row.push_back(absl::StrCat(all));
    table.Add(std::move(row));
  }
  table.Print();
  return absl::OkStatus();
}

}  // namespace

void AddCustomers(const Command& app, Session* session) {
  const Command group = app.Group("customers", "what is known of customers");
  auto id = std::make_shared<std::string>();
  const Command show = group.Add(session, "show", "one customer's features and permissions",
                                 [=] { return Show(*session, *id); });
  show.AddOption("customer", *id, "customers/{id}, or the id").Required();
  group.Add(session, "table", "how many customers per segment, tier and stage",
            [=] { return CountStages(*session); });
}

}  // namespace tenure::cli
