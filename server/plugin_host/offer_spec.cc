#include "server/plugin_host/offer_spec.h"

#include "absl/strings/str_cat.h"

namespace tenure::plugin_host {

absl::Status CheckOffer(const OfferSpec& offer) {
  const auto refuse = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("offer '", offer.id, "': ", what));
  };
  if (offer.id.empty()) return refuse("it needs an id");
  if (offer.contact_cost_micros < 0) return refuse("contact cost is below 0");
  // Comparisons written so that NaN fails them.
  if (!(offer.discount_rate >= 0 && offer.discount_rate <= 1)) {
    return refuse("discount rate is outside 0 to 1");
  }
  if (offer.discount_micros < 0) return refuse("discount is below 0");
  if (offer.max_discount_micros < 0) return refuse("max discount is below 0");
  if (!(offer.redemption >= 0 && offer.redemption <= 1)) {
    return refuse("redemption is outside 0 to 1");
  }
  if (offer.valid_days < 0) return refuse("valid days are below 0");
  if (offer.discount_rate > 0 && offer.max_discount_micros == 0) {
    return refuse(
        "a share of the order without a cap has no most it can cost: state the max discount");
  }
  constexpr int64_t kMost = int64_t{1} << 60;  // so that their sum is money still
  if (offer.contact_cost_micros > kMost || offer.discount_micros > kMost ||
      offer.max_discount_micros > kMost) {
    return refuse("an amount is beyond 2^60 micros");
  }
  return absl::OkStatus();
}

}  // namespace tenure::plugin_host
