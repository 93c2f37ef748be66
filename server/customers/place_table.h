// Where a change keeps each customer that it has touched.
#ifndef TENURE_SERVER_CUSTOMERS_PLACE_TABLE_H_
#define TENURE_SERVER_CUSTOMERS_PLACE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace tenure::customers {

// A hash table of numbers, emptied at once: an entry counts in the round in which it was made. Not
// thread-safe.
class PlaceTable {
 public:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  uint32_t Find(uint32_t number) const {
    for (size_t i = Slot(number);; i = (i + 1) & (entries_.size() - 1)) {
      const Entry& entry = entries_[i];
      if (entry.round != round_) return kNone;
      if (entry.number == number) return entry.place;
    }
  }
  // Of a number that is not there.
  void Add(uint32_t number, uint32_t place) {
    if (2 * ++size_ > entries_.size()) Grow();
    Put(number, place);
  }
  void Clear() {
    size_ = 0;
    if (entries_.size() > kKept || ++round_ == 0) {
      entries_ = std::vector<Entry>(kFirst);
      round_ = 1;
    }
  }

 private:
  struct Entry {
    uint32_t number = 0, place = 0, round = 0;
  };
  static constexpr size_t kFirst = 1'024;
  static constexpr size_t kKept = 65'536;

  // The upper bits of a product by the golden ratio are spread evenly.
  size_t Slot(uint32_t number) const {
    return static_cast<size_t>((number * uint64_t{0x9E3779B97F4A7C15}) >> 32) &
           (entries_.size() - 1);
  }
  void Put(uint32_t number, uint32_t place) {
    size_t i = Slot(number);
    while (entries_[i].round == round_) i = (i + 1) & (entries_.size() - 1);
    entries_[i] = {number, place, round_};
  }
  void Grow() {
    std::vector<Entry> before(2 * entries_.size());
    before.swap(entries_);
    for (const Entry& entry : before) {
      if (entry.round == round_) Put(entry.number, entry.place);
    }
  }

  std::vector<Entry> entries_ = std::vector<Entry>(kFirst);
  uint32_t round_ = 1;
  size_t size_ = 0;
};

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_PLACE_TABLE_H_
