// An offer in currency units.
#ifndef TENURE_PLUGINS_SDK_OFFER_H_
#define TENURE_PLUGINS_SDK_OFFER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "plugins/abi/tenure_plugin.h"
#include "plugins/sdk/pack.h"

namespace tenure::sdk {

struct Offer {
  std::string id;
  size_t index = 0;          // among the policy's offers
  double contact_cost = 0;   // units
  double discount_rate = 0;  // share of the next order
  double discount = 0;       // fixed amount off, units
  double max_discount = 0;   // the most that discount_rate takes off, units
  double redemption = 1;
  int32_t valid_days = 0;
  int64_t liability_micros = 0;  // the most it can cost while valid: one contact, one redemption

  bool has_discount() const { return discount > 0 || discount_rate > 0; }

  // What a redemption takes off an order of `spend` units. With the mean order this is no less than
  // the mean discount: min(rate·x, cap) is concave in x.
  double DiscountOn(double spend) const { return DiscountOf(spend); }
  Pack DiscountOn(Pack spend) const { return DiscountOf(spend); }

  // The discount as a share of an order of `spend` units, in [0, 1].
  double Depth(double spend) const { return DepthOf(spend); }
  Pack Depth(Pack spend) const { return DepthOf(spend); }

  static Offer From(const tenure_offer& offer, size_t index) {
    constexpr double kUnit = 1e6;
    Offer out;
    out.id.assign(offer.id.data, offer.id.size);
    out.index = index;
    out.contact_cost = static_cast<double>(offer.contact_cost_micros) / kUnit;
    out.discount_rate = offer.discount_rate;
    out.discount = static_cast<double>(offer.discount_micros) / kUnit;
    out.max_discount = static_cast<double>(offer.max_discount_micros) / kUnit;
    out.redemption = offer.redemption;
    out.valid_days = offer.valid_days;
    out.liability_micros = offer.contact_cost_micros + offer.discount_micros +
                           (offer.discount_rate > 0 ? offer.max_discount_micros : 0);
    return out;
  }

 private:
  template <typename N>
  N DiscountOf(N spend) const {
    return discount + Min<N>(discount_rate * Max<N>(spend, N{}), Same<N>(max_discount));
  }
  template <typename N>
  N DepthOf(N spend) const {
    if (!has_discount()) return N{};
    return spend > 0 ? Min<N>(Same<N>(1), DiscountOf(spend) / spend) : Same<N>(1);
  }
};

}  // namespace tenure::sdk

#endif  // TENURE_PLUGINS_SDK_OFFER_H_
