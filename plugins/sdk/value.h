// What an offer is worth, once for all policies: an order now, a return from the dead, a dropout
// prevented, a channel lost. Forcing a purchase on a living customer adds nothing to the future, so
// a change of their value is not among these.
#ifndef TENURE_PLUGINS_SDK_VALUE_H_
#define TENURE_PLUGINS_SDK_VALUE_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "plugins/sdk/offer.h"
#include "plugins/sdk/params.h"
#include "plugins/sdk/row.h"

namespace tenure::sdk {

// What the model gives for a customer. Margins and values in currency units.
struct Customer {
  double p_alive = 0;     // P(alive | data)
  double p_purchase = 0;  // p0: P(a purchase within the response window | data)
  double margin_next = 0;
  double spend_mean = 0;
  double v_revived = 0;  // value of a dead customer who came back, beyond the order
  double at_risk = 0;    // value that dropout within the window would destroy

  // P(a purchase within the window | alive), in [0, 1].
  double PurchaseIfAlive() const {
    return p_alive > 0 ? std::clamp(p_purchase / p_alive, 0.0, 1.0) : 0.0;
  }
};

// The columns of the first four fields, then the policy's own, from kOwnColumns on.
inline constexpr size_t kOwnColumns = 4;
template <typename... Field>
constexpr std::array<tenure_field, kOwnColumns + sizeof...(Field)> CustomerColumns(Field... own) {
  return {Required("p_alive"), Required("p_purchase_w"), Required("margin_next"),
          Required("spend_mean"), own...};
}
inline Customer CustomerOf(const Row& row) {
  return {row.Double(0), row.Double(1), row.Double(2), row.Double(3)};
}

// What an offer does to a customer.
struct Effect {
  Estimate uplift_alive;       // τa: signed change of P(purchase in the window), if alive
  Estimate uplift_revive;      // τd: P(a dead customer buys because of it)
  double pull_forward = 0;     // φ: share of τa that is only earlier, or instead of something
  Estimate retention;          // ε: share of the dropout in the window that it prevents
  double fatigue = 0;          // h: extra probability that the channel is lost
  double channel_value = 0;    // F: what that loses
  double revived_share = 0.5;  // ρ ≤ 1: how much of v_revived a return is worth
};

// A relative uplift of p0 as τa: u · P(buys | alive), kept where the result is a probability.
inline Estimate RelativeUplift(const Customer& customer, Estimate relative) {
  const double base = customer.PurchaseIfAlive();
  return {std::clamp(relative.value * base, -base, 1 - base), relative.standard_error * base};
}

// τ = p_alive·τa + (1 − p_alive)·τd
inline double Uplift(const Customer& customer, const Effect& effect) {
  return customer.p_alive * effect.uplift_alive.value +
         (1 - customer.p_alive) * effect.uplift_revive.value;
}

// P(purchase in the window) with the offer: p0 + τ, within [0, 1].
inline double TreatedProbability(const Customer& customer, const Effect& effect) {
  return std::clamp(customer.p_purchase + Uplift(customer, effect), 0.0, 1.0);
}

// What one unit of each effect is worth: the factors of τa, τd and ε in G.
inline double WorthOfUplift(const Customer& customer, const Effect& effect) {
  return customer.p_alive * customer.margin_next * (1 - effect.pull_forward);
}
inline double WorthOfRevival(const Customer& customer, const Effect& effect) {
  return (1 - customer.p_alive) *
         (customer.margin_next + effect.revived_share * customer.v_revived);
}

// G = p_alive·τa·margin_next·(1 − φ) + (1 − p_alive)·τd·(margin_next + ρ·v_revived)
//     + ε·at_risk_w − h·F
inline double GrossValue(const Customer& customer, const Effect& effect) {
  return effect.uplift_alive.value * WorthOfUplift(customer, effect) +
         effect.uplift_revive.value * WorthOfRevival(customer, effect) +
         effect.retention.value * customer.at_risk - effect.fatigue * effect.channel_value;
}

// G's standard error: the effects' own, taken as independent; the customer's figures as known.
inline double GrossStandardError(const Customer& customer, const Effect& effect) {
  const double alive = effect.uplift_alive.standard_error * WorthOfUplift(customer, effect);
  const double revive = effect.uplift_revive.standard_error * WorthOfRevival(customer, effect);
  const double retained = effect.retention.standard_error * customer.at_risk;
  return std::sqrt(alive * alive + revive * revive + retained * retained);
}

// contact cost + redemption · (p0 + τ) · discount: those who would have bought anyway redeem too.
inline double ExpectedCost(const Customer& customer, const Effect& effect, const Offer& offer) {
  return offer.contact_cost + offer.redemption * TreatedProbability(customer, effect) *
                                  offer.DiscountOn(customer.spend_mean);
}

// A row and offer's answer.
struct Proposal {
  double gross_value = 0;
  double value_stderr = 0;
  double p_baseline = 0;
  double p_treated = 0;
  double expected_cost = 0;
  int64_t liability_micros = 0;
  uint8_t basis = TENURE_BASIS_ASSUMED;
  uint8_t status = TENURE_CELL_OK;
  int32_t reason = 0;

  static Proposal Decline(int32_t reason) {
    Proposal out;
    out.status = TENURE_CELL_DECLINED;
    out.reason = reason;
    return out;
  }
};

// All of the above. The basis is ASSUMED: an effect that is measured says so itself.
inline Proposal Value(const Customer& customer, const Effect& effect, const Offer& offer) {
  Proposal out;
  out.gross_value = GrossValue(customer, effect);
  out.value_stderr = GrossStandardError(customer, effect);
  out.p_baseline = customer.p_purchase;
  out.p_treated = TreatedProbability(customer, effect);
  out.expected_cost = ExpectedCost(customer, effect, offer);
  out.liability_micros = offer.liability_micros;
  return out;
}

}  // namespace tenure::sdk

#endif  // TENURE_PLUGINS_SDK_VALUE_H_
