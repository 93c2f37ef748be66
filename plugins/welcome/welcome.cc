// Welcome: the second purchase of a new customer. See README.md.
#include "plugins/sdk/policy.h"
#include "plugins/sdk/response.h"
#include "schema_json.h"

namespace {

namespace sdk = tenure::sdk;

class Welcome {
 public:
  static constexpr sdk::About kAbout = {.id = "welcome",
                                        .version = "1.0.0",
                                        .vendor = "Tenure",
                                        .description = "Second purchase of a new customer"};
  static constexpr std::array kStages = {sdk::Str("new")};
  static constexpr auto kColumns = sdk::CustomerColumns(sdk::Required("purchases", TENURE_INT64));
  static constexpr std::array kReasons = {sdk::Because(1, "no new customer: too many purchases")};
  static constexpr std::string_view kSchema = kSchemaJson;

  Welcome(const sdk::Params& params, const std::vector<sdk::Offer>&)
      : response_(params), max_purchases_(params.Integer("max_purchases")) {}

  sdk::Proposal Propose(const sdk::Row& row, const sdk::Offer& offer) const {
    if (row.Int64(sdk::kOwnColumns) > max_purchases_) return sdk::Proposal::Decline(1);
    const sdk::Customer customer = sdk::CustomerOf(row);
    return sdk::Value(customer, response_.On(customer, offer), offer);
  }

 private:
  sdk::Response response_;
  int64_t max_purchases_;
};

}  // namespace

TENURE_PLUGIN(Welcome)
