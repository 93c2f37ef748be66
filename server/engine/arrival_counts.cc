#include "server/engine/arrival_counts.h"

#include <algorithm>

#include "server/base/time.h"

namespace tenure::engine {
namespace {

constexpr uint64_t kMostStages = 10'000;

}  // namespace

void ArrivalCounts::Count(absl::string_view stage, int64_t at_us) {
  size_t s = 0;
  while (s < stages_.size() && stages_[s].id != stage) ++s;
  if (s == stages_.size()) stages_.push_back({std::string(stage), Ring()});
  if (first_us_ == 0) first_us_ = at_us;
  const int32_t day = DayOf(at_us);
  const auto at = static_cast<size_t>(day % kArrivalDays);
  Cell& cell = stages_[s].ring[at];
  undo_.push_back({s, at, cell});
  if (cell.day != day) cell = {day, 0};
  ++cell.decisions;
}

void ArrivalCounts::Rollback() {
  for (; !undo_.empty(); undo_.pop_back()) {
    const Undo& last = undo_.back();
    stages_[last.stage].ring[last.cell] = last.before;
  }
  // A stage, or a beginning, of the batch that failed.
  while (!stages_.empty() && std::all_of(stages_.back().ring.begin(), stages_.back().ring.end(),
                                         [](const Cell& cell) { return cell.day < 0; })) {
    stages_.pop_back();
  }
  if (stages_.empty()) first_us_ = 0;
}

double ArrivalCounts::Days(int64_t now_us) const {
  if (first_us_ == 0) return 0;
  const int64_t since_us = std::max(first_us_, (DayOf(now_us) - kArrivalDays + 1) * kMicrosPerDay);
  return static_cast<double>(std::max<int64_t>(0, now_us - since_us)) /
         static_cast<double>(kMicrosPerDay);
}

std::map<std::string, int64_t> ArrivalCounts::ByStage(int64_t now_us) const {
  std::map<std::string, int64_t> counts;
  for (const Stage& stage : stages_) {
    int64_t decisions = 0;
    for (const Cell& cell : stage.ring) {
      if (cell.day > DayOf(now_us) - kArrivalDays) decisions += cell.decisions;
    }
    if (decisions > 0) counts[stage.id] = decisions;
  }
  return counts;
}

void ArrivalCounts::Save(Writer* out) const {
  out->I64(first_us_);
  out->U64(stages_.size());
  for (const Stage& stage : stages_) {
    out->Text(stage.id);
    for (const Cell& cell : stage.ring) {
      out->I64(cell.day);
      out->U64(cell.decisions);
    }
  }
}

absl::Status ArrivalCounts::Restore(Reader* in) {
  first_us_ = in->I64();
  const uint64_t count = in->U64();
  if (count > kMostStages) return absl::DataLossError("a snapshot with too many stages");
  for (uint64_t left = count; left > 0 && in->ok(); --left) {
    Stage stage;
    stage.id = std::string(in->Text());
    for (Cell& cell : stage.ring) {
      cell.day = static_cast<int32_t>(in->I64());
      cell.decisions = static_cast<uint32_t>(in->U64());
    }
    stages_.push_back(std::move(stage));
  }
  return in->ok() ? absl::OkStatus() : absl::DataLossError("a snapshot that ends too soon");
}

}  // namespace tenure::engine
