#include <bit>
#include <type_traits>
#include <utility>
#include <variant>

#include "server/customers/state_codec.h"

namespace tenure::customers {

void StateEncoder::Unsigned(uint64_t value) {
  while (value >= 0x80) {
    out_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out_.push_back(static_cast<char>(value));
}

void StateEncoder::Signed(int64_t value) {
  Unsigned((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}

void StateEncoder::Bytes(absl::string_view bytes) {
  Unsigned(bytes.size());
  out_.append(bytes.data(), bytes.size());
}

void StateEncoder::Name(int32_t code) {
  if (code == Names::kNone) return Unsigned(0);
  const auto [place, added] = places_.try_emplace(code, used_.size() + 1);
  if (added) used_.push_back(code);
  Unsigned(place->second);
}

void StateEncoder::PutNames() {
  Unsigned(used_.size());
  for (const int32_t code : used_) Bytes(names_.Get(code));
}

void StateEncoder::PutPurchases(const PurchaseHistory& purchases) {
  Unsigned(purchases.size());
  uint64_t before = 0;
  for (size_t i = 0; i < purchases.size(); ++i) {
    const PurchaseHistory::Item item = purchases.Get(i);
    Signed(static_cast<int64_t>(static_cast<uint64_t>(item.at_us) - before));
    before = static_cast<uint64_t>(item.at_us);
    Signed(item.revenue_micros);
    Unsigned(item.margin_known ? 1 : 0);
    if (item.margin_known) Signed(item.margin_micros);
    Name(item.category);
  }
}

void StateEncoder::PutValue(const journal::AttributeValue& value) {
  Unsigned(value.index());
  std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, bool>) {
          Unsigned(v ? 1 : 0);
        } else if constexpr (std::is_same_v<T, int64_t>) {
          Signed(v);
        } else if constexpr (std::is_same_v<T, double>) {
          Unsigned(std::bit_cast<uint64_t>(v));
        } else {
          Bytes(v);
        }
      },
      value);
}

void StateEncoder::PutExtras(const Extras* extras) {
  static const Extras kNothing;
  const Extras& e = extras == nullptr ? kNothing : *extras;
  const bool any = !e.refunds.empty() || !e.engagements.empty() || !e.consents.empty() ||
                   !e.contacts.empty() || !e.attributes.empty();
  Unsigned(any ? 1 : 0);
  if (!any) return;
  Unsigned(e.refunds.size());
  for (const Refund& refund : e.refunds) {
    Signed(refund.at_us);
    Signed(refund.revenue_micros);
    Unsigned(refund.margin_known ? 1 : 0);
    Signed(refund.margin_micros);
  }
  Unsigned(e.engagements.size());
  for (const EngagementDay& entry : e.engagements) {
    Signed(entry.day);
    Signed(entry.count);
  }
  Unsigned(e.consents.size());
  for (const PackedConsent& consent : e.consents) {
    Signed(consent.at_us);
    Name(consent.channel);
    Name(consent.purpose);
    Unsigned(static_cast<uint64_t>(consent.state));
  }
  Unsigned(e.contacts.size());
  for (const PackedContact& contact : e.contacts) {
    Signed(contact.at_us);
    Unsigned(contact.decision);
    Name(contact.campaign);
    Name(contact.channel);
    Name(contact.stage);
    Name(contact.tags);
    Unsigned((contact.counts ? 1u : 0u) | (contact.confirmed ? 2u : 0u));
    Unsigned(std::bit_cast<uint32_t>(contact.spontaneous));
  }
  Unsigned(e.attributes.size());
  for (const PackedAttribute& attribute : e.attributes) {
    Name(attribute.name);
    Signed(attribute.at_us);
    Signed(attribute.told_us);
    PutValue(attribute.value);
  }
}

void StateEncoder::Put(const State& state, absl::string_view id) {
  Bytes(id);
  Signed(state.first_seen_us);
  Unsigned(state.last_seq);
  Unsigned(static_cast<uint64_t>(state.tier));
  PutPurchases(state.purchases);
  Unsigned(state.standings.size());
  for (const PackedStanding& standing : state.standings) {
    Name(standing.track);
    Name(standing.stage);
    Name(standing.previous);
    Signed(standing.entered_us);
  }
  Unsigned(state.left.size());
  for (const LeftStage& left : state.left) {
    Name(left.track);
    Name(left.stage);
    Signed(left.at_us);
  }
  PutExtras(state.extras.get());
}

void StateEncoder::Put(const Schedule& schedule, uint32_t customers) {
  Unsigned(schedule.first_hour());
  for (uint32_t number = 1; number <= customers; ++number) Unsigned(schedule.DueOf(number));
  Unsigned(schedule.waiting().size());
  uint32_t before = 0;
  for (const uint32_t number : schedule.waiting()) Unsigned(number - std::exchange(before, number));
}

}  // namespace tenure::customers
