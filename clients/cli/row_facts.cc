#include "clients/cli/row_facts.h"

#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/numbers.h"
#include "server/base/status.h"

namespace tenure::cli {
namespace {

namespace v1 = tenure::v1;

// "Sub-Category" becomes "sub_category".
std::string AttributeName(absl::string_view column) {
  std::string name = absl::AsciiStrToLower(column);
  for (char& c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

absl::StatusOr<v1::ConsentState> ParseState(absl::string_view text, const std::string& where) {
  v1::ConsentState state = v1::CONSENT_STATE_UNSPECIFIED;
  if (v1::ConsentState_Parse(absl::StrCat("CONSENT_STATE_", absl::AsciiStrToUpper(text)), &state) &&
      state != v1::CONSENT_STATE_UNSPECIFIED) {
    return state;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(where, ": `", text, "` is none of granted, denied, revoked"));
}

}  // namespace

absl::StatusOr<RowFacts> RowFacts::Create(const std::vector<std::string>& attributes,
                                          const std::vector<std::string>& consents,
                                          const CsvReader& reader) {
  RowFacts facts;
  for (const std::string& text : attributes) {
    TENURE_ASSIGN_OR_RETURN(Attribute attribute, ParseAttribute(text, reader));
    facts.attributes_.push_back(std::move(attribute));
  }
  for (const std::string& text : consents) {
    TENURE_ASSIGN_OR_RETURN(Permission permission, ParsePermission(text, reader));
    facts.permissions_.push_back(std::move(permission));
  }
  return facts;
}

absl::StatusOr<RowFacts::Attribute> RowFacts::ParseAttribute(const std::string& text,
                                                             const CsvReader& reader) {
  Attribute attribute = {"", Type::kString, 0};
  const size_t equals = text.find('=');
  const std::string column = equals == std::string::npos ? text : text.substr(equals + 1);
  attribute.name = equals == std::string::npos ? AttributeName(column) : text.substr(0, equals);
  if (const size_t colon = attribute.name.find(':');
      equals != std::string::npos && colon != std::string::npos) {
    static const std::map<std::string, Type> kTypes = {{"string", Type::kString},
                                                       {"int", Type::kInt},
                                                       {"double", Type::kDouble},
                                                       {"bool", Type::kBool}};
    const auto type = kTypes.find(attribute.name.substr(colon + 1));
    if (type == kTypes.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--attribute ", text, ": the type is one of string, int, double, bool"));
    }
    attribute.type = type->second;
    attribute.name.resize(colon);
  }
  TENURE_ASSIGN_OR_RETURN(attribute.column, reader.Column(column));
  return attribute;
}

absl::StatusOr<RowFacts::Permission> RowFacts::ParsePermission(const std::string& text,
                                                               const CsvReader& reader) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--consent ", text, ": write channel=granted, or channel=@COLUMN"));
  }
  Permission permission = {"marketing", text.substr(0, equals), v1::CONSENT_STATE_UNSPECIFIED, -1};
  if (const size_t slash = permission.channel.find('/'); slash != std::string::npos) {
    permission.purpose = permission.channel.substr(0, slash);
    permission.channel = permission.channel.substr(slash + 1);
  }
  const std::string state = text.substr(equals + 1);
  if (state.substr(0, 1) == "@") {
    TENURE_ASSIGN_OR_RETURN(const size_t column, reader.Column(state.substr(1)));
    permission.column = static_cast<int>(column);
  } else {
    TENURE_ASSIGN_OR_RETURN(permission.state, ParseState(state, "--consent " + text));
  }
  return permission;
}

absl::Status RowFacts::ReadValue(const Attribute& attribute, absl::string_view field,
                                 const std::string& where, v1::Value* out) {
  switch (attribute.type) {
    case Type::kString:
      out->set_string_value(std::string(field));
      return absl::OkStatus();
    case Type::kInt: {
      int64_t value = 0;
      if (!absl::SimpleAtoi(field, &value)) {
        return absl::InvalidArgumentError(
            absl::StrCat(where, ": `", field, "` is not a whole number"));
      }
      out->set_int_value(value);
      return absl::OkStatus();
    }
    case Type::kDouble: {
      TENURE_ASSIGN_OR_RETURN(const double value, ParseNumber(field, where));
      out->set_double_value(value);
      return absl::OkStatus();
    }
    case Type::kBool: {
      bool value = false;
      if (!absl::SimpleAtob(field, &value)) {
        return absl::InvalidArgumentError(
            absl::StrCat(where, ": `", field, "` is neither true nor false"));
      }
      out->set_bool_value(value);
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<RowFacts::Facts> RowFacts::Read(const CsvReader& reader,
                                               const std::vector<absl::string_view>& fields) const {
  Facts facts;
  for (const Attribute& attribute : attributes_) {
    const absl::string_view field = fields[attribute.column];
    if (field.empty()) continue;
    TENURE_RETURN_IF_ERROR(ReadValue(attribute, field, reader.Where(attribute.column),
                                     &(*facts.attributes.mutable_values())[attribute.name]));
  }
  for (const Permission& permission : permissions_) {
    v1::Consent consent;
    consent.set_purpose(permission.purpose);
    consent.set_channel(permission.channel);
    consent.set_state(permission.state);
    if (permission.column >= 0) {
      const auto column = static_cast<size_t>(permission.column);
      if (fields[column].empty()) continue;  // unknown, which for marketing means no
      TENURE_ASSIGN_OR_RETURN(const v1::ConsentState state,
                              ParseState(fields[column], reader.Where(column)));
      consent.set_state(state);
    }
    facts.consents.push_back(std::move(consent));
  }
  return facts;
}

}  // namespace tenure::cli
