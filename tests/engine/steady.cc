// A policy for the engine's tests: values every offer at 5, whoever the customer is.
#include "plugins/sdk/policy.h"

namespace {

namespace sdk = tenure::sdk;

class Steady {
 public:
  static constexpr sdk::About kAbout = {.id = "steady",
                                        .version = "1.0.0",
                                        .vendor = "Tenure",
                                        .description = "The same value for everybody"};
  static constexpr std::array kStages = {sdk::Str("any")};
  static constexpr std::array kColumns = {sdk::Required("purchases", TENURE_INT64)};
  static constexpr std::array kReasons = {sdk::Because(1, "never said")};
  static constexpr std::string_view kSchema =
      R"({"type": "object", "additionalProperties": false, "properties": {}})";

  Steady(const sdk::Params&, const std::vector<sdk::Offer>&) {}

  sdk::Proposal Propose(const sdk::Row&, const sdk::Offer& offer) const {
    sdk::Proposal proposal;
    proposal.gross_value = 5;
    proposal.p_baseline = 0.25;
    proposal.p_treated = 0.5;
    proposal.expected_cost = static_cast<double>(offer.liability_micros) / 2e6;
    proposal.liability_micros = offer.liability_micros;
    return proposal;
  }
};

}  // namespace

TENURE_PLUGIN(Steady)
