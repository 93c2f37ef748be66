// What an offer is worth, once for all policies: an order now, a return from the dead, a dropout
// prevented, a channel lost. Forcing a purchase on a living customer adds nothing to the future, so
// a change of their value is not among these.
#ifndef TENURE_PLUGINS_SDK_VALUE_H_
#define TENURE_PLUGINS_SDK_VALUE_H_

#include <array>
#include <cstddef>
#include <type_traits>

#include "plugins/sdk/offer.h"
#include "plugins/sdk/pack.h"
#include "plugins/sdk/params.h"
#include "plugins/sdk/row.h"

namespace tenure::sdk {

// What the model gives for a customer, or for a pack of them. Margins and values in currency units.
template <typename N>
struct BasicCustomer {
  N p_alive{};     // P(alive | data)
  N p_purchase{};  // p0: P(a purchase within the response window | data)
  N margin_next{};
  N spend_next{};  // revenue of the same order, which a discount is taken off
  N v_revived{};   // value of a dead customer who came back, beyond the order
  N at_risk{};     // value that dropout within the window would destroy

  // P(a purchase within the window | alive), in [0, 1].
  N PurchaseIfAlive() const {
    return p_alive > 0 ? Clamp<N>(p_purchase / p_alive, N{}, Same<N>(1)) : N{};
  }
};
using Customer = BasicCustomer<double>;

// The columns of the first four fields, then the policy's own, from kOwnColumns on.
inline constexpr size_t kOwnColumns = 4;
template <typename... Field>
constexpr std::array<tenure_field, kOwnColumns + sizeof...(Field)> CustomerColumns(Field... own) {
  return {Required("p_alive"), Required("p_purchase_w"), Required("margin_next"),
          Required("spend_next"), own...};
}
template <typename R>
BasicCustomer<typename R::Number> CustomerOf(const R& row) {
  return {row.Double(0), row.Double(1), row.Double(2), row.Double(3)};
}

// What an offer does to a customer.
template <typename N>
struct BasicEffect {
  BasicEstimate<N> uplift_alive;   // τa: signed change of P(purchase in the window), if alive
  BasicEstimate<N> uplift_revive;  // τd: P(a dead customer buys because of it)
  double pull_forward = 0;         // φ: share of τa that is only earlier, or instead of something
  Estimate retention;              // ε: share of the dropout in the window that it prevents
  double fatigue = 0;              // h: extra probability that the channel is lost
  double channel_value = 0;        // F: what that loses
  double revived_share = 0.5;      // ρ ≤ 1: how much of v_revived a return is worth
};
using Effect = BasicEffect<double>;

// A relative uplift of p0 as τa: u · P(buys | alive), kept where the result is a probability.
template <typename N>
BasicEstimate<N> RelativeUplift(const BasicCustomer<N>& customer,
                                const std::type_identity_t<BasicEstimate<N>>& relative) {
  const N base = customer.PurchaseIfAlive();
  return {Clamp<N>(relative.value * base, -base, 1 - base), relative.standard_error * base};
}

// τ = p_alive·τa + (1 − p_alive)·τd
template <typename N>
N Uplift(const BasicCustomer<N>& customer, const BasicEffect<N>& effect) {
  return customer.p_alive * effect.uplift_alive.value +
         (1 - customer.p_alive) * effect.uplift_revive.value;
}

// P(purchase in the window) with the offer: p0 + τ, within [0, 1].
template <typename N>
N TreatedProbability(const BasicCustomer<N>& customer, const BasicEffect<N>& effect) {
  return Clamp<N>(customer.p_purchase + Uplift(customer, effect), N{}, Same<N>(1));
}

// What one unit of each effect is worth: the factors of τa, τd and ε in G.
template <typename N>
N WorthOfUplift(const BasicCustomer<N>& customer, const BasicEffect<N>& effect) {
  return customer.p_alive * customer.margin_next * (1 - effect.pull_forward);
}
template <typename N>
N WorthOfRevival(const BasicCustomer<N>& customer, const BasicEffect<N>& effect) {
  return (1 - customer.p_alive) *
         (customer.margin_next + effect.revived_share * customer.v_revived);
}

// G = p_alive·τa·margin_next·(1 − φ) + (1 − p_alive)·τd·(margin_next + ρ·v_revived)
//     + ε·at_risk_w − h·F
template <typename N>
N GrossValue(const BasicCustomer<N>& customer, const BasicEffect<N>& effect) {
  return effect.uplift_alive.value * WorthOfUplift(customer, effect) +
         effect.uplift_revive.value * WorthOfRevival(customer, effect) +
         effect.retention.value * customer.at_risk - effect.fatigue * effect.channel_value;
}

// G's standard error: the effects' own, taken as independent; the customer's figures as known.
template <typename N>
N GrossStandardError(const BasicCustomer<N>& customer, const BasicEffect<N>& effect) {
  const N alive = effect.uplift_alive.standard_error * WorthOfUplift(customer, effect);
  const N revive = effect.uplift_revive.standard_error * WorthOfRevival(customer, effect);
  const N retained = effect.retention.standard_error * customer.at_risk;
  return Sqrt(alive * alive + revive * revive + retained * retained);
}

// contact cost + redemption · (p0 + τ) · discount: those who would have bought anyway redeem too.
// The discount is that of the order whose margin is counted: spend_next, not the customer's own
// mean so far, in which one small basket would make every coupon cheap.
template <typename N>
N ExpectedCost(const BasicCustomer<N>& customer, const BasicEffect<N>& effect, const Offer& offer) {
  return offer.contact_cost + offer.redemption * TreatedProbability(customer, effect) *
                                  offer.DiscountOn(customer.spend_next);
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
  // Declines where `row` says so; one call does for a row and for a pack.
  void DeclineWhere(bool row, int32_t why) {
    if (row) *this = Decline(why);
  }
};

// The same for a pack of rows.
struct ProposalPack {
  Pack gross_value{}, value_stderr{}, p_baseline{}, p_treated{}, expected_cost{};
  int64_t liability_micros = 0;
  uint8_t basis = TENURE_BASIS_ASSUMED;
  IntPack declined{};  // not 0: for `reason`
  int32_t reason = 0;

  void DeclineWhere(IntPack rows, int32_t why) {
    declined = rows;
    reason = why;
  }
};

// All of the above. The basis is ASSUMED: an effect that is measured says so itself.
template <typename N>
auto Value(const BasicCustomer<N>& customer, const BasicEffect<N>& effect, const Offer& offer) {
  std::conditional_t<std::is_same_v<N, double>, Proposal, ProposalPack> out;
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
