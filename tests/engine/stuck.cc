// A policy that sleeps for `ms` at every customer: what a stuck partner looks like from outside.
#include <chrono>
#include <thread>

#include "plugins/sdk/policy.h"

namespace {

namespace sdk = tenure::sdk;

class Stuck {
 public:
  static constexpr sdk::About kAbout = {
      .id = "stuck", .version = "1.0.0", .vendor = "tests", .description = "Sleeps"};
  static constexpr std::array kStages = {sdk::Str("new")};
  static constexpr std::array kColumns = {sdk::Required("purchases", TENURE_INT64)};
  static constexpr std::string_view kSchema =
      R"({"type": "object", "additionalProperties": false, "properties":
          {"ms": {"type": "integer", "minimum": 0, "maximum": 60000, "default": 0}}})";

  Stuck(const sdk::Params& params, const std::vector<sdk::Offer>&) : ms_(params.Integer("ms")) {}

  sdk::Proposal Propose(const sdk::Row&, const sdk::Offer& offer) const {
    std::this_thread::sleep_for(std::chrono::milliseconds(ms_));
    sdk::Proposal proposal;
    proposal.gross_value = 2;
    proposal.p_baseline = 0.1;
    proposal.p_treated = 0.2;
    proposal.expected_cost = 0.02;
    proposal.liability_micros = offer.liability_micros;
    return proposal;
  }

 private:
  int64_t ms_;
};

}  // namespace

TENURE_PLUGIN(Stuck)
