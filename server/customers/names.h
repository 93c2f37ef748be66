// Names that many customers share (categories, channels, campaigns, stages, attributes), each kept
// once and known by a code.
#ifndef TENURE_SERVER_CUSTOMERS_NAMES_H_
#define TENURE_SERVER_CUSTOMERS_NAMES_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/base/mutex.h"

namespace tenure::customers {

// Thread-safe. Names are never removed: a view of one lives as long as this.
class Names {
 public:
  static constexpr int32_t kNone = -1;  // the empty name

  Names() = default;
  ~Names();
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  // The code of `name`, added when new; kNone for the empty name.
  int32_t Intern(absl::string_view name) TENURE_EXCLUDES(mutex_);
  // Waits for nobody. `code` has come from Intern, on this thread or handed over by a lock.
  absl::string_view Get(int32_t code) const;

 private:
  // Block b holds 1,024 · 2^b names and never moves, so that readers need no lock.
  static constexpr uint32_t kFirst = 1024;
  std::array<std::atomic<absl::string_view*>, 22> blocks_{};
  Mutex mutex_;
  std::deque<std::string> text_ TENURE_GUARDED_BY(mutex_);
  absl::flat_hash_map<absl::string_view, int32_t> codes_ TENURE_GUARDED_BY(mutex_);
};

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_NAMES_H_
