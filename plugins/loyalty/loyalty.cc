// Loyalty: a reward that keeps customers from dropping out. See README.md.
#include "plugins/sdk/policy.h"
#include "plugins/sdk/response.h"
#include "schema_json.h"

namespace {

namespace sdk = tenure::sdk;

class Loyalty {
 public:
  static constexpr sdk::About kAbout = {.id = "loyalty",
                                        .version = "1.0.0",
                                        .vendor = "Tenure",
                                        .description = "Rewards that prevent dropout"};
  static constexpr std::array kStages = {sdk::Str("engaged"), sdk::Str("loyal"),
                                         sdk::Str("at_risk")};
  static constexpr auto kColumns = sdk::CustomerColumns(sdk::Required("at_risk_w"));
  static constexpr std::string_view kSchema = kSchemaJson;

  Loyalty(const sdk::Params& params, const std::vector<sdk::Offer>& offers)
      : response_(params, offers), retention_(params.Band("retention")) {}

  template <typename R>
  auto Propose(const R& row, const sdk::Offer& offer) const {
    auto customer = sdk::CustomerOf(row);
    customer.at_risk = row.Double(sdk::kOwnColumns);
    auto effect = response_.On(customer, offer);
    effect.retention = retention_;
    return sdk::Value(customer, effect, offer);
  }

 private:
  sdk::Response response_;
  sdk::Estimate retention_;
};

}  // namespace

TENURE_PLUGIN(Loyalty)
