// Columns of a file as facts about customers: attributes and permissions.
#ifndef TENURE_CLIENTS_CLI_ROW_FACTS_H_
#define TENURE_CLIENTS_CLI_ROW_FACTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/csv.h"
#include "tenure/v1/customer.pb.h"

namespace tenure::cli {

// What --attribute and --consent ask for, bound to a file's columns. Immutable once
// built.
class RowFacts {
 public:
  // `attributes`: "COLUMN" (named by it, in lower case, '_' for what no name may have),
  // "name=COLUMN" or "name:TYPE=COLUMN" with string, int, double or bool. `consents`:
  // "channel=granted|denied|revoked" for everybody, or "channel=@COLUMN"; "purpose/channel" where
  // the purpose is not marketing. NOT_FOUND for a column that is not there; INVALID_ARGUMENT.
  static absl::StatusOr<RowFacts> Create(const std::vector<std::string>& attributes,
                                         const std::vector<std::string>& consents,
                                         const CsvReader& reader);

  // What one row says: attributes (empty fields are left out) and permissions. INVALID_ARGUMENT
  // naming the place.
  struct Facts {
    tenure::v1::Attributes attributes;
    std::vector<tenure::v1::Consent> consents;
  };
  absl::StatusOr<Facts> Read(const CsvReader& reader,
                             const std::vector<absl::string_view>& fields) const;

 private:
  enum class Type : uint8_t { kString, kInt, kDouble, kBool };
  struct Attribute {
    std::string name;
    Type type;
    size_t column;
  };
  struct Permission {
    std::string purpose;
    std::string channel;
    tenure::v1::ConsentState state;  // for everybody, unless a column says it
    int column = -1;
  };

  static absl::StatusOr<Attribute> ParseAttribute(const std::string& text, const CsvReader& reader);
  static absl::StatusOr<Permission> ParsePermission(const std::string& text,
                                                    const CsvReader& reader);
  static absl::Status ReadValue(const Attribute& attribute, absl::string_view field,
                                const std::string& where, tenure::v1::Value* out);

  std::vector<Attribute> attributes_;
  std::vector<Permission> permissions_;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_ROW_FACTS_H_
