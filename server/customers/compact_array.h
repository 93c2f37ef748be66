// A growable array of plain values in 16 bytes, which grows by a quarter: memory counts here, since
// a million customers have one of each.
#ifndef TENURE_SERVER_CUSTOMERS_COMPACT_ARRAY_H_
#define TENURE_SERVER_CUSTOMERS_COMPACT_ARRAY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace tenure::customers {

// Copies are exactly as large as they need to be. Not thread-safe while written.
template <typename T>
class CompactArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  CompactArray() = default;
  CompactArray(const CompactArray& other)
      : data_(other.size_ == 0 ? nullptr : new T[other.size_]),
        size_(other.size_),
        capacity_(other.size_) {
    std::copy(other.begin(), other.end(), data_.get());
  }
  // A copy with room for `more`.
  CompactArray(const CompactArray& other, size_t more)
      : data_(new T[other.size_ + more]),
        size_(other.size_),
        capacity_(static_cast<uint32_t>(other.size_ + more)) {
    std::copy(other.begin(), other.end(), data_.get());
  }
  CompactArray(CompactArray&& other) noexcept
      : data_(std::move(other.data_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  CompactArray& operator=(CompactArray other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* begin() { return data_.get(); }
  T* end() { return data_.get() + size_; }
  const T* begin() const { return data_.get(); }
  const T* end() const { return data_.get() + size_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }

  void reserve(size_t wanted) {
    if (wanted > capacity_) Widen(static_cast<uint32_t>(wanted));
  }
  void insert(size_t at, const T& value) {
    const T kept = value;
    if (size_ == capacity_) Widen(size_ + std::max<uint32_t>(1, size_ / 4));
    std::copy_backward(begin() + at, end(), end() + 1);
    data_[at] = kept;
    ++size_;
  }
  void push_back(const T& value) { insert(size_, value); }
  void erase(size_t from, size_t to) {
    std::copy(begin() + to, end(), begin() + from);
    size_ -= static_cast<uint32_t>(to - from);
  }
  template <typename Predicate>
  void erase_if(Predicate predicate) {
    size_ = static_cast<uint32_t>(std::remove_if(begin(), end(), predicate) - begin());
  }

 private:
  void Widen(uint32_t capacity) {
    std::unique_ptr<T[]> data(new T[capacity]);
    std::copy(begin(), end(), data.get());
    data_ = std::move(data);
    capacity_ = capacity;
  }

  std::unique_ptr<T[]> data_;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;
};

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_COMPACT_ARRAY_H_
