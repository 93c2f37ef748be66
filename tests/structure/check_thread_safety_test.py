#!/usr/bin/env python3
"""Proves that check_thread_safety.py can fail, and that it looks again at what has changed.

Usage: check_thread_safety_test.py ROOT CLANG.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

CHECK = pathlib.Path(__file__).with_name("check_thread_safety.py")
COUNTER = """#include "server/base/mutex.h"
class Counter {
 public:
  int Next() {
    %s
    return ++count_;
  }
 private:
  tenure::Mutex mutex_;
  int count_ TENURE_GUARDED_BY(mutex_) = 0;
};
"""


def main():
    root, clang = pathlib.Path(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        (tree / "server/base").mkdir(parents=True)
        shutil.copy(root / "server/base/mutex.h", tree / "server/base/mutex.h")
        (tree / "server/user.cc").write_text('#include "server/counter.h"\n')
        (tree / "compile_commands.json").write_text(json.dumps([
            {"directory": folder, "command": f"g++ -std=c++20 -I{folder} -c server/user.cc -o user.o",
             "file": f"{folder}/server/user.cc"}]))
        for guard, expected in (("tenure::MutexLock lock(&mutex_);", "0 of 1"), ("", "1 of 1"), ("", "1 of 1"),
                                ("tenure::MutexLock lock(&mutex_);", "0 of 1"),
                                ("tenure::MutexLock lock(&mutex_);", "0 of 0")):
            (tree / "server/counter.h").write_text(COUNTER % guard)
            done = subprocess.run([sys.executable, CHECK, folder, folder, clang], capture_output=True, text=True)
            if expected not in done.stdout or (done.returncode == 0) != expected.startswith("0"):
                print(f"expected {expected}, got:\n{done.stdout}{done.stderr}")
                return 1
    print("a lock that is not held is found, and found again")
    return 0


if __name__ == "__main__":
    sys.exit(main())
