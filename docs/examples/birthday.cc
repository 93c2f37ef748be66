#include "plugins/sdk/policy.h"
namespace sdk = tenure::sdk;

class Birthday {
 public:
  static constexpr sdk::About kAbout = {.id = "birthday", .version = "1.0.0"};
  static constexpr auto kColumns = sdk::CustomerColumns(sdk::Optional("tenure_days"));
  static constexpr std::string_view kSchema = R"({"type": "object", "additionalProperties": false,
    "properties": {"uplift": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.1}}})";

  Birthday(const sdk::Params& params, const std::vector<sdk::Offer>&)
      : uplift_(params.Number("uplift")) {}

  sdk::Proposal Propose(const sdk::Row& row, const sdk::Offer& offer) const {
    if (row.Has(4) && row.Double(4) < 30) return sdk::Proposal::Decline(1);
    sdk::Effect effect;
    effect.uplift_alive = sdk::RelativeUplift(sdk::CustomerOf(row), {uplift_, uplift_ / 2});
    return sdk::Value(sdk::CustomerOf(row), effect, offer);
  }

 private:
  double uplift_;
};

TENURE_PLUGIN(Birthday)
