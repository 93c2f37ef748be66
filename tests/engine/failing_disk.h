// SQLite's way to the disk, with a disk that fails when told: at the k-th write to a write-ahead
// log, or at the k-th time that one is synced.
#ifndef TENURE_TESTS_ENGINE_FAILING_DISK_H_
#define TENURE_TESTS_ENGINE_FAILING_DISK_H_

namespace tenure::engine {

// While it lives every database that this process opens goes through it; one at a time.
class FailingDisk {
 public:
  FailingDisk();
  ~FailingDisk();
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

  // The k-th write from now on finds the disk full, and so do `more` after it.
  void FillAtWrite(int k, int more = 0);
  // The k-th sync from now on fails: what was written may or may not be on the disk.
  void FailAtSync(int k);
  int writes() const;  // since it was last told
  int syncs() const;
};

}  // namespace tenure::engine

#endif  // TENURE_TESTS_ENGINE_FAILING_DISK_H_
