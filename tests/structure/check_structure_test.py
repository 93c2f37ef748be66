#!/usr/bin/env python3
"""Proves that each rule of check_structure.py can fail: plants one breach each in a small tree."""
import pathlib
import subprocess
import sys
import tempfile

CHECK = pathlib.Path(__file__).with_name("check_structure.py")
BREACHES = {
    "an include that points up": ("server/base/a.h", '#include "server/rules/rule_set.h"\n'),
    "a clock outside base": ("server/clv/a.h", "auto now = std::chrono::system_clock::now();\n"),
    "SQLite outside its folder": ("server/engine/a.h", "#include <SQLiteCpp/Database.h>\n"),
    "gRPC below api": ("server/decision/a.h", "#include <grpcpp/server.h>\n"),
    "an exception": ("server/budget/a.h", "inline void F() { throw 1; }\n"),
    "a file that nothing builds": ("server/base/lost.cc", "int lost;\n"),
    "a file that is too long": ("server/base/long.h", "\n" * 501),
}


def run(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        subprocess.run(["git", "-C", folder, "init", "-q"], check=True)
        return subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True)


def main():
    good = run({"server/base/a.h": "// fine\n"})
    assert good.returncode == 0, good.stdout
    for what, (name, text) in BREACHES.items():
        result = run({name: text})
        assert result.returncode == 1 and name in result.stdout, f"{what} was not found: {result.stdout}"
    print(f"{len(BREACHES)} breaches found")


if __name__ == "__main__":
    main()
