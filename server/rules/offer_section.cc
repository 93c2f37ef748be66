#include "absl/strings/str_cat.h"
#include "server/rules/sections.h"

namespace tenure::rules {

namespace {

// Both keys are about the discount: a contact costs what it costs.
void CheckReserve(const Offer& offer, bool discounted, ProblemList* problems) {
  const bool at_redemption = offer.reserve == Reserve::kAtRedemption;
  if (at_redemption && offer.clamp) {
    problems->Error(offer.mark,
                    "\"on_insufficient: clamp\" is about what a decision holds; with \"reserve: "
                    "at_redemption\" it holds no discount");
  } else if ((at_redemption || offer.clamp) && !discounted) {
    problems->Error(offer.mark, absl::StrCat(at_redemption ? "\"reserve: at_redemption\""
                                                           : "\"on_insufficient: clamp\"",
                                             " says nothing without a discount"));
  }
}

}  // namespace

Offer ReadOffer(const Node& node, Draft* draft) {
  MapReader map(node, "an offer", draft->problems);
  ProblemList* const problems = draft->problems;
  Offer offer;
  offer.mark = node.mark;
  map.Require("id");
  map.Id("id", &offer.id);
  offer.title = offer.id;
  map.Text("title", &offer.title);
  map.Money("contact_cost", &offer.contact_cost_micros);
  map.Share("discount_rate", &offer.discount_rate);
  map.Money("discount", &offer.discount_micros);
  map.Money("max_discount", &offer.max_discount_micros);
  map.Share("redemption", &offer.redemption);
  int64_t valid_days = 0;
  const bool lasts = !map.Has("valid_days") || map.Whole("valid_days", 0, 3'660, &valid_days);
  offer.valid_days = static_cast<int32_t>(valid_days);
  map.Choice<Reserve>(
      "reserve", {{"liability", Reserve::kLiability}, {"at_redemption", Reserve::kAtRedemption}},
      &offer.reserve);
  map.Choice<bool>("on_insufficient", {{"deny", false}, {"clamp", true}}, &offer.clamp);
  const bool rate = map.Has("discount_rate");
  const bool most = map.Has("max_discount");
  const bool fixed = map.Has("discount");
  map.Finish();
  if (rate && fixed) {
    problems->Error(node.mark, "an offer has \"discount_rate\" or \"discount\", not both");
  }
  if (rate && (!most || offer.max_discount_micros == 0)) {
    problems->Error(node.mark, "an offer with \"discount_rate\" needs \"max_discount\"",
                    "the most it can cost is what its budget sets aside");
  }
  if (most && !rate) {
    problems->Error(node.mark, "\"max_discount\" says nothing without \"discount_rate\"");
  }
  if ((rate || fixed) && lasts && valid_days == 0) {
    problems->Error(node.mark, "an offer with a discount needs \"valid_days\"");
  }
  CheckReserve(offer, rate || fixed, problems);
  return offer;
}

}  // namespace tenure::rules
