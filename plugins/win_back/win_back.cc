// Win-back: the return of the dead, and an order from those who only seem so. See README.md.
#include "plugins/sdk/ladder.h"
#include "plugins/sdk/policy.h"
#include "plugins/sdk/response.h"
#include "schema_json.h"

namespace {

namespace sdk = tenure::sdk;

class WinBack {
 public:
  static constexpr sdk::About kAbout = {.id = "win_back",
                                        .version = "1.0.0",
                                        .vendor = "Tenure",
                                        .description = "Return of dormant and lost customers"};
  static constexpr std::array kStages = {sdk::Str("dormant"), sdk::Str("lost"),
                                         sdk::Str("at_risk")};
  static constexpr auto kColumns =
      sdk::CustomerColumns(sdk::Required("v_revived"), sdk::Required("days_since_last_purchase"));
  static constexpr std::array kReasons = {
      sdk::Because(1, "another step of the ladder is due at this silence")};
  static constexpr std::string_view kSchema = kSchemaJson;

  WinBack(const sdk::Params& params, const std::vector<sdk::Offer>& offers)
      : response_(params, offers),
        revival_(params.Band("revival")),
        half_life_days_(7 * params.Number("revival_half_life_weeks")),
        revived_share_(params.Number("revived_share")) {
    for (const auto& step : params.At("ladder")) AddStep(step["offer"], step["from_days"], offers);
  }

  // A ladder goes customer by customer.
  bool TakesPacks() const { return steps_.empty(); }

  template <typename R>
  auto Propose(const R& row, const sdk::Offer& offer) const {
    auto customer = sdk::CustomerOf(row);
    customer.v_revived = row.Double(sdk::kOwnColumns);
    const auto silence = row.Double(sdk::kOwnColumns + 1);
    const auto effect = On(customer, offer, silence);
    auto out = sdk::Value(customer, effect, offer);
    if constexpr (std::is_same_v<decltype(out), sdk::Proposal>) {
      if (OnLadder(offer)) GoOn(customer, offer, silence, effect, &out);
    }
    return out;
  }

 private:
  struct Step {
    sdk::Offer offer;
    double from_days;
  };

  void AddStep(const std::string& id, double from_days, const std::vector<sdk::Offer>& offers) {
    const auto at = std::find_if(offers.begin(), offers.end(),
                                 [&](const sdk::Offer& offer) { return offer.id == id; });
    if (at == offers.end()) {
      sdk::Refuse("ladder: the campaign has no offer '" + id + "'");
    }
    if (!steps_.empty() && from_days <= steps_.back().from_days) {
      sdk::Refuse("ladder: 'from_days' must rise from step to step; '" + id + "' does not");
    }
    steps_.push_back({*at, from_days});
  }

  bool OnLadder(const sdk::Offer& offer) const {
    return std::any_of(steps_.begin(), steps_.end(),
                       [&](const Step& step) { return step.offer.index == offer.index; });
  }

  // The step for this silence: the last that has begun; the number of steps before the first.
  size_t Due(double silence) const {
    size_t due = steps_.size();
    for (size_t k = 0; k < steps_.size() && steps_[k].from_days <= silence; ++k) due = k;
    return due;
  }

  // The rest of the ladder, where this is the step that is due.
  void GoOn(const sdk::Customer& customer, const sdk::Offer& offer, double silence,
            const sdk::Effect& effect, sdk::Proposal* out) const {
    const size_t due = Due(silence);
    if (due == steps_.size() || steps_[due].offer.index != offer.index) {
      *out = sdk::Proposal::Decline(1);
      return;
    }
    const sdk::Estimate rest = After(customer, due);
    const double goes_on = 1 - Finished(customer, effect);
    const double revive =
        effect.uplift_revive.standard_error * sdk::WorthOfRevival(customer, effect);
    const double others =
        std::sqrt(std::max(0.0, out->value_stderr * out->value_stderr - revive * revive));
    out->gross_value += goes_on * rest.value;
    out->value_stderr = std::hypot(others, revive + goes_on * rest.standard_error);
  }

  // Revival halves with every half-life of silence.
  template <typename N>
  sdk::BasicEffect<N> On(const sdk::BasicCustomer<N>& customer, const sdk::Offer& offer,
                         std::type_identity_t<N> silence) const {
    sdk::BasicEffect<N> effect = response_.On(customer, offer);
    const N left = sdk::Each(-sdk::Max<N>(silence, N{}) / half_life_days_,
                             [](double x) { return std::exp2(x); });
    effect.uplift_revive = {revival_.value * left, revival_.standard_error * left};
    effect.revived_share = revived_share_;
    return effect;
  }

  static double Finished(const sdk::Customer& customer, const sdk::Effect& effect) {
    return (1 - customer.p_alive) * effect.uplift_revive.value;
  }

  // What the steps after `due` add: the dead they bring back, less all they cost. The living are
  // left out, since by then they would have bought or be counted again.
  sdk::Estimate After(const sdk::Customer& customer, size_t due) const {
    sdk::LadderValue value;
    for (size_t k = steps_.size(); k-- > due + 1;) {
      sdk::Effect effect = On(customer, steps_[k].offer, steps_[k].from_days);
      effect.uplift_alive = {};
      value.Precede({{sdk::GrossValue(customer, effect) -
                          sdk::ExpectedCost(customer, effect, steps_[k].offer),
                      sdk::GrossStandardError(customer, effect)},
                     Finished(customer, effect)});
    }
    return value.value();
  }

  sdk::Response response_;
  sdk::Estimate revival_;
  double half_life_days_, revived_share_;
  std::vector<Step> steps_;
};

}  // namespace

TENURE_PLUGIN(WinBack)
