#include "server/customers/population.h"

#include "absl/strings/str_cat.h"
#include "server/customers/feature_row.h"
#include "server/customers/shards.h"

namespace tenure::customers {
namespace {

// Scratch of this many rows is kept by a thread from one call to the next.
constexpr size_t kRowsKept = 4'096;

}  // namespace

Population::Population() : shards_(std::make_unique<Shards>()) {}
Population::~Population() = default;

uint32_t Population::Find(absl::string_view id) const { return shards_->ids.Find(id); }

uint32_t Population::size() const { return shards_->size(); }

const DayCalendar& Population::days() const { return shards_->days(); }

absl::StatusOr<Customer> Population::Get(uint32_t customer) const {
  if (customer == 0 || customer > size()) {
    return absl::NotFoundError(absl::StrCat("no customer has the number ", customer));
  }
  Customer result;
  shards_->ReadState(customer, [&](const State& state) {
    result = Unpack(state, IdIndex::IdOf(state.id), shards_->names);
  });
  return result;
}

void Population::Gather(absl::Span<const uint32_t> customers, int64_t at_us,
                        const Valuation& valuation, Batch* features,
                        std::vector<Profile>* profiles) const {
  const std::shared_ptr<const Binding> binding =
      shards_->bindings.For(valuation.rules, &shards_->names);
  thread_local FeatureScratch kept;
  FeatureScratch large;
  FeatureScratch& scratch = customers.size() <= kRowsKept ? kept : large;
  const FeatureContext context{*binding, binding->all, valuation, shards_->names, at_us};
  if (features != nullptr) {
    *features = Batch(binding->schema, customers.size());
    scratch.Resize(customers.size());
  }
  if (profiles != nullptr) profiles->resize(customers.size());
  for (size_t r = 0; r < customers.size(); ++r) {
    shards_->ReadState(customers[r], [&](const State& state) {
      if (features != nullptr) {
        FillFacts(state, context, features, r, &scratch);
      }
      if (profiles != nullptr) {
        (*profiles)[r] =
            UnpackProfile(state, customers[r], IdIndex::IdOf(state.id), shards_->names);
      }
    });
  }
  if (features != nullptr) FillDerived(context, &scratch, features);
}

}  // namespace tenure::customers
