// A real journal with something of a test's own before it.
#ifndef TENURE_TESTS_ENGINE_JOURNAL_BEHIND_H_
#define TENURE_TESTS_ENGINE_JOURNAL_BEHIND_H_

#include <functional>
#include <memory>
#include <utility>

#include "server/journal/journal.h"

namespace tenure::engine {

// Passes everything on; a test overrides what it disturbs. As thread-safe as the journal behind it.
class JournalBehind : public journal::Journal {
 public:
  using Visit = std::function<absl::Status(const journal::Entry&)>;

  explicit JournalBehind(std::unique_ptr<journal::Journal> real) : real_(std::move(real)) {}
  absl::Status Append(absl::Span<const journal::Entry> entries) override {
    return real_->Append(entries);
  }
  absl::StatusOr<journal::Entry> Read(uint64_t seq) const override { return real_->Read(seq); }
  absl::Status Scan(uint64_t from_seq, const Visit& visit) const override {
    return real_->Scan(from_seq, visit);
  }
  uint64_t last_seq() const override { return real_->last_seq(); }

 private:
  const std::unique_ptr<journal::Journal> real_;
};

}  // namespace tenure::engine

#endif  // TENURE_TESTS_ENGINE_JOURNAL_BEHIND_H_
