// A growable array of plain values in 16 bytes, which grows by a quarter: memory counts here, since
// a million customers have one of each. It may borrow another's values instead of copying them.
#ifndef TENURE_SERVER_CUSTOMERS_COMPACT_ARRAY_H_
#define TENURE_SERVER_CUSTOMERS_COMPACT_ARRAY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace tenure::customers {

// A borrower shares the lender's memory until it changes anything in it. What it appends it writes
// into room that the lender has but knows nothing in: whoever reads the lender meanwhile, on any
// thread, reads only what was there before, and a borrower that is dropped leaves nothing behind.
// Hence at most one borrower at a time, and the lender must outlive it and not change. Not
// thread-safe while written.
template <typename T>
class CompactArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  CompactArray() = default;
  CompactArray(const CompactArray&) = delete;
  CompactArray(CompactArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(other.capacity_),
        borrowed_(other.borrowed_) {
    other.capacity_ = 0;
    other.borrowed_ = 0;
  }
  CompactArray& operator=(CompactArray&& other) noexcept {
    CompactArray(std::move(other)).Swap(this);
    return *this;
  }
  ~CompactArray() {
    if (!borrowed_) delete[] data_;
  }

  // An empty one becomes a borrower.
  void Borrow(const CompactArray& lender) {
    data_ = lender.data_;
    size_ = lender.size_;
    capacity_ = lender.capacity_;
    borrowed_ = 1;
  }
  // Ends the borrowing: memory that is still shared is this one's from now on, and the lender is
  // empty.
  void TakeFrom(CompactArray* lender) {
    if (!borrowed_) return;
    borrowed_ = 0;
    lender->data_ = nullptr;
    lender->size_ = 0;
    lender->capacity_ = 0;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  const T& operator[](size_t i) const { return data_[i]; }
  const T& back() const { return data_[size_ - 1]; }
  // To be changed in place: copied first where it is borrowed.
  T& Mutable(size_t i) {
    if (borrowed_) Widen(size_);
    return data_[i];
  }

  void Swap(CompactArray* other) {
    std::swap(data_, other->data_);
    std::swap(size_, other->size_);
    const uint32_t capacity = capacity_;
    const uint32_t borrowed = borrowed_;
    capacity_ = other->capacity_;
    borrowed_ = other->borrowed_;
    other->capacity_ = capacity & kMost;
    other->borrowed_ = borrowed & 1;
  }

  void reserve(size_t wanted) {
    if (wanted > capacity_) Widen(static_cast<uint32_t>(wanted));
  }
  void insert(size_t at, const T& value) {
    if (at == size_) return push_back(value);
    const T kept = value;
    if (size_ == capacity_ || borrowed_) Widen(Wider());
    std::copy_backward(data_ + at, data_ + size_, data_ + size_ + 1);
    data_[at] = kept;
    ++size_;
  }
  void push_back(const T& value) {
    const T kept = value;
    if (size_ == capacity_) Widen(Wider());
    data_[size_++] = kept;
  }
  template <typename Predicate>
  void erase_if(Predicate predicate) {
    if (empty()) return;
    if (borrowed_) Widen(size_);
    size_ = static_cast<uint32_t>(std::remove_if(data_, data_ + size_, predicate) - data_);
  }

 private:
  static constexpr uint32_t kMost = (uint32_t{1} << 31) - 1;

  // Most customers have one of each; who has more gets room for another.
  uint32_t Wider() const { return size_ == 0 ? 1 : size_ + std::max<uint32_t>(2, size_ / 4); }
  void Widen(uint32_t capacity) {
    T* data = new T[capacity];
    std::copy(begin(), end(), data);
    if (!borrowed_) delete[] data_;
    data_ = data;
    capacity_ = capacity & kMost;
    borrowed_ = 0;
  }

  T* data_ = nullptr;
  uint32_t size_ = 0;
  uint32_t capacity_ : 31 = 0;
  uint32_t borrowed_ : 1 = 0;  // data_ is the lender's
};

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_COMPACT_ARRAY_H_
