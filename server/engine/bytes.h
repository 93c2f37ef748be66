// Little-endian integers and texts one after the other: the form of the snapshot.
#ifndef TENURE_SERVER_ENGINE_BYTES_H_
#define TENURE_SERVER_ENGINE_BYTES_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace tenure::engine {

class Writer {
 public:
  void U64(uint64_t value) {
    char bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
    out_.append(bytes, 8);
  }
  void I64(int64_t value) { U64(static_cast<uint64_t>(value)); }
  void Text(absl::string_view text) {
    U64(text.size());
    out_.append(text.data(), text.size());
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

// Reading past the end gives zeros and clears ok().
class Reader {
 public:
  explicit Reader(absl::string_view bytes) : left_(bytes) {}

  uint64_t U64() {
    const absl::string_view bytes = Bytes(8);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
      value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return value;
  }
  int64_t I64() { return static_cast<int64_t>(U64()); }
  // Valid as long as what is read from.
  absl::string_view Text() { return Bytes(U64()); }

  bool ok() const { return ok_; }
  uint64_t left() const { return left_.size(); }

 private:
  absl::string_view Bytes(uint64_t count) {
    if (count > left_.size()) {
      ok_ = false;
      left_ = {};
      return {};
    }
    const absl::string_view bytes = left_.substr(0, count);
    left_.remove_prefix(count);
    return bytes;
  }

  absl::string_view left_;
  bool ok_ = true;
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_BYTES_H_
