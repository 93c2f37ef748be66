#include "tests/engine/failing_disk.h"

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <limits>
#include <new>

#include "server/base/status.h"

namespace tenure::engine {
namespace {

std::atomic<int> write_count{0}, sync_count{0};
std::atomic<int> full_from{0}, full_to{0}, sync_fails_at{0};

struct File {
  sqlite3_file base;
  bool log;  // a write-ahead log
  // The real file stands behind.
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* Of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* Real(sqlite3_file* file) { return Of(file)->real(); }
sqlite3_vfs* RealVfs(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int Write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
  if (Of(file)->log) {
    const int number = ++write_count;
    if (number >= full_from && number <= full_to) return SQLITE_FULL;
  }
  return Real(file)->pMethods->xWrite(Real(file), bytes, count, at);
}

int Sync(sqlite3_file* file, int flags) {
  if (Of(file)->log && ++sync_count == sync_fails_at) return SQLITE_IOERR_FSYNC;
  return Real(file)->pMethods->xSync(Real(file), flags);
}

int Close(sqlite3_file* f) { return Real(f)->pMethods->xClose(Real(f)); }
int Read(sqlite3_file* f, void* bytes, int count, sqlite3_int64 at) {
  return Real(f)->pMethods->xRead(Real(f), bytes, count, at);
}
int Truncate(sqlite3_file* f, sqlite3_int64 size) {
  return Real(f)->pMethods->xTruncate(Real(f), size);
}
int FileSize(sqlite3_file* f, sqlite3_int64* size) {
  return Real(f)->pMethods->xFileSize(Real(f), size);
}
int Lock(sqlite3_file* f, int how) { return Real(f)->pMethods->xLock(Real(f), how); }
int Unlock(sqlite3_file* f, int how) { return Real(f)->pMethods->xUnlock(Real(f), how); }
int CheckReserved(sqlite3_file* f, int* out) {
  return Real(f)->pMethods->xCheckReservedLock(Real(f), out);
}
int Control(sqlite3_file* f, int what, void* with) {
  return Real(f)->pMethods->xFileControl(Real(f), what, with);
}
int SectorSize(sqlite3_file* f) { return Real(f)->pMethods->xSectorSize(Real(f)); }
int Characteristics(sqlite3_file* f) { return Real(f)->pMethods->xDeviceCharacteristics(Real(f)); }
int ShmMap(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return Real(f)->pMethods->xShmMap(Real(f), page, size, extend, out);
}
int ShmLock(sqlite3_file* f, int at, int n, int flags) {
  return Real(f)->pMethods->xShmLock(Real(f), at, n, flags);
}
void ShmBarrier(sqlite3_file* f) { Real(f)->pMethods->xShmBarrier(Real(f)); }
int ShmUnmap(sqlite3_file* f, int gone) { return Real(f)->pMethods->xShmUnmap(Real(f), gone); }
int Fetch(sqlite3_file* f, sqlite3_int64 at, int count, void** out) {
  return Real(f)->pMethods->xFetch(Real(f), at, count, out);
}
int Unfetch(sqlite3_file* f, sqlite3_int64 at, void* bytes) {
  return Real(f)->pMethods->xUnfetch(Real(f), at, bytes);
}

constexpr sqlite3_io_methods kMethods = {
    3,        Close,         Read,    Write,      Truncate,        Sync,   FileSize, Lock,
    Unlock,   CheckReserved, Control, SectorSize, Characteristics, ShmMap, ShmLock,  ShmBarrier,
    ShmUnmap, Fetch,         Unfetch};

int Open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
  File* const opened = new (file) File{};
  opened->log = (flags & SQLITE_OPEN_WAL) != 0;
  const int code = RealVfs(vfs)->xOpen(RealVfs(vfs), name, opened->real(), flags, out);
  if (opened->real()->pMethods != nullptr) opened->base.pMethods = &kMethods;
  return code;
}

sqlite3_vfs& Vfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);
    TENURE_CHECK(real != nullptr);
    sqlite3_vfs ours = *real;
    ours.szOsFile = real->szOsFile + static_cast<int>(sizeof(File));
    ours.zName = "failing";
    ours.pAppData = real;
    ours.pNext = nullptr;
    ours.xOpen = Open;
    return ours;
  }();
  return vfs;
}

void Reset() { write_count = sync_count = full_from = full_to = sync_fails_at = 0; }

}  // namespace

FailingDisk::FailingDisk() {
  Reset();
  TENURE_CHECK(sqlite3_vfs_register(&Vfs(), /*makeDflt=*/1) == SQLITE_OK);
}

FailingDisk::~FailingDisk() {
  Reset();
  sqlite3_vfs_unregister(&Vfs());
}

void FailingDisk::FillAtWrite(int k, int more) {
  Reset();
  full_to = k > std::numeric_limits<int>::max() - more ? std::numeric_limits<int>::max() : k + more;
  full_from = k;
}

void FailingDisk::FailAtSync(int k) {
  Reset();
  sync_fails_at = k;
}

int FailingDisk::writes() const { return write_count; }
int FailingDisk::syncs() const { return sync_count; }

}  // namespace tenure::engine
