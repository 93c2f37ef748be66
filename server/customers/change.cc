#include <algorithm>
#include <deque>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/customers/fold.h"
#include "server/customers/place_table.h"
#include "server/customers/population.h"
#include "server/customers/shards.h"
#include "server/customers/stages.h"
#include "server/customers/state_blocks.h"

namespace tenure::customers {
namespace {

// Stages are evaluated in batches of so many customers: their features stay in the fast cache.
constexpr size_t kEvaluatedTogether = 128;

}  // namespace

class Change::Staged {
 public:
  explicit Staged(Shards* shards)
      : shards_(*shards), published_(shards->size()), days_(&shards->days()) {}

  Shards& shards() { return shards_; }
  uint32_t size() const { return published_ + static_cast<uint32_t>(new_ids_.size()); }

  uint32_t Find(absl::string_view id) const {
    if (const auto found = added_.find(id); found != added_.end()) return found->second;
    return shards_.ids.Find(id);
  }

  uint32_t Add(absl::string_view id) {
    new_ids_.emplace_back(id);
    const uint32_t number = size();
    added_.emplace(new_ids_.back(), number);
    Stage(number)->purchases.CountDaysBy(*days_);
    return number;
  }

  absl::string_view IdOf(uint32_t number) const {
    return number > published_ ? absl::string_view(new_ids_[number - published_ - 1])
                               : IdIndex::IdOf(shards_.Published(number).id);
  }

  const State& Read(uint32_t number) const {
    TENURE_CHECK(number > 0 && number <= size());
    const uint32_t place = places_.Find(number);
    const bool is_own = place != PlaceTable::kNone && !unborrowed_[place];
    return is_own ? states_[place] : shards_.Published(number);
  }

  State* Write(uint32_t number) { return &states_[PlaceOf(number)]; }

  // Where the writable state stands.
  size_t PlaceOf(uint32_t number) {
    const size_t place = PlaceToBe(number);
    if (unborrowed_[place]) Borrow(place);
    return place;
  }
  // Where it will stand: what is published is on its way from memory, for Borrow.
  size_t PlaceToBe(uint32_t number) {
    TENURE_CHECK(number > 0 && number <= size());
    const uint32_t place = places_.Find(number);
    if (place != PlaceTable::kNone) return place;
    Stage(number);
    unborrowed_.back() = 1;
    const auto* const published = reinterpret_cast<const char*>(&shards_.Published(number));
    __builtin_prefetch(published);
    __builtin_prefetch(published + sizeof(State) - 1);
    return states_.size() - 1;
  }
  void Borrow(size_t place) {
    State& state = states_[place];
    const uint32_t number = numbers_[place];
    state.Borrow(shards_.Published(number));
    unborrowed_[place] = 0;
    // For what comes later: the purchase, the evaluation and Publish.
    state.purchases.Prefetch();
    __builtin_prefetch(state.standings.begin());
    __builtin_prefetch(state.left.begin());
    shards_.schedule.Prefetch(number);
  }

  // Folds an event, or keeps it where it is a purchase, and keeps the evaluation of the stages for
  // EvaluateEvents: those of many customers together cost far less than one by one, and what they
  // read has come from memory by then.
  void Apply(uint32_t number, const journal::EventRecord& event, int64_t at_us,
             const Valuation& valuation) {
    const bool is_purchase = event.type == journal::EventType::kPurchase;
    const size_t place = is_purchase ? PlaceToBe(number) : PlaceOf(number);
    if (unevaluated_[place] || evaluations_.size() == kEvaluatedTogether ||
        (!evaluations_.empty() && !IsOf(valuation))) {
      EvaluateEvents();
    }
    if (evaluations_.empty() && !IsOf(valuation)) {
      valuation_ = valuation;
      binding_ = valuation.rules == nullptr ? nullptr
                                            : shards_.bindings.For(valuation.rules, &shards_.names);
    }
    Evaluation kept{place, at_us, std::nullopt};
    if (is_purchase) {
      kept.purchase = PurchaseOf(event, &shards_.names);
    } else {
      Fold(event, &shards_.names, &states_[place]);
    }
    if (!HasStages() && !kept.purchase.has_value()) return;
    evaluations_.push_back(kept);
    unevaluated_[place] = 1;
  }

