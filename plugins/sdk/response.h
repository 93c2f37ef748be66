// How strongly customers answer to a message, and to a discount of some depth with it.
#ifndef TENURE_PLUGINS_SDK_RESPONSE_H_
#define TENURE_PLUGINS_SDK_RESPONSE_H_

#include <cmath>

#include "plugins/sdk/params.h"
#include "plugins/sdk/value.h"

namespace tenure::sdk {

// Relative uplifts of p0 from the parameters: `uplift` without a discount, `coupon_uplift` with one
// of 12.5 % (the middle of what the prior is stated for), each with its band.
class Response {
 public:
  explicit Response(const Params& params)
      : plain_(params.Band("uplift")),
        coupon_(params.Band("coupon_uplift")),
        pull_forward_(params.Number("pull_forward")),
        fatigue_(params.Number("fatigue")),
        channel_value_(params.Number("channel_value")) {}

  // The effect with τa filled in; the policy adds what else it claims. Where only a `share` of the
  // relative uplift is extra orders, τa is that share's: the rest moves no probability, so that
  // nothing keeps it within one.
  Effect On(const Customer& customer, const Offer& offer, double share = 1) const {
    const Estimate whole = RelativeFor(customer, offer);
    Effect effect;
    effect.uplift_alive =
        RelativeUplift(customer, {share * whole.value, share * whole.standard_error});
    effect.pull_forward = pull_forward_;
    effect.fatigue = fatigue_;
    effect.channel_value = channel_value_;
    return effect;
  }

  // The relative uplift at this offer's depth for this customer.
  Estimate RelativeFor(const Customer& customer, const Offer& offer) const {
    return Relative(offer.Depth(customer.spend_mean));
  }

  // plain + f·(coupon − plain), with f = 0 at no discount, 1 at 12.5 %, and at most 1.58: rising
  // with depth and saturating. The two bands are taken as independent.
  Estimate Relative(double depth) const {
    if (depth <= 0) return plain_;
    constexpr double kStatedDepth = 0.125;
    constexpr double kOneMinusExpMinusOne = 0.63212055882855767;
    const double f = (1 - std::exp(-depth / kStatedDepth)) / kOneMinusExpMinusOne;
    const double plain = (1 - f) * plain_.standard_error, coupon = f * coupon_.standard_error;
    return {plain_.value + f * (coupon_.value - plain_.value),
            std::sqrt(plain * plain + coupon * coupon)};
  }

 private:
  Estimate plain_, coupon_;
  double pull_forward_, fatigue_, channel_value_;
};

}  // namespace tenure::sdk

#endif  // TENURE_PLUGINS_SDK_RESPONSE_H_
