// Population::Save and Restore. Layout: magic with the version, where the names begin and how many
// customers there are (8 bytes each, little-endian), the zone of the days, the states by number,
// the schedule, the names, and the stable hash of all before it.
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/hash.h"
#include "server/customers/population.h"
#include "server/customers/shards.h"
#include "server/customers/state_codec.h"

namespace tenure::customers {
namespace {

constexpr absl::string_view kMagic = "tenpop04";
constexpr size_t kWord = 8;
constexpr size_t kHeader = 3 * kWord;

void WriteWord(uint64_t value, char* to) {
  for (size_t i = 0; i < kWord; ++i) to[i] = static_cast<char>(value >> (8 * i));
}

uint64_t ReadWord(const char* from) {
  uint64_t value = 0;
  for (size_t i = 0; i < kWord; ++i) {
    value |= uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
  }
  return value;
}

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("the population's snapshot ", what,
                                          ": delete it, and the state is folded from the journal"));
}

}  // namespace

std::string Population::Save() const {
  std::string out(kMagic);
  out.resize(kHeader);
  StateEncoder encoder(shards_->names, &out);
  encoder.Bytes(days().zone());
  for (uint32_t number = 1; number <= size(); ++number) {
    const State& state = shards_->Published(number);
    encoder.Put(state, IdIndex::IdOf(state.id));
  }
  encoder.Put(shards_->schedule, size());
  WriteWord(out.size(), &out[kWord]);
  WriteWord(size(), &out[2 * kWord]);
  encoder.PutNames();
  const uint64_t hash = StableHash(out);
  out.resize(out.size() + kWord);
  WriteWord(hash, &out[out.size() - kWord]);
  return out;
}

absl::Status Population::Restore(absl::string_view bytes) {
  TENURE_CHECK(size() == 0);
  if (bytes.size() < kHeader + kWord) return Damaged("is too short");
  if (bytes.substr(0, kWord) != kMagic) return Damaged("is not of this version");
  const absl::string_view content = bytes.substr(0, bytes.size() - kWord);
  if (StableHash(content) != ReadWord(bytes.data() + content.size())) {
    return Damaged("does not match its checksum");
  }
  const uint64_t names_at = ReadWord(bytes.data() + kWord);
  const uint64_t count = ReadWord(bytes.data() + 2 * kWord);
  if (names_at < kHeader || names_at > content.size() || count > content.size()) {
    return Damaged("has a wrong header");
  }
  StateDecoder decoder(content.substr(kHeader, names_at - kHeader));
  decoder.TakeNames(content.substr(names_at), &shards_->names);
  const absl::StatusOr<const DayCalendar*> days = DayCalendar::Of(decoder.Bytes());
  if (!days.ok()) return Damaged(absl::StrCat("names its days' ", days.status().message()));
  std::vector<State> states(count);
  for (State& state : states) state.purchases.CountDaysBy(**days);
  std::vector<absl::string_view> ids(count);
  for (size_t i = 0; i < count && decoder.ok(); ++i) ids[i] = decoder.Take(&states[i]);
  if (decoder.ok()) decoder.Take(count, &shards_->schedule);
  if (!decoder.ok() || !decoder.AtEnd()) {
    shards_->schedule = Schedule();
    return Damaged("does not decode");
  }
  std::vector<Shards::Staged> staged;
  staged.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    states[i].id = shards_->ids.Store(ids[i], i + 1);
    staged.push_back({i + 1, &states[i]});
  }
  shards_->SetDays(**days);
  shards_->Publish(staged);
  shards_->Grow(static_cast<uint32_t>(count));
  for (uint32_t number = 1; number <= count; ++number) {
    shards_->ids.Show(shards_->Published(number).id);
  }
  return absl::OkStatus();
}

}  // namespace tenure::customers
