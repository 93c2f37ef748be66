#include "tests/decisions/case_file.h"

#include <yaml-cpp/yaml.h>

#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/rules/compiler.h"

namespace tenure::decisions {
namespace {

std::string Text(const YAML::Node& node, const char* key) {
  return node[key] ? node[key].as<std::string>() : "";
}

absl::StatusOr<journal::EventRecord> ReadEvent(const YAML::Node& node, const std::string& customer,
                                               size_t index, int64_t at_us) {
  journal::EventRecord event;
  event.source = "case";
  event.event_id = absl::StrCat(customer, "-", index);
  event.customer_id = customer;
  event.happened_us = at_us;
  if (node["at"]) {
    TENURE_ASSIGN_OR_RETURN(event.happened_us, ParseInstant(Text(node, "at")));
  }
  if (node["purchase"]) {
    event.type = journal::EventType::kPurchase;
    event.category = Text(node, "category");
    TENURE_ASSIGN_OR_RETURN(event.amount_micros, ParseMicros(Text(node, "purchase")));
  } else if (node["refund"]) {
    event.type = journal::EventType::kRefund;
    TENURE_ASSIGN_OR_RETURN(event.amount_micros, ParseMicros(Text(node, "refund")));
  } else if (node["consent"] || node["revoke"]) {
    event.type = journal::EventType::kConsent;
    event.purpose = "marketing";
    event.channel = Text(node, node["consent"] ? "consent" : "revoke");
    event.consent =
        node["consent"] ? journal::ConsentState::kGranted : journal::ConsentState::kRevoked;
  } else if (node["attributes"]) {
    event.type = journal::EventType::kAttributes;
    for (const auto& pair : node["attributes"]) {
      event.attributes.emplace_back(pair.first.as<std::string>(), pair.second.as<std::string>());
    }
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("an event of ", customer, " is of no known kind"));
  }
  return event;
}

absl::StatusOr<Step> ReadStep(const YAML::Node& node) {
  Step step;
  step.name = Text(node, "name");
  step.customer = Text(node, "customer");
  step.select = Text(node, "select");
  step.why = Text(node, "why");
  step.commit_last = Text(node, "commit") == "last";
  step.release_last = Text(node, "release") == "last";
  if (node["after"]) {
    TENURE_ASSIGN_OR_RETURN(step.after_us, ParseSpan(Text(node, "after")));
  }
  for (const auto& pair : node["outcomes"]) {
    step.outcomes.emplace_back(pair.first.as<std::string>(), pair.second.as<std::string>());
  }
  return step;
}

absl::Status ReadRules(const YAML::Node& node, const std::string& default_rules, CaseFile* file) {
  if (node.IsScalar()) {
    TENURE_ASSIGN_OR_RETURN(file->sources, rules::ReadFolder(default_rules));
    return absl::OkStatus();
  }
  for (const auto& pair : node["files"]) {
    file->sources.push_back({pair.first.as<std::string>(), pair.second.as<std::string>()});
  }
  return absl::OkStatus();
}

absl::StatusOr<CaseFile> Read(const YAML::Node& root, const std::string& default_rules) {
  CaseFile file;
  TENURE_RETURN_IF_ERROR(ReadRules(root["rules"], default_rules, &file));
  TENURE_ASSIGN_OR_RETURN(file.at_us, ParseInstant(Text(root, "at")));
  const YAML::Node model = root["model"];
  file.parameters.model = Text(model, "model");
  file.parameters.purchase = model["parameters"].as<std::vector<double>>();
  file.parameters.spend = model["spend"].as<std::vector<double>>();
  file.margin_rate = model["margin_rate"].as<double>();
  file.plan = Text(root, "plan");
  for (const auto& pair : root["customers"]) {
    const auto id = pair.first.as<std::string>();
    for (size_t i = 0; i < pair.second.size(); ++i) {
      TENURE_ASSIGN_OR_RETURN(journal::EventRecord event,
                              ReadEvent(pair.second[i], id, i, file.at_us));
      file.events.push_back(std::move(event));
    }
  }
  for (const auto& node : root["decisions"]) {
    TENURE_ASSIGN_OR_RETURN(Step step, ReadStep(node));
    file.steps.push_back(std::move(step));
  }
  return file;
}

}  // namespace

absl::StatusOr<CaseFile> ReadCaseFile(const std::string& path, const std::string& default_rules) {
  try {
    auto file = Read(YAML::LoadFile(path), default_rules);
    if (!file.ok()) return Annotate(file.status(), path);
    return file;
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.what()));
  }
}

}  // namespace tenure::decisions
