#!/usr/bin/env python3
"""Proves that each rule of check_structure.py can fail: plants one breach each in a small tree."""
import pathlib
import subprocess
import sys
import tempfile

CHECK = pathlib.Path(__file__).with_name("check_structure.py")


def header(name, text):
    guard = "TENURE_" + name.upper().replace("/", "_").replace(".", "_") + "_"
    return f"#ifndef {guard}\n#define {guard}\n{text}#endif\n"


# What is planted, its file, its text, and what the one complaint says.
BREACHES = [
    ("an include that points up", "server/base/a.h", '#include "server/rules/rule_set.h"\n', "may not include"),
    ("a clock outside base", "server/clv/a.h", "auto now = std::chrono::system_clock::now();\n", "is banned"),
    ("SQLite outside its folder", "server/engine/a.h", "#include <SQLiteCpp/Database.h>\n", "is banned"),
    ("gRPC below api", "server/decision/a.h", "#include <grpcpp/server.h>\n", "is banned"),
    ("an exception", "server/budget/a.h", "inline void F() { throw 1; }\n", "is banned"),
    ("a file that nothing builds", "server/base/lost.cc", "int lost;\n", "no CMakeLists.txt names"),
    ("a file that is too long", "server/base/long.h", "\n" * 500, "split it"),
    ("its own header below another", "server/base/a.cc", '#include <string>\n#include "server/base/a.h"\n',
     "first include"),
]


def run(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        subprocess.run(["git", "-C", folder, "init", "-q"], check=True)
        return subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True)


def expect(what, files, name, complaint):
    result = run(files)
    found = result.stdout.splitlines()
    assert result.returncode == 1 and len(found) == 1, f"{what}: {result.stdout}{result.stderr}"
    assert found[0].startswith(name + ":") and complaint in found[0], f"{what}: {found[0]}"


def main():
    sound = {"server/base/a.h": header("server/base/a.h", "// fine\n"),
             "server/base/CMakeLists.txt": "tenure_library(base SOURCES a.cc)\n"}
    good = run(sound | {"server/base/a.cc": '#include "server/base/a.h"\n'})
    assert good.returncode == 0, good.stdout
    for what, name, text, complaint in BREACHES:
        planted = header(name, text) if name.endswith(".h") else text
        expect(what, sound | {name: planted}, name, complaint)
    expect("a header without its guard", {"server/base/a.h": "int Twice();\n"}, "server/base/a.h", "include guard")
    print(f"{len(BREACHES) + 1} breaches found")


if __name__ == "__main__":
    main()
