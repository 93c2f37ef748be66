#include "server/clv/row_groups.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tenure::clv {
namespace {

constexpr size_t kTrial = 1 << 14;  // rows that tell whether many are alike
constexpr size_t kFirstSlots = size_t{1} << 15;

bool Alike(const PurchaseRow& l, const PurchaseRow& r) {
  return l.frequency == r.frequency && l.recency == r.recency && l.age == r.age;
}

// By frequency, recency, age, then weight: sums of different weights have one order.
bool Before(const PurchaseRow& l, const PurchaseRow& r) {
  if (l.frequency != r.frequency) return l.frequency < r.frequency;
  if (l.recency != r.recency) return l.recency < r.recency;
  if (l.age != r.age) return l.age < r.age;
  return l.weight < r.weight;
}

void Merge(const PurchaseRow& row, PurchaseRow* group) {
  const double weight = group->weight + row.weight;
  group->log_intervals =
      (group->weight * group->log_intervals + row.weight * row.log_intervals) / weight;
  group->weight = weight;
}

uint64_t HashOf(const PurchaseRow& row) {
  constexpr uint64_t kOdd = 0x9E37'79B9'7F4A'7C15u;
  // 0 and −0 are alike, so that they need the same bits.
  uint64_t hash = std::bit_cast<uint64_t>(row.frequency + 0.0);
  hash = (std::rotl(hash * kOdd, 29) ^ std::bit_cast<uint64_t>(row.recency + 0.0)) * kOdd;
  hash = (std::rotl(hash, 29) ^ std::bit_cast<uint64_t>(row.age + 0.0)) * kOdd;
  return hash ^ (hash >> 32);
}

// Merges alike rows of weight 1 in a hash table, in the order of the first of each: whole weights
// add up exactly in any order. Gives up, and leaves rows unmerged, where few are alike.
void MergeUnsorted(std::vector<PurchaseRow>* rows) {
  std::vector<uint32_t> slots(kFirstSlots, 0);  // index + 1 of a kept row; 0: free
  const auto slot_of = [&](const PurchaseRow& row) {
    const size_t mask = slots.size() - 1;
    size_t at = HashOf(row) & mask;
    while (slots[at] != 0 && !Alike((*rows)[slots[at] - 1], row)) at = (at + 1) & mask;
    return at;
  };
  size_t kept = 0;
  size_t i = 0;
  for (; i < rows->size(); ++i) {
    if (i == kTrial && kept > kTrial - kTrial / 8) break;
    const size_t at = slot_of((*rows)[i]);
    if (slots[at] != 0) {
      Merge((*rows)[i], &(*rows)[slots[at] - 1]);
      continue;
    }
    (*rows)[kept++] = (*rows)[i];
    slots[at] = static_cast<uint32_t>(kept);
    if (kept <= slots.size() / 2) continue;
    slots.assign(slots.size() * 2, 0);
    for (size_t k = 0; k < kept; ++k) {
      slots[slot_of((*rows)[k])] = static_cast<uint32_t>(k + 1);
    }
  }
  rows->erase(rows->begin() + static_cast<std::ptrdiff_t>(kept),
              rows->begin() + static_cast<std::ptrdiff_t>(i));
}

}  // namespace

std::vector<PurchaseRow> GroupRows(std::vector<PurchaseRow> rows) {
  const bool ones =
      std::all_of(rows.begin(), rows.end(), [](const PurchaseRow& row) { return row.weight == 1; });
  if (ones && rows.size() > kTrial && rows.size() < UINT32_MAX) MergeUnsorted(&rows);
  // As a lambda it is inlined.
  std::sort(rows.begin(), rows.end(),
            [](const PurchaseRow& l, const PurchaseRow& r) { return Before(l, r); });
  size_t kept = 0;
  for (const PurchaseRow& row : rows) {
    if (kept > 0 && Alike(rows[kept - 1], row)) {
      Merge(row, &rows[kept - 1]);
    } else {
      rows[kept++] = row;
    }
  }
  rows.resize(kept);
  return rows;
}

}  // namespace tenure::clv
