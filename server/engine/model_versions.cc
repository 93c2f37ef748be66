#include "server/engine/model_versions.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"

namespace tenure::engine {
namespace {

constexpr size_t kNamed = 4;  // versions that an error names

}  // namespace

void AddVersion(uint64_t seq, int64_t at_us,
                const std::shared_ptr<const journal::ModelRecord>& record,
                std::vector<ModelVersion>* versions) {
  if (record->version_seq != 0) {
    for (ModelVersion& version : *versions) {
      if (version.seq == record->version_seq) version.activated_us = at_us;
    }
    return;
  }
  ModelVersion added{seq, at_us, record->candidate ? 0 : at_us, record};
  const auto same = std::find_if(versions->begin(), versions->end(), [&](const ModelVersion& v) {
    return v.record->hash == record->hash;
  });
  if (same != versions->end()) {
    if (record->candidate) added.activated_us = same->activated_us;
    versions->erase(same);
  }
  versions->push_back(std::move(added));
  if (versions->size() > kModelVersionsKept) versions->erase(versions->begin());
}

absl::StatusOr<std::optional<ModelVersion>> ModelChain::At(uint64_t* seq) const {
  for (size_t i = kept_.size(); i-- > 0;) {
    if (kept_[i].seq != *seq) continue;
    *seq = kept_[i].record->previous_seq;
    // The oldest records don't name the entry before them.
    if (*seq == 0 && i > 0) *seq = kept_[i - 1].seq;
    return kept_[i];
  }
  TENURE_ASSIGN_OR_RETURN(const journal::Entry entry, journal_->Read(*seq));
  if (entry.kind != journal::Kind::kModel) {
    return absl::NotFoundError(absl::StrCat("there is no model at entry ", *seq));
  }
  TENURE_ASSIGN_OR_RETURN(auto record, journal::Decode<journal::ModelRecord>(entry.payload));
  *seq = record.previous_seq;
  const bool kept = std::any_of(kept_.begin(), kept_.end(), [&](const ModelVersion& version) {
    return version.record->hash == record.hash;
  });
  if (kept || record.version_seq != 0) return std::nullopt;
  const int64_t activated_us = record.candidate ? 0 : entry.at_us;
  return ModelVersion{entry.seq, entry.at_us, activated_us,
                      std::make_shared<const journal::ModelRecord>(std::move(record))};
}

absl::Status NoSuchModel(absl::string_view hash, const std::vector<ModelVersion>& kept,
                         const journal::ModelRecord* in_force) {
  if (kept.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "there is no models/", hash, ", nor any other; fit one with ", "`tenure models fit`"));
  }
  std::string known;
  for (size_t i = kept.size(); i-- > 0 && kept.size() - i <= kNamed;) {
    const std::string& name = kept[i].record->hash;
    absl::StrAppend(&known, known.empty() ? "" : ", ", "models/", name,
                    in_force != nullptr && in_force->hash == name ? " (in force)" : "");
  }
  return absl::NotFoundError(absl::StrCat(
      "there is no models/", hash, "; the last ", kept.size() == 1 ? "one is " : "ones are ", known,
      kept.size() > kNamed ? " …" : "", "; `tenure models list` shows all"));
}

}  // namespace tenure::engine
