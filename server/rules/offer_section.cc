#include "server/rules/sections.h"

namespace tenure::rules {

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
  return offer;
}

}  // namespace tenure::rules
