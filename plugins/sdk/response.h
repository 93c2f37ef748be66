// How strongly customers answer to a message, and to a discount of some depth with it.
#ifndef TENURE_PLUGINS_SDK_RESPONSE_H_
#define TENURE_PLUGINS_SDK_RESPONSE_H_

#include <cmath>
#include <type_traits>
#include <vector>

#include "plugins/sdk/params.h"
#include "plugins/sdk/value.h"

namespace tenure::sdk {

// Relative uplifts of p0 from the parameters: `uplift` without a discount, `coupon_uplift` with one
// of 12.5 % (the middle of what the prior is stated for), each with its band.
class Response {
 public:
  explicit Response(const Params& params, const std::vector<Offer>& offers = {})
      : plain_(params.Band("uplift")),
        coupon_(params.Band("coupon_uplift")),
        pull_forward_(params.Number("pull_forward")),
        fatigue_(params.Number("fatigue")),
        channel_value_(params.Number("channel_value")) {
    for (const Offer& offer : offers) fading_at_rate_.push_back(Fading(offer.discount_rate));
  }

  // The effect with τa filled in; the policy adds what else it claims.
  template <typename N>
  BasicEffect<N> On(const BasicCustomer<N>& customer, const Offer& offer) const {
    return Of(customer, RelativeFor(customer, offer));
  }

  // The same for a relative uplift that the policy states: where only a share of it is extra
  // orders, τa is that share's, since the rest moves no probability and has no bound from one.
  template <typename N>
  BasicEffect<N> Of(const BasicCustomer<N>& customer,
                    const std::type_identity_t<BasicEstimate<N>>& relative) const {
    BasicEffect<N> effect;
    effect.uplift_alive = RelativeUplift(customer, relative);
    effect.pull_forward = pull_forward_;
    effect.fatigue = fatigue_;
    effect.channel_value = channel_value_;
    return effect;
  }

  // The relative uplift at this offer's depth for this customer.
  template <typename N>
  BasicEstimate<N> RelativeFor(const BasicCustomer<N>& customer, const Offer& offer) const {
    if (!offer.has_discount()) return {Same<N>(plain_.value), Same<N>(plain_.standard_error)};
    const N depth = offer.Depth(customer.spend_next);
    // A share of the order below its cap is most customers' depth, and its exponential is known.
    const bool known = offer.index < fading_at_rate_.size();
    const double at_rate = known ? fading_at_rate_[offer.index] : Fading(offer.discount_rate);
    return Saturated(depth, Each(depth, [&](double one) {
                       return one == offer.discount_rate ? at_rate : Fading(one);
                     }));
  }

  // plain + f·(coupon − plain), with f = 0 at no discount, 1 at 12.5 %, and at most 1.58: rising
  // with depth and saturating. The two bands are taken as independent.
  Estimate Relative(double depth) const { return Saturated(depth, Fading(depth)); }

 private:
  static double Fading(double depth) {
    constexpr double kStatedDepth = 0.125;
    return std::exp(-depth / kStatedDepth);
  }

  template <typename N>
  BasicEstimate<N> Saturated(N depth, N fading) const {
    constexpr double kOneMinusExpMinusOne = 0.63212055882855767;
    const N f = (1 - fading) / kOneMinusExpMinusOne;
    const N plain = (1 - f) * plain_.standard_error, coupon = f * coupon_.standard_error;
    const N value = plain_.value + f * (coupon_.value - plain_.value);
    const N error = Sqrt(plain * plain + coupon * coupon);
    return {depth <= 0 ? Same<N>(plain_.value) : value,
            depth <= 0 ? Same<N>(plain_.standard_error) : error};
  }

  Estimate plain_, coupon_;
  double pull_forward_, fatigue_, channel_value_;
  std::vector<double> fading_at_rate_;  // by offer
};

}  // namespace tenure::sdk

#endif  // TENURE_PLUGINS_SDK_RESPONSE_H_
