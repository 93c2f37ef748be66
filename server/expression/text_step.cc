#include <cstring>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "re2/re2.h"
#include "server/expression/pattern.h"
#include "server/expression/steps.h"

namespace tenure::expression {
namespace {

// A question about each string of a column. Where the chunk has more rows than the column has
// distinct strings, each distinct string is asked once.
template <typename Ask>
class TextStep final : public Step {
 public:
  TextStep(size_t column, Ask ask)
      : Step(StaticType::kBool), column_(column), ask_(std::move(ask)) {}
  size_t lanes() const override { return 2; }

  void Run(const Chunk& chunk, size_t out) const override {
    const ColumnView& column = chunk.columns[column_];
    uint8_t* states = chunk.lanes[out]->states.data();
    if (column.dictionary == nullptr) {
      std::memset(states, kAbsent, chunk.count);
      return;
    }
    const auto& entries = column.dictionary->entries();
    const int32_t* codes = static_cast<const int32_t*>(column.values);
    if (entries.size() <= chunk.count) {
      uint8_t* answers = chunk.lanes[out + 1]->states.data();
      for (size_t e = 0; e < entries.size(); ++e) answers[e] = ask_(entries[e]) ? 1 : 0;
      if (chunk.contiguous) {
        const int32_t* from = codes + chunk.rows[0];
        for (size_t i = 0; i < chunk.count; ++i) states[i] = answers[static_cast<size_t>(from[i])];
      } else {
        for (size_t i = 0; i < chunk.count; ++i) {
          states[i] = answers[static_cast<size_t>(codes[chunk.rows[i]])];
        }
      }
      MarkAbsent(chunk, column, states);
      return;
    }
    for (size_t i = 0; i < chunk.count; ++i) {
      const uint32_t row = chunk.rows[i];
      states[i] = !column.IsValid(row) ? kAbsent : ask_(column.String(row)) ? 1 : 0;
    }
  }

 private:
  const size_t column_;
  const Ask ask_;
};

template <typename Ask>
StepPtr Asking(size_t column, Ask ask) {
  return std::make_unique<TextStep<Ask>>(column, std::move(ask));
}

}  // namespace

StepPtr MakeTextStep(Operation operation, size_t column, const std::string& constant,
                     const Bounds& bounds) {
  switch (operation) {
    case Operation::kEqual:
      return Asking(column, [constant](absl::string_view s) { return s == constant; });
    case Operation::kNotEqual:
      return Asking(column, [constant](absl::string_view s) { return s != constant; });
    case Operation::kContains:
      return Asking(column,
                    [constant](absl::string_view s) { return absl::StrContains(s, constant); });
    case Operation::kStartsWith:
      return Asking(column,
                    [constant](absl::string_view s) { return absl::StartsWith(s, constant); });
    case Operation::kEndsWith:
      return Asking(column,
                    [constant](absl::string_view s) { return absl::EndsWith(s, constant); });
    case Operation::kMatches: {
      std::string why;
      std::shared_ptr<const RE2> pattern = CompilePattern(constant, bounds, &why);
      if (pattern == nullptr) return nullptr;
      return Asking(column, [pattern](absl::string_view s) {
        return RE2::PartialMatch(re2::StringPiece(s.data(), s.size()), *pattern);
      });
    }
    default:
      return nullptr;
  }
}

StepPtr MakeTextInStep(size_t column, const List& items) {
  absl::flat_hash_set<std::string> texts;
  for (const Value& item : items) {
    if (item.kind() == Kind::kString) texts.insert(item.AsString());
  }
  return Asking(column, [texts](absl::string_view s) { return texts.contains(s); });
}

}  // namespace tenure::expression
