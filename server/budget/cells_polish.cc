#include "server/budget/cells_polish.h"

#include <algorithm>

#include "server/base/money.h"
#include "server/budget/cells_room.h"
#include "server/budget/response_curve.h"

namespace tenure::budget {
namespace {

constexpr int kPasses = 16;
constexpr int64_t kSteps = 48;   // of a line, before the best of them is narrowed
constexpr double kGain = 1e-13;  // of the pair's value: less is rounding

// Two cells, one of which gets what the other gives.
class Pair {
 public:
  Pair(const Cell& to, const Cell& from, int64_t to_micros, int64_t from_micros)
      : to_(to), from_(from), to_micros_(to_micros), from_micros_(from_micros) {}

  double Value(int64_t moved) const {
    return CurveValue(to_.curve, UnitsFromMicros(to_micros_ + moved)) +
           CurveValue(from_.curve, UnitsFromMicros(from_micros_ - moved));
  }

  // What to move, within [low, high] around 0, for the largest value.
  int64_t Best(int64_t low, int64_t high) const {
    const int64_t step = std::max<int64_t>(1, (high - low) / kSteps);
    int64_t best = 0;
    double best_value = Value(0);
    const auto consider = [&](int64_t moved) {
      const double value = Value(moved);
      if (value <= best_value) return;
      best = moved;
      best_value = value;
    };
    const double before = best_value;
    for (int64_t k = 0; k < kSteps && low + k * step < high; ++k) consider(low + k * step);
    consider(high);
    int64_t left = std::max(low, best - step);
    int64_t right = std::min(high, best + step);
    while (right - left > 2) {
      const int64_t third = (right - left) / 3;
      (Value(left + third) < Value(right - third) ? left : right) =
          Value(left + third) < Value(right - third) ? left + third : right - third;
    }
    for (int64_t moved = left; moved <= right; ++moved) consider(moved);
    return best_value - before > kGain * before ? best : 0;
  }

 private:
  const Cell& to_;
  const Cell& from_;
  int64_t to_micros_;
  int64_t from_micros_;
};

// What `to` could get if `from` gave so much.
int64_t MoreWithout(size_t to, size_t from, int64_t micros, CellsRoom* room) {
  room->Add(from, -micros);
  const int64_t more = room->More(to);
  room->Add(from, micros);
  return more;
}

}  // namespace

void PolishCells(const CellsInput& input, std::vector<int64_t>* amounts) {
  CellsRoom room(input, *amounts);
  bool moved_any = true;
  for (int pass = 0; pass < kPasses && moved_any; ++pass) {
    moved_any = false;
    for (size_t i = 0; i < amounts->size(); ++i) {
      for (size_t j = i + 1; j < amounts->size(); ++j) {
        const Cell& to = input.cells[i];
        const Cell& from = input.cells[j];
        if (!IsSShaped(to.curve) && !IsSShaped(from.curve)) continue;
        int64_t& to_micros = (*amounts)[i];
        int64_t& from_micros = (*amounts)[j];
        const int64_t give = from_micros - from.min_micros;
        const int64_t back = to_micros - to.min_micros;
        const int64_t high =
            std::min({to.max_micros - to_micros, give, MoreWithout(i, j, give, &room)});
        const int64_t low =
            -std::min({from.max_micros - from_micros, back, MoreWithout(j, i, back, &room)});
        if (low >= high) continue;
        const int64_t moved = Pair(to, from, to_micros, from_micros).Best(low, high);
        if (moved == 0) continue;
        room.Add(i, moved);
        room.Add(j, -moved);
        // A floor above one of them may keep what the other gave.
        if (room.Least() < 0) {
          room.Add(i, -moved);
          room.Add(j, moved);
          continue;
        }
        moved_any = true;
        to_micros += moved;
        from_micros -= moved;
      }
    }
  }
}

}  // namespace tenure::budget
