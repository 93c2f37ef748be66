// How many decisions were asked for of late, by the customers' stage: a part of the fold.
#ifndef TENURE_SERVER_ENGINE_ARRIVAL_COUNTS_H_
#define TENURE_SERVER_ENGINE_ARRIVAL_COUNTS_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/engine/bytes.h"

namespace tenure::engine {

inline constexpr int32_t kArrivalDays = 28;

// Counts whole UTC days back from the last decision. Not thread-safe: the fold's. What Count did
// since Checkpoint can be taken back by Rollback.
class ArrivalCounts {
 public:
  void Checkpoint() { undo_.clear(); }
  void Rollback();
  // A decision for a customer in that stage; empty: in none. Time never goes back.
  void Count(absl::string_view stage, int64_t at_us);

  // Since when it counts: the first decision, or so many days before `now_us`. 0 before the first.
  double Days(int64_t now_us) const;
  // In that time, by stage; those without are not in it.
  std::map<std::string, int64_t> ByStage(int64_t now_us) const;

  void Save(Writer* out) const;
  absl::Status Restore(Reader* in);

 private:
  struct Cell {
    int32_t day = -1;
    uint32_t decisions = 0;
  };
  using Ring = std::array<Cell, kArrivalDays>;  // by day modulo its length

  struct Stage {
    std::string id;
    Ring ring;
  };
  struct Undo {
    size_t stage;
    size_t cell;
    Cell before;
  };

  std::vector<Stage> stages_;  // few; in the order of their first decisions
  int64_t first_us_ = 0;       // of the first decision ever; 0: none yet
  std::vector<Undo> undo_;
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_ARRIVAL_COUNTS_H_
