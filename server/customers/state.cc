#include "server/customers/state.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace tenure::customers {

void Extras::Borrow(const Extras& lender) {
  refunds.Borrow(lender.refunds);
  engagements.Borrow(lender.engagements);
  consents.Borrow(lender.consents);
  contacts.Borrow(lender.contacts);
  attributes = lender.attributes;
}

void Extras::TakeFrom(Extras* lender) {
  refunds.TakeFrom(&lender->refunds);
  engagements.TakeFrom(&lender->engagements);
  consents.TakeFrom(&lender->consents);
  contacts.TakeFrom(&lender->contacts);
}

State::State(State&& other) noexcept { Swap(&other); }

State& State::operator=(State&& other) noexcept {
  State(std::move(other)).Swap(this);
  return *this;
}

State::~State() {
  if (extras_are_borrowed) extras.release();
}

void State::Swap(State* other) {
  std::swap(id, other->id);
  std::swap(first_seen_us, other->first_seen_us);
  std::swap(last_seq, other->last_seq);
  std::swap(tier, other->tier);
  std::swap(extras_are_borrowed, other->extras_are_borrowed);
  std::swap(purchases, other->purchases);
  standings.Swap(&other->standings);
  left.Swap(&other->left);
  extras.swap(other->extras);
}

void State::Borrow(const State& lender) {
  id = lender.id;
  first_seen_us = lender.first_seen_us;
  last_seq = lender.last_seq;
  tier = lender.tier;
  purchases.Borrow(lender.purchases);
  standings.Borrow(lender.standings);
  left.Borrow(lender.left);
  extras.reset(lender.extras.get());
  extras_are_borrowed = lender.extras != nullptr;
}

void State::TakeFrom(State* lender) {
  purchases.TakeFrom(&lender->purchases);
  standings.TakeFrom(&lender->standings);
  left.TakeFrom(&lender->left);
  if (extras_are_borrowed) {
    extras_are_borrowed = false;
    lender->extras.release();
  } else if (lender->extras != nullptr) {
    // Its own, made of the lender's.
    MutableExtras().TakeFrom(&lender->MutableExtras());
  }
}

Extras& State::MutableExtras() {
  if (extras == nullptr) {
    extras = std::make_unique<Extras>();
  } else if (extras_are_borrowed) {
    auto own = std::make_unique<Extras>();
    own->Borrow(*extras);
    extras.release();
    extras_are_borrowed = false;
    extras = std::move(own);
  }
  // All are made here, as what may change.
  return const_cast<Extras&>(*extras);
}

const PackedStanding* State::StandingOn(size_t track, int32_t name) const {
  if (track == 0) return standings.empty() ? nullptr : &standings[0];
  for (size_t i = 1; i < standings.size(); ++i) {
    if (standings[i].track == name) return &standings[i];
  }
  return nullptr;
}

int32_t PackTags(const std::vector<std::string>& tags, Names* names) {
  std::string packed;  // "5:promo4:mail": a tag may hold any character
  for (const std::string& tag : tags) absl::StrAppend(&packed, tag.size(), ":", tag);
  return names->Intern(packed);
}

std::vector<std::string> UnpackTags(int32_t tags, const Names& names) {
  std::vector<std::string> result;
  absl::string_view rest = names.Get(tags);
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    size_t length = 0;
    if (colon == absl::string_view::npos || !absl::SimpleAtoi(rest.substr(0, colon), &length)) {
      break;
    }
    rest.remove_prefix(colon + 1);
    result.emplace_back(rest.substr(0, length));
    rest.remove_prefix(result.back().size());
  }
  return result;
}

namespace {

std::string Text(int32_t code, const Names& names) { return std::string(names.Get(code)); }

std::vector<Consent> UnpackConsents(const State& state, const Names& names) {
  std::vector<Consent> result;
  if (state.extras == nullptr) return result;
  result.reserve(state.extras->consents.size());
  for (const PackedConsent& consent : state.extras->consents) {
    result.push_back(
        {Text(consent.channel, names), Text(consent.purpose, names), consent.state, consent.at_us});
  }
  return result;
}

std::vector<Contact> UnpackContacts(const State& state, const Names& names) {
  std::vector<Contact> result;
  if (state.extras == nullptr) return result;
  result.reserve(state.extras->contacts.size());
  for (const PackedContact& contact : state.extras->contacts) {
    result.push_back({contact.at_us, contact.decision, Text(contact.campaign, names),
                      Text(contact.channel, names), Text(contact.stage, names),
                      UnpackTags(contact.tags, names), contact.counts, contact.confirmed,
                      contact.spontaneous});
  }
  return result;
}

std::vector<Standing> UnpackStandings(const State& state, const Names& names) {
  std::vector<Standing> result;
  for (const PackedStanding& standing : state.standings) {
    result.push_back({Text(standing.track, names),
                      Text(standing.stage, names),
                      Text(standing.previous, names),
                      standing.entered_us,
                      {}});
    for (const LeftStage& left : state.left) {
      if (left.track != standing.track) continue;
      result.back().left.emplace_back(Text(left.stage, names), left.at_us);
    }
  }
  return result;
}

}  // namespace

Customer Unpack(const State& state, absl::string_view id, const Names& names) {
  Customer result;
  result.id = std::string(id);
  result.first_seen_us = state.first_seen_us == State::kNever ? 0 : state.first_seen_us;
  result.last_seq = state.last_seq;
  result.purchases.reserve(state.purchases.size());
  for (size_t i = 0; i < state.purchases.size(); ++i) {
    const PurchaseHistory::Item item = state.purchases.Get(i);
    result.purchases.push_back({item.at_us, item.revenue_micros, item.margin_micros,
                                item.margin_known, Text(item.category, names)});
  }
  result.standings = UnpackStandings(state, names);
  result.consents = UnpackConsents(state, names);
  result.contacts = UnpackContacts(state, names);
  if (state.extras == nullptr) return result;
  const Extras& extras = *state.extras;
  result.refunds.assign(extras.refunds.begin(), extras.refunds.end());
  result.engagements.assign(extras.engagements.begin(), extras.engagements.end());
  for (const PackedAttribute& attribute : extras.attributes) {
    result.attributes.push_back({Text(attribute.name, names), attribute.value, attribute.at_us});
  }
  return result;
}

Profile UnpackProfile(const State& state, uint32_t number, absl::string_view id,
                      const Names& names) {
  Profile result;
  result.customer = number;
  result.id = std::string(id);
  if (!state.standings.empty()) {
    result.stage = Text(state.standings[0].stage, names);
    result.stage_entered_us = state.standings[0].entered_us;
  }
  result.consents = UnpackConsents(state, names);
  result.contacts = UnpackContacts(state, names);
  return result;
}

Profile ProfileOf(uint32_t number, const Customer& customer) {
  Profile result;
  result.customer = number;
  result.id = customer.id;
  if (!customer.standings.empty()) {
    result.stage = customer.standings[0].stage_id;
    result.stage_entered_us = customer.standings[0].entered_us;
  }
  result.consents = customer.consents;
  result.contacts = customer.contacts;
  return result;
}

}  // namespace tenure::customers
