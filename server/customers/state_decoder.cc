#include <bit>
#include <utility>

#include "server/customers/state_codec.h"

namespace tenure::customers {

uint64_t StateDecoder::Unsigned() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= uint64_t{byte & 0x7Fu} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  ok_ = false;
  return 0;
}

int64_t StateDecoder::Signed() {
  const uint64_t value = Unsigned();
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

size_t StateDecoder::Count() {
  const uint64_t count = Unsigned();
  if (count <= rest_.size()) return count;
  ok_ = false;
  return 0;
}

absl::string_view StateDecoder::Bytes() {
  const absl::string_view bytes = rest_.substr(0, Count());
  rest_.remove_prefix(bytes.size());
  return bytes;
}

int32_t StateDecoder::Name() {
  const uint64_t place = Unsigned();
  if (place == 0) return Names::kNone;
  if (place <= codes_.size()) return codes_[place - 1];
  ok_ = false;
  return Names::kNone;
}

void StateDecoder::TakeNames(absl::string_view bytes, Names* names) {
  const absl::string_view states = rest_;
  rest_ = bytes;
  const size_t count = Count();
  codes_.reserve(count);
  for (size_t i = 0; i < count && ok_; ++i) codes_.push_back(names->Intern(Bytes()));
  ok_ &= rest_.empty();
  rest_ = states;
}

void StateDecoder::TakePurchases(PurchaseHistory* purchases) {
  const size_t count = Count();
  purchases->Reserve(count);
  uint64_t at_us = 0;
  for (size_t i = 0; i < count && ok_; ++i) {
    PurchaseHistory::Item item;
    at_us += static_cast<uint64_t>(Signed());
    item.at_us = static_cast<int64_t>(at_us);
    item.revenue_micros = Signed();
    item.margin_known = Unsigned() != 0;
    item.margin_micros = item.margin_known ? Signed() : 0;
    item.category = Name();
    purchases->Insert(item);
  }
}

journal::AttributeValue StateDecoder::TakeValue() {
  switch (Unsigned()) {
    case 0:
      return Unsigned() != 0;
    case 1:
      return Signed();
    case 2:
      return std::bit_cast<double>(Unsigned());
    case 3:
      return std::string(Bytes());
    default:
      ok_ = false;
      return false;
  }
}

void StateDecoder::TakeExtras(Extras* extras) {
  for (size_t n = Count(); n > 0 && ok_; --n) {
    Refund refund;
    refund.at_us = Signed();
    refund.revenue_micros = Signed();
    refund.margin_known = Unsigned() != 0;
    refund.margin_micros = Signed();
    extras->refunds.push_back(refund);
  }
  for (size_t n = Count(); n > 0 && ok_; --n) {
    EngagementDay entry;
    entry.day = static_cast<int32_t>(Signed());
    entry.count = static_cast<int32_t>(Signed());
    extras->engagements.push_back(entry);
  }
  for (size_t n = Count(); n > 0 && ok_; --n) {
    PackedConsent consent;
    consent.at_us = Signed();
    consent.channel = Name();
    consent.purpose = Name();
    consent.state = static_cast<journal::ConsentState>(Unsigned());
    extras->consents.push_back(consent);
  }
  for (size_t n = Count(); n > 0 && ok_; --n) {
    PackedContact contact;
    contact.at_us = Signed();
    contact.decision = Unsigned();
    contact.campaign = Name();
    contact.channel = Name();
    contact.stage = Name();
    contact.tags = Name();
    const uint64_t flags = Unsigned();
    contact.counts = (flags & 1) != 0;
    contact.confirmed = (flags & 2) != 0;
    contact.spontaneous = std::bit_cast<float>(static_cast<uint32_t>(Unsigned()));
    extras->contacts.push_back(contact);
  }
  for (size_t n = Count(); n > 0 && ok_; --n) {
    PackedAttribute attribute;
    attribute.name = Name();
    attribute.at_us = Signed();
    attribute.told_us = Signed();
    attribute.value = TakeValue();
    extras->attributes.push_back(std::move(attribute));
  }
}

absl::string_view StateDecoder::Take(State* state) {
  const absl::string_view id = Bytes();
  state->first_seen_us = Signed();
  state->last_seq = Unsigned();
  const uint64_t tier = Unsigned();
  ok_ &= tier <= kTiers;
  state->tier = static_cast<Tier>(tier <= kTiers ? tier : 0);
  TakePurchases(&state->purchases);
  const size_t standings = Count();
  state->standings.reserve(standings);
  for (size_t i = 0; i < standings && ok_; ++i) {
    PackedStanding standing;
    standing.track = Name();
    standing.stage = Name();
    standing.previous = Name();
    standing.entered_us = Signed();
    state->standings.push_back(standing);
  }
  const size_t left = Count();
  state->left.reserve(left);
  for (size_t i = 0; i < left && ok_; ++i) {
    LeftStage stage;
    stage.track = Name();
    stage.stage = Name();
    stage.at_us = Signed();
    state->left.push_back(stage);
  }
  if (Unsigned() != 0) TakeExtras(&state->MutableExtras());
  return id;
}

void StateDecoder::Take(size_t customers, Schedule* schedule) {
  const auto first_hour = static_cast<uint32_t>(Unsigned());
  std::vector<Schedule::Seconds> due(customers);
  for (Schedule::Seconds& at : due) at = static_cast<Schedule::Seconds>(Unsigned());
  std::vector<uint32_t> waiting(Count());
  uint64_t number = 0;
  for (uint32_t& one : waiting) {
    const uint64_t step = Unsigned();
    ok_ &= step > 0 && step <= customers - number;
    number += ok_ ? step : 0;
    one = static_cast<uint32_t>(number);
  }
  if (ok_) schedule->Restore(first_hour, due, std::move(waiting));
}

}  // namespace tenure::customers
