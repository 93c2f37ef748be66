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

  Welcome(const sdk::Params& params, const std::vector<sdk::Offer>& offers)
      : response_(params, offers), max_purchases_(params.Integer("max_purchases")) {}

  template <typename R>
  auto Propose(const R& row, const sdk::Offer& offer) const {
    const auto customer = sdk::CustomerOf(row);
    auto out = sdk::Value(customer, response_.On(customer, offer), offer);
    out.DeclineWhere(row.Int64(sdk::kOwnColumns) > max_purchases_, 1);
    return out;
  }

 private:
  sdk::Response response_;
  int64_t max_purchases_;
};

}  // namespace

TENURE_PLUGIN(Welcome)
