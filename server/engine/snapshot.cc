#include "server/engine/snapshot.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/hash.h"
#include "server/base/status.h"
#include "server/engine/bytes.h"
#include "server/engine/fold.h"

namespace tenure::engine {
namespace {

constexpr absl::string_view kPrefix = "snapshot-";
constexpr uint64_t kMagic = 0x50414E53554E4554;  // "TENUSNAP"

std::string PathOf(const std::string& dir, uint64_t seq) {
  return absl::StrCat(dir, "/", kPrefix, seq);
}

std::string TemporaryOf(const std::string& dir) { return absl::StrCat(dir, "/new-snapshot"); }

std::vector<uint64_t> All(const std::string& dir) {
  std::vector<uint64_t> found;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(dir, error)) {
    const std::string name = file.path().filename().string();
    uint64_t seq = 0;
    if (absl::StartsWith(name, kPrefix) &&
        absl::SimpleAtoi(absl::string_view(name).substr(kPrefix.size()), &seq)) {
      found.push_back(seq);
    }
  }
  return found;
}

absl::Status Failed(absl::string_view path) {
  return absl::UnavailableError(
      absl::StrCat(path, ": ", std::strerror(errno), "; the journal has everything"));
}

absl::Status WriteDurably(const std::string& path, absl::string_view bytes) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return Failed(path);
  absl::Status status;
  while (!bytes.empty() && status.ok()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      status = Failed(path);
    } else {
      bytes.remove_prefix(static_cast<size_t>(written));
    }
  }
  if (status.ok() && fsync(fd) != 0) status = Failed(path);
  close(fd);
  return status;
}

void SyncFolder(const std::string& dir) {
  const int fd = open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace

uint64_t EntryHash(const journal::Entry& entry) {
  return StableHash(entry.payload, CombineHash(static_cast<uint64_t>(entry.at_us), entry.seq));
}

absl::Status WriteSnapshot(const std::string& dir, const Snapshot& snapshot) {
  Writer header;
  header.U64(kMagic);
  header.U64(kFoldVersion);
  header.U64(snapshot.seq);
  header.U64(snapshot.entry_hash);
  header.Text(snapshot.state);
  std::string bytes = header.Take();
  Writer sum;
  sum.U64(StableHash(bytes));
  bytes += sum.Take();
  const std::string temporary = TemporaryOf(dir);
  TENURE_RETURN_IF_ERROR(WriteDurably(temporary, bytes));
  const std::string path = PathOf(dir, snapshot.seq);
  if (rename(temporary.c_str(), path.c_str()) != 0) return Failed(path);
  SyncFolder(dir);
  for (const uint64_t seq : All(dir)) {
    if (seq != snapshot.seq) unlink(PathOf(dir, seq).c_str());
  }
  return absl::OkStatus();
}

std::optional<uint64_t> RemoveCutSnapshot(const std::string& dir) {
  const std::string temporary = TemporaryOf(dir);
  std::error_code error;
  const uint64_t bytes = std::filesystem::file_size(temporary, error);
  if (error || !std::filesystem::remove(temporary, error)) return std::nullopt;
  return bytes;
}

std::optional<uint64_t> FindSnapshot(const std::string& dir) {
  std::optional<uint64_t> newest;
  for (const uint64_t seq : All(dir)) {
    if (!newest.has_value() || seq > *newest) newest = seq;
  }
  return newest;
}

absl::StatusOr<Snapshot> ReadSnapshot(const std::string& dir, uint64_t seq) {
  const std::string path = PathOf(dir, seq);
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  Reader in(bytes);
  if (in.U64() != kMagic) return absl::DataLossError(absl::StrCat(path, ": is no snapshot"));
  const uint64_t version = in.U64();
  if (version != kFoldVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": is of version ", version, ", this program folds version ", kFoldVersion));
  }
  Snapshot snapshot;
  snapshot.seq = in.U64();
  snapshot.entry_hash = in.U64();
  snapshot.state = std::string(in.Text());
  const uint64_t sum = in.U64();
  if (!in.ok() || in.left() != 0 || snapshot.seq != seq ||
      StableHash(absl::string_view(bytes).substr(0, bytes.size() - 8)) != sum) {
    return absl::DataLossError(absl::StrCat(path, ": is cut short or altered"));
  }
  return snapshot;
}

}  // namespace tenure::engine