  // After it all events are folded and have moved the stages that they move.
  void EvaluateEvents() {
    if (evaluations_.empty()) return;
    for (const Evaluation& one : evaluations_) {
      if (unborrowed_[one.place]) Borrow(one.place);
    }
    subjects_.clear();
    for (const Evaluation& one : evaluations_) {
      State* state = &states_[one.place];
      if (one.purchase.has_value()) FoldPurchase(*one.purchase, state);
      subjects_.push_back({state, one.at_us});
      unevaluated_[one.place] = 0;
    }
    if (HasStages()) {
      const FeatureContext context{*binding_, binding_->for_stages, valuation_, shards_.names, 0};
      EvaluateStages(
          subjects_, context, [&](size_t i) { return &states_[evaluations_[i].place]; },
          &shards_.stage_scratch);
    }
    evaluations_.clear();
  }
  // The same where an event of this customer waits for it.
  void Settle(uint32_t number) {
    const uint32_t place = places_.Find(number);
    if (place != PlaceTable::kNone && unevaluated_[place]) EvaluateEvents();
  }

  void CountDaysBy(const DayCalendar& days) {
    if (days_ == &days) return;
    EvaluateEvents();
    days_ = &days;
    for (uint32_t number = 1; number <= size(); ++number) {
      Write(number)->purchases.CountDaysBy(days);
    }
  }

  void BeginTick(int64_t at_us, bool everybody) {
    EvaluateEvents();
    begun_us_ = at_us;
    if (everybody) {
      waiting_.emplace(size());
      std::iota(waiting_->begin(), waiting_->end(), 1u);
    } else {
      waiting_ = shards_.schedule.Due(at_us, numbers_);
    }
    reached_ = 0;
  }

  // Who waits, and a word that they have been evaluated and are due at `due` next.
  absl::Span<const uint32_t> Waiting() const {
    const absl::Span<const uint32_t> all =
        waiting_.has_value() ? absl::MakeConstSpan(*waiting_) : shards_.schedule.waiting();
    return all.subspan(reached_);
  }
  void Reach(size_t count) { reached_ += count; }
  void SetDue(uint32_t number, Schedule::Seconds due) { due_.push_back({number, due}); }

  void Publish() {
    EvaluateEvents();
    std::vector<Shards::Staged> staged;
    staged.reserve(states_.size());
    std::vector<const char*> records;
    for (size_t i = 0; i < states_.size(); ++i) {
      const uint32_t number = numbers_[i];
      if (number > published_) {
        states_[i].id = shards_.ids.Store(IdOf(number), number);
        records.push_back(states_[i].id);
      }
      staged.push_back({number, &states_[i]});
    }
    shards_.SetDays(*days_);
    shards_.Publish(staged);
    published_ = size();
    shards_.Grow(published_);
    PublishSchedule();
    // Last: who is found is there.
    for (const char* record : records) shards_.ids.Show(record);
    states_.clear();
    unevaluated_.clear();
    unborrowed_.clear();
    numbers_.clear();
    places_.Clear();
    added_.clear();
    new_ids_.clear();
    due_.clear();
    waiting_.reset();
    begun_us_.reset();
    reached_ = 0;
  }

 private:
  struct Evaluation {
    size_t place;
    int64_t at_us;
    std::optional<PurchaseHistory::Item> purchase;  // to be folded before
  };
  bool HasStages() const { return binding_ != nullptr && binding_->has_stages; }
  bool IsOf(const Valuation& valuation) const {
    return valuation_.rules == valuation.rules && valuation_.model == valuation.model &&
           valuation_.populations == valuation.populations;
  }

  struct Due {
    uint32_t number;
    Schedule::Seconds at;
  };

  void PublishSchedule() {
    Schedule& schedule = shards_.schedule;
    schedule.Grow(published_);
    if (begun_us_.has_value()) {
      schedule.Advance(*begun_us_);
      schedule.SetWaiting(*std::move(waiting_));
    }
    schedule.Reach(reached_);
    for (const Due& due : due_) schedule.Set(due.number, due.at);
    for (const uint32_t number : numbers_) schedule.Touch(number);
  }

  State* Stage(uint32_t number) {
    places_.Add(number, static_cast<uint32_t>(states_.size()));
    numbers_.push_back(number);
    unevaluated_.push_back(0);
    unborrowed_.push_back(0);
    return states_.Add();
  }

