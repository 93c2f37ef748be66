// A policy for the engine's tests: values every offer at 5, whoever the customer is. Waits for as
// long as the file `wait_while` exists, five seconds at most.
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

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
      R"({"type": "object", "additionalProperties": false, "properties":
          {"wait_while": {"type": "string", "default": ""}}})";

  Steady(const sdk::Params& params, const std::vector<sdk::Offer>&)
      : wait_while_(params.Text("wait_while")) {}

  sdk::Proposal Propose(const sdk::Row&, const sdk::Offer& offer) const {
    for (int i = 0; i < 500 && !wait_while_.empty() && std::filesystem::exists(wait_while_); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    sdk::Proposal proposal;
    proposal.gross_value = 5;
    proposal.p_baseline = 0.25;
    proposal.p_treated = 0.5;
    proposal.expected_cost = static_cast<double>(offer.liability_micros) / 2e6;
    proposal.liability_micros = offer.liability_micros;
    return proposal;
  }

 private:
  const std::string wait_while_;
};

}  // namespace

TENURE_PLUGIN(Steady)
