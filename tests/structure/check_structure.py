#!/usr/bin/env python3
"""Holds the tree against the house's rules: who may include whom, banned calls, headers, sizes, dead files.

Usage: check_structure.py ROOT. Prints each breach as file:line: what, and what to do instead.
"""
import pathlib
import re
import subprocess
import sys

# Folder -> folders whose headers it may include (itself always). docs/architecture.md draws this.
MAY_INCLUDE = {
    "server/base": [],
    "server/batch": ["base"],
    "server/clv": ["base", "batch"],
    "server/validation": ["base", "clv"],
    "server/transactions": ["base", "clv"],
    "server/expression": ["base", "batch"],
    "server/plugin_host": ["base", "batch"],
    "server/journal": ["base"],
    "server/journal/sqlite": ["base", "journal"],
    "server/rules": ["base", "batch", "expression"],
    "server/customers": ["base", "batch", "clv", "transactions", "expression", "rules", "journal"],
    "server/budget": ["base", "journal"],
    "server/decision": ["base", "batch", "expression", "rules", "customers", "budget", "plugin_host",
                        "journal"],
    "server/engine": ["base", "batch", "clv", "rules", "customers", "budget", "plugin_host", "journal",
                      "journal/sqlite", "decision"],
    "server/planning": ["base", "batch", "clv", "validation", "rules", "customers", "budget", "plugin_host",
                        "journal", "decision", "engine"],
    "server/api": ["base", "batch", "clv", "validation", "rules", "customers", "budget", "plugin_host", "journal",
                   "decision", "engine", "planning"],
    "server/main": ["base", "rules", "plugin_host", "journal", "decision", "engine", "planning", "api"],
    "clients/cli": ["base", "batch", "clv", "transactions", "validation", "expression", "rules", "budget",
                    "plugin_host", "decision", "planning"],
    "clients/demo": ["base", "batch", "clv", "rules", "customers", "plugin_host", "journal", "decision",
                     "planning", "clients/cli"],
}

# Pattern, folders where it is allowed, what to use instead. Only in product code.
BANNED = [
    (r"system_clock|steady_clock|gettimeofday|clock_gettime|\btime\(NULL", ["server/base"],
     "a Clock of server/base/clock.h; instants are handed in"),
    (r"#include <ranges>|#include <format>|std::format\(", [], "plain loops, absl::StrCat, absl::StrFormat"),
    (r"absl::Mutex|absl/synchronization/mutex\.h|std::mutex\b|std::shared_mutex\b", ["server/base"],
     "Mutex of server/base/mutex.h"),
    (r"\bthrow\b", ["plugins/sdk", "server/journal/sqlite", "clients/cli"], "absl::Status; adapters may rethrow"),
    (r"\bdynamic_cast\b|\btypeid\(", [], "a virtual function"),
    (r"std::random_device|\brand\(\)|mt19937", [], "Random of server/base/random.h with a given seed"),
    (r"yaml-cpp", ["server/rules", "server/main", "clients/cli"], "a value handed in by rules/ or main/"),
    (r"SQLiteCpp|sqlite3\.h", ["server/journal/sqlite"], "the Journal interface"),
    (r"grpcpp/|grpc\+\+", ["server/api", "server/main", "clients/cli", "clients/demo"],
     "a call of api/ or the clients"),
    (r"tenure/v1/", ["server/api", "server/main", "clients/cli", "clients/demo"], "domain types"),
    (r"\bstd::string_view\b", ["plugins"], "absl::string_view"),
]
LONGEST_FILE = 500


def tracked(root):
    out = subprocess.run(["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard"],
                         capture_output=True, text=True, check=True).stdout
    return [root / line for line in out.splitlines() if (root / line).is_file()]


def folder_of(path, root):
    relative = path.relative_to(root)
    best = None
    for folder in MAY_INCLUDE:
        if str(relative).startswith(folder + "/") and (best is None or len(folder) > len(best)):
            best = folder
    return best


def check_includes(path, root, lines, breaches):
    home = folder_of(path, root)
    if home is None:
        return
    allowed = {home} | {name if name.startswith("clients/") else "server/" + name for name in MAY_INCLUDE[home]}
    for number, line in enumerate(lines, 1):
        match = re.match(r'\s*#include "((?:server|clients|plugins)/[^"]+)"', line)
        if not match:
            continue
        target = folder_of(root / match[1], root)
        if target is None and match[1].startswith("plugins/") and home == "server/plugin_host":
            continue
        if target not in allowed:
            breaches.append(f"{path.relative_to(root)}:{number}: {home} may not include {match[1]}; "
                            f"declare a small interface here and let main/ wire it")


def check_bans(path, root, lines, breaches):
    relative = str(path.relative_to(root))
    for number, line in enumerate(lines, 1):
        code = line.split("//")[0]
        for pattern, allowed, instead in BANNED:
            if re.search(pattern, code) and not any(relative.startswith(a + "/") for a in allowed):
                breaches.append(f"{relative}:{number}: `{re.search(pattern, code)[0]}` is banned here; "
                                f"use {instead}")


def check_own_header(path, root, lines, breaches):
    """A header that its own source includes first compiles alone, or the source would not."""
    if path.suffix != ".cc" or not path.with_suffix(".h").exists():
        return
    own = f'#include "{path.with_suffix(".h").relative_to(root)}"'
    first = next(((number, line) for number, line in enumerate(lines, 1) if line.startswith("#include")), None)
    if first is None or first[1] != own:
        breaches.append(f"{path.relative_to(root)}:{first[0] if first else 1}: the first include is not its own "
                        f"header; put {own} above all others")


def check_guard(path, root, lines, breaches):
    relative = path.relative_to(root)
    if path.suffix != ".h" or relative.parts[:2] == ("plugins", "abi"):  # which is C's, named as it is installed
        return
    guard = re.sub(r"[^A-Z0-9]", "_", f"TENURE_{relative}_".upper())
    if f"#ifndef {guard}" not in lines or f"#define {guard}" not in lines:
        breaches.append(f"{relative}:1: no include guard {guard}")


def check_built(path, root, cmake_text, breaches):
    if path.suffix in (".cc", ".c") and path.name not in cmake_text:
        breaches.append(f"{path.relative_to(root)}:1: no CMakeLists.txt names this file; build it or delete it")


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    files = tracked(root)
    cmake_text = "\n".join(f.read_text() for f in files if f.name == "CMakeLists.txt")
    breaches = []
    seen = 0
    for path in files:
        if path.suffix not in (".h", ".cc", ".c"):
            continue
        seen += 1
        lines = path.read_text().splitlines()
        product = path.relative_to(root).parts[0] in ("server", "plugins", "clients")
        if product:
            check_includes(path, root, lines, breaches)
            check_bans(path, root, lines, breaches)
            check_own_header(path, root, lines, breaches)
            check_guard(path, root, lines, breaches)
        check_built(path, root, cmake_text, breaches)
        if len(lines) > LONGEST_FILE:
            breaches.append(f"{path.relative_to(root)}:1: {len(lines)} lines; split it: one idea a file")
    if seen == 0:
        breaches.append("no source files found: wrong root?")
    print("\n".join(breaches) or f"{seen} files hold to the rules")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