  Shards& shards_;
  uint32_t published_;
  const DayCalendar* days_;
  StateBlocks states_;                   // borrow what is published
  std::vector<uint8_t> unevaluated_;     // by place: among evaluations_
  std::vector<uint8_t> unborrowed_;      // by place: still empty, with a purchase among them
  std::vector<Evaluation> evaluations_;  // of events; no place twice
  std::vector<Subject> subjects_;
  Valuation valuation_;                     // of evaluations_
  std::shared_ptr<const Binding> binding_;  // likewise; null without rules
  std::vector<uint32_t> numbers_;
  PlaceTable places_;                // in states_
  std::deque<std::string> new_ids_;  // numbers published_ + 1 …
  absl::flat_hash_map<absl::string_view, uint32_t> added_;
  std::optional<int64_t> begun_us_;  // a tick that this change has begun, and who waits since then
  std::optional<std::vector<uint32_t>> waiting_;
  size_t reached_ = 0;  // of those who wait
  std::vector<Due> due_;
};

Change::Change(Population* population)
    : staged_(std::make_unique<Staged>(population->shards_.get())) {}
Change::~Change() = default;

uint32_t Change::Find(absl::string_view id) const { return staged_->Find(id); }

uint32_t Change::FindOrAdd(absl::string_view id) {
  const uint32_t number = staged_->Find(id);
  return number != 0 ? number : staged_->Add(id);
}

Customer Change::Get(uint32_t customer) const {
  staged_->Settle(customer);
  return Unpack(staged_->Read(customer), staged_->IdOf(customer), staged_->shards().names);
}

Profile Change::ProfileOf(uint32_t customer) const {
  staged_->Settle(customer);
  return UnpackProfile(staged_->Read(customer), customer, staged_->IdOf(customer),
                       staged_->shards().names);
}

size_t Change::CountAttributesWith(uint32_t customer, const journal::EventRecord& event) const {
  const State& state = staged_->Read(customer);
  if (state.extras == nullptr) return event.attributes.size();
  const Names& names = staged_->shards().names;
  const std::vector<PackedAttribute>& known = state.extras->attributes;
  const auto in_order = [&names](const PackedAttribute& attribute, absl::string_view name) {
    return names.Get(attribute.name) < name;
  };
  const auto is_new = [&](const auto& added) {
    const auto at = std::lower_bound(known.begin(), known.end(), added.first, in_order);
    return at == known.end() || names.Get(at->name) != added.first;
  };
  return known.size() + static_cast<size_t>(std::count_if(event.attributes.begin(),
                                                          event.attributes.end(), is_new));
}

uint64_t Change::LastSeq(uint32_t customer) const { return staged_->Read(customer).last_seq; }

void Change::SetLastSeq(uint32_t customer, uint64_t seq) {
  staged_->Write(customer)->last_seq = seq;
}

void Change::Apply(uint32_t customer, const journal::EventRecord& event, int64_t at_us,
                   const Valuation& valuation) {
  staged_->Apply(customer, event, at_us, valuation);
}

void Change::AddContact(uint32_t customer, const Contact& contact) {
  staged_->Settle(customer);
  FoldContact(contact, &staged_->shards().names, staged_->Write(customer));
}

void Change::SettleContact(uint32_t customer, uint64_t decision, bool confirmed,
                           absl::string_view campaign) {
  staged_->Settle(customer);
  FoldSettlement(decision, campaign, confirmed, staged_->shards().names, staged_->Write(customer));
}

void Change::SetTier(uint32_t customer, Tier tier) {
  staged_->Settle(customer);
  if (tier == Tier::kNone || staged_->Read(customer).tier == tier) return;
  staged_->Write(customer)->tier = tier;
}

void Change::CountDaysBy(const DayCalendar& days) { staged_->CountDaysBy(days); }

void Change::BeginTick(int64_t at_us, bool everybody) { staged_->BeginTick(at_us, everybody); }

size_t Change::waiting() const { return staged_->Waiting().size(); }

void Change::Tick(int64_t at_us, const Valuation& valuation, size_t at_most) {
  staged_->EvaluateEvents();
  const size_t count = std::min(at_most, waiting());
  Shards& shards = staged_->shards();
  const std::shared_ptr<const Binding> binding =
      shards.bindings.For(valuation.rules, &shards.names);
  if (!binding->has_stages) {
    // Rules that have some make everybody due.
    for (const uint32_t number : staged_->Waiting().first(count)) {
      staged_->SetDue(number, Schedule::kNever);
    }
    return staged_->Reach(count);
  }
  const FeatureContext context{*binding, binding->for_stages, valuation, shards.names, at_us};
  std::vector<Subject> subjects;
  std::vector<Schedule::Seconds> due;
  for (size_t first = 0; first < count; first += kEvaluatedTogether) {
    const absl::Span<const uint32_t> numbers =
        staged_->Waiting().first(std::min(kEvaluatedTogether, count - first));
    subjects.clear();
    for (const uint32_t number : numbers) subjects.push_back({&staged_->Read(number), at_us});
    EvaluateStages(
        subjects, context, [&](size_t i) { return staged_->Write(numbers[i]); },
        &shards.stage_scratch, &due);
    for (size_t i = 0; i < numbers.size(); ++i) staged_->SetDue(numbers[i], due[i]);
    staged_->Reach(numbers.size());
  }
}

void Change::Tick(int64_t at_us, const Valuation& valuation) {
  BeginTick(at_us, /*everybody=*/true);
  Tick(at_us, valuation, waiting());
}

void Change::Publish() { staged_->Publish(); }

}  // namespace tenure::customers
