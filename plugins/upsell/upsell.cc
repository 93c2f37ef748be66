// Upsell: an extra or a larger basket from those who buy anyway. See README.md.
#include "plugins/sdk/policy.h"
#include "plugins/sdk/response.h"
#include "schema_json.h"

namespace {

namespace sdk = tenure::sdk;

class Upsell {
 public:
  static constexpr sdk::About kAbout = {.id = "upsell",
                                        .version = "1.0.0",
                                        .vendor = "Tenure",
                                        .description = "Extra and larger baskets"};
  static constexpr std::array kStages = {sdk::Str("repeat"), sdk::Str("engaged")};
  static constexpr auto kColumns = sdk::CustomerColumns(sdk::Required("purchases", TENURE_INT64));
  static constexpr std::array kReasons = {sdk::Because(1, "too few purchases")};
  static constexpr std::string_view kSchema = kSchemaJson;

  Upsell(const sdk::Params& params, const std::vector<sdk::Offer>& offers)
      : response_(params, offers),
        larger_(params.Number("larger_basket_share")),
        min_purchases_(params.Integer("min_purchases")) {}

  // The relative uplift u of the window's margin comes partly as larger baskets of those who buy
  // anyway, p0·larger·u·margin_next, which moves no probability and so has no bound from
  // one; the rest is extra orders, which the chance to buy at all bounds.
  template <typename R>
  auto Propose(const R& row, const sdk::Offer& offer) const {
    const auto customer = sdk::CustomerOf(row);
    const auto whole = response_.RelativeFor(customer, offer);
    const auto effect =
        response_.Of(customer, {(1 - larger_) * whole.value, (1 - larger_) * whole.standard_error});
    auto out = sdk::Value(customer, effect, offer);
    const auto basket = customer.p_purchase * larger_ * customer.margin_next;
    out.gross_value += basket * whole.value;
    out.value_stderr += basket * whole.standard_error;  // one effect: its parts err together
    out.DeclineWhere(row.Int64(sdk::kOwnColumns) < min_purchases_, 1);
    return out;
  }

 private:
  sdk::Response response_;
  double larger_;
  int64_t min_purchases_;
};

}  // namespace

TENURE_PLUGIN(Upsell)
