// The columnar back end: a tree of steps, each of which computes up to 1,024 rows at once into a
// lane of scratch memory.
#ifndef TENURE_SERVER_EXPRESSION_STEP_H_
#define TENURE_SERVER_EXPRESSION_STEP_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/expression/operation.h"
#include "server/expression/program.h"

namespace tenure::expression {

inline constexpr size_t kChunkRows = 1'024;

// Of a value that isn't a condition: there, absent, or failed. The numbers are those of Truth, so
// that what isn't there passes from one to the other unchanged.
inline constexpr uint8_t kPresent = static_cast<uint8_t>(Truth::kTrue);
inline constexpr uint8_t kAbsent = static_cast<uint8_t>(Truth::kMissing);
inline constexpr uint8_t kFailed = static_cast<uint8_t>(Truth::kError);

// A column of intermediate results. Conditions have only states, each a Truth; other types have
// values, of which those that aren't kPresent are unspecified but initialised.
struct Lane {
  alignas(64) std::array<unsigned char, 16 * kChunkRows> bytes;
  alignas(64) std::array<uint8_t, kChunkRows> states;

  double* doubles() { return reinterpret_cast<double*>(bytes.data()); }
  int64_t* ints() { return reinterpret_cast<int64_t*>(bytes.data()); }  // also micros
  absl::string_view* texts() { return reinterpret_cast<absl::string_view*>(bytes.data()); }
};

// The rows under evaluation.
struct Chunk {
  const Batch* batch;
  const ColumnView* columns;  // by the plan's column number
  const uint32_t* rows;
  size_t count;     // at most kChunkRows
  bool contiguous;  // rows[i] == rows[0] + i
  std::unique_ptr<Lane>* lanes;
};

// Immutable; thread-safe for chunks with lanes of their own.
class Step {
 public:
  explicit Step(StaticType type) : type_(type) {}
  virtual ~Step() = default;
  StaticType type() const { return type_; }
  // Fills lane `out` of the chunk; lanes above it are free for use.
  virtual void Run(const Chunk& chunk, size_t out) const = 0;
  // Lanes that Run needs from `out` on.
  virtual size_t lanes() const = 0;

 private:
  const StaticType type_;
};

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_STEP_H_
