// The versions of the value model: every fit that was recorded, whether or not it came into force.
#ifndef TENURE_SERVER_ENGINE_MODEL_VERSIONS_H_
#define TENURE_SERVER_ENGINE_MODEL_VERSIONS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/journal/journal.h"
#include "server/journal/records.h"

namespace tenure::engine {

// So many are at hand; older ones are read from the journal.
inline constexpr size_t kModelVersionsKept = 32;

struct ModelVersion {
  uint64_t seq = 0;          // the entry that recorded it
  int64_t at_us = 0;         // and its time
  int64_t activated_us = 0;  // when it last came into force; 0: never, or before the versions kept
  std::shared_ptr<const journal::ModelRecord> record;
};

// What a model's entry does to the versions kept, oldest first: a new one enters, a version of the
// same hash giving way to it, or an earlier one is activated.
void AddVersion(uint64_t seq, int64_t at_us,
                const std::shared_ptr<const journal::ModelRecord>& record,
                std::vector<ModelVersion>* versions);

// Walks the entries of models back through the journal. `kept` outlives it. Thread-safe.
class ModelChain {
 public:
  ModelChain(const journal::Journal* journal, const std::vector<ModelVersion>& kept)
      : journal_(journal), kept_(kept) {}

  // The version that the entry `*seq` recorded, none where it is an activation or a later version
  // of the same hash is kept; `*seq` becomes the model's entry before it, 0 at the end. NOT_FOUND
  // where that is no model's entry.
  absl::StatusOr<std::optional<ModelVersion>> At(uint64_t* seq) const;

 private:
  const journal::Journal* const journal_;
  const std::vector<ModelVersion>& kept_;
};

// NOT_FOUND that names what there is.
absl::Status NoSuchModel(absl::string_view hash, const std::vector<ModelVersion>& kept,
                         const journal::ModelRecord* in_force);

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_MODEL_VERSIONS_H_
