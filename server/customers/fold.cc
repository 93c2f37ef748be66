#include "server/customers/fold.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "server/base/time.h"

namespace tenure::customers {
namespace {

void FoldRefund(const journal::EventRecord& event, State* state) {
  auto& refunds = state->MutableExtras().refunds;
  size_t at = refunds.size();
  while (at > 0 && refunds[at - 1].at_us > event.happened_us) --at;
  refunds.insert(at, {event.happened_us, event.amount_micros, event.margin_micros.value_or(0),
                      event.margin_micros.has_value()});
}

void FoldEngagement(int64_t happened_us, State* state) {
  auto& days = state->MutableExtras().engagements;
  const int32_t day = DayOf(happened_us);
  size_t at = days.size();
  while (at > 0 && days[at - 1].day > day) --at;
  if (at > 0 && days[at - 1].day == day) {
    ++days.Mutable(at - 1).count;
    return;
  }
  days.insert(at, {day, 1});
  const int32_t oldest = days.back().day - kEngagementDaysKept;
  if (days[0].day >= oldest) return;
  days.erase_if([&](const EngagementDay& entry) { return entry.day < oldest; });
}

void FoldConsent(const journal::EventRecord& event, Names* names, State* state) {
  auto& consents = state->MutableExtras().consents;
  const PackedConsent consent{event.happened_us, names->Intern(event.channel),
                              names->Intern(event.purpose), event.consent};
  size_t at = 0;
  for (; at < consents.size(); ++at) {
    const PackedConsent& other = consents[at];
    if (other.channel == consent.channel && other.purpose == consent.purpose) {
      // Granted, denied, revoked: the larger is the more restrictive.
      if (std::tie(consent.at_us, consent.state) > std::tie(other.at_us, other.state)) {
        consents.Mutable(at) = consent;
      }
      return;
    }
    const auto key = [&](const PackedConsent& c) {
      return std::make_pair(names->Get(c.channel), names->Get(c.purpose));
    };
    if (key(consent) < key(other)) break;
  }
  consents.insert(at, consent);
}

void FoldAttributes(const journal::EventRecord& event, Names* names, State* state) {
  if (event.attributes.empty()) return;
  auto& attributes = state->MutableExtras().attributes;
  for (const auto& [name, value] : event.attributes) {
    const auto at = std::lower_bound(
        attributes.begin(), attributes.end(), absl::string_view(name),
        [&](const PackedAttribute& a, absl::string_view n) { return names->Get(a.name) < n; });
    if (at == attributes.end() || names->Get(at->name) != name) {
      attributes.insert(at, {names->Intern(name), event.happened_us, event.happened_us, value});
    } else if (event.happened_us >= at->told_us) {
      at->told_us = event.happened_us;
      if (at->value == value) continue;  // said again: known since it was first
      at->at_us = event.happened_us;
      at->value = value;
    }
  }
}

// But for the last of each campaign, by which "once" and a long cool-down are told.
void DropOldContacts(CompactArray<PackedContact>* contacts) {
  const int64_t oldest = contacts->back().at_us - kContactDaysKept * kMicrosPerDay;
  if ((*contacts)[0].at_us >= oldest) return;
  std::vector<bool> drop(contacts->size());
  std::vector<int32_t> later;  // campaigns
  for (size_t i = contacts->size(); i-- > 0;) {
    const PackedContact& contact = (*contacts)[i];
    const bool has_later = std::find(later.begin(), later.end(), contact.campaign) != later.end();
    drop[i] = has_later && contact.at_us < oldest;
    if (!has_later) later.push_back(contact.campaign);
  }
  size_t at = 0;
  contacts->erase_if([&](const PackedContact&) { return drop[at++]; });
}

}  // namespace

PurchaseHistory::Item PurchaseOf(const journal::EventRecord& event, Names* names) {
  return {event.happened_us, event.amount_micros, event.margin_micros.value_or(0),
          names->Intern(event.category), event.margin_micros.has_value()};
}

void FoldPurchase(const PurchaseHistory::Item& purchase, State* state) {
  state->first_seen_us = std::min(state->first_seen_us, purchase.at_us);
  state->purchases.Insert(purchase);
}

void Fold(const journal::EventRecord& event, Names* names, State* state) {
  state->first_seen_us = std::min(state->first_seen_us, event.happened_us);
  switch (event.type) {
    case journal::EventType::kPurchase:
      FoldPurchase(PurchaseOf(event, names), state);
      return;
    case journal::EventType::kRefund:
      FoldRefund(event, state);
      return;
    case journal::EventType::kEngagement:
      FoldEngagement(event.happened_us, state);
      return;
    case journal::EventType::kConsent:
      FoldConsent(event, names, state);
      return;
    case journal::EventType::kAttributes:
      FoldAttributes(event, names, state);
      return;
  }
}

void FoldContact(const Contact& contact, Names* names, State* state) {
  auto& contacts = state->MutableExtras().contacts;
  size_t at = contacts.size();
  while (at > 0 && contacts[at - 1].at_us > contact.at_us) --at;
  contacts.insert(
      at, {contact.at_us, contact.decision, names->Intern(contact.campaign),
           names->Intern(contact.channel), names->Intern(contact.stage),
           PackTags(contact.tags, names), contact.counts, contact.confirmed, contact.spontaneous});
  DropOldContacts(&contacts);
}

void FoldSettlement(uint64_t decision, absl::string_view campaign, bool confirmed,
                    const Names& names, State* state) {
  if (state->extras == nullptr) return;
  auto& contacts = state->MutableExtras().contacts;
  const auto is_meant = [&](const PackedContact& contact) {
    return contact.decision == decision &&
           (campaign.empty() || names.Get(contact.campaign) == campaign);
  };
  if (!confirmed) {
    contacts.erase_if(is_meant);
    return;
  }
  for (size_t i = 0; i < contacts.size(); ++i) {
    if (is_meant(contacts[i])) contacts.Mutable(i).confirmed = true;
  }
}

}  // namespace tenure::customers
