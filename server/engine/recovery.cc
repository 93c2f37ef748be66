#include "server/engine/recovery.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/engine/snapshot.h"

namespace tenure::engine {
namespace {

constexpr uint64_t kEntriesPerPublish = 16'384;

Recovered Fresh(const Limits& limits) {
  Recovered fresh;
  fresh.population = std::make_unique<customers::Population>();
  fresh.fold = std::make_unique<Fold>(fresh.population.get(), limits);
  return fresh;
}

absl::Status FromSnapshot(const std::string& dir, uint64_t seq, const journal::Journal& journal,
                          Recovered* into) {
  TENURE_ASSIGN_OR_RETURN(const Snapshot snapshot, ReadSnapshot(dir, seq));
  if (seq > journal.last_seq()) {
    return absl::DataLossError(absl::StrCat("snapshot-", seq, " is ahead of the journal, which ",
                                            "ends at entry ", journal.last_seq()));
  }
  TENURE_ASSIGN_OR_RETURN(const journal::Entry entry, journal.Read(seq));
  if (EntryHash(entry) != snapshot.entry_hash) {
    return absl::DataLossError(absl::StrCat("snapshot-", seq, " is of another journal"));
  }
  TENURE_RETURN_IF_ERROR(into->fold->Restore(snapshot.state, journal));
  if (into->fold->last_seq() != seq) {
    return absl::DataLossError(absl::StrCat("snapshot-", seq, " holds another state"));
  }
  into->snapshot_seq = seq;
  return absl::OkStatus();
}

// Nothing is ever removed from a journal, so one that is empty was taken away.
absl::Status JournalGone(const std::string& dir, uint64_t seq) {
  return absl::DataLossError(absl::StrCat(
      dir, " has snapshot-", seq, ", made of a journal of ", seq,
      " entries, but its journal.sqlite is empty or was missing. Put the journal back from a "
      "backup (journal.sqlite, and journal.sqlite-wal where there is one); or, to begin anew "
      "without any customer, decision or money spent so far, remove snapshot-",
      seq, " too"));
}

absl::Status FoldRest(const journal::Journal& journal, Fold* fold) {
  const absl::Status status =
      journal.Scan(fold->last_seq() + 1, [fold](const journal::Entry& entry) {
        TENURE_RETURN_IF_ERROR(
            Annotate(fold->ApplyEntry(entry), absl::StrCat("folding entry ", entry.seq)));
        if (entry.seq % kEntriesPerPublish == 0) fold->Publish();
        return absl::OkStatus();
      });
  fold->Publish();
  return status;
}

}  // namespace

absl::StatusOr<Recovered> Recover(const std::string& dir, const journal::Journal& journal,
                                  const Limits& limits, const LogSink& log) {
  Recovered recovered = Fresh(limits);
  const std::optional<uint64_t> cut = RemoveCutSnapshot(dir);
  if (cut.has_value()) {
    Log(log, Severity::kWarning,
        absl::StrCat("Removed ", *cut, " bytes of a snapshot whose write was cut short."));
  }
  const std::optional<uint64_t> seq = FindSnapshot(dir);
  if (seq.has_value()) {
    if (journal.last_seq() == 0) return JournalGone(dir, *seq);
    const absl::Status status = FromSnapshot(dir, *seq, journal, &recovered);
    if (!status.ok()) {
      recovered = Fresh(limits);
      Log(log, Severity::kWarning,
          absl::StrCat("The snapshot can't be used, so the whole journal is folded: ",
                       status.message()));
    }
  }
  TENURE_RETURN_IF_ERROR(FoldRest(journal, recovered.fold.get()));
  const uint64_t entries = recovered.fold->last_seq() - recovered.snapshot_seq;
  recovered.how = recovered.snapshot_seq > 0
                      ? absl::StrCat("snapshot-", recovered.snapshot_seq, " + ", entries,
                                     entries == 1 ? " entry" : " entries")
                      : absl::StrCat("full fold of ", entries, " entries");
  return recovered;
}

}  // namespace tenure::engine
