#!/usr/bin/env python3
"""Holds the locks of server/ against their annotations (server/base/mutex.h), which clang alone checks.

Usage: check_thread_safety.py ROOT BUILD CLANG. BUILD holds compile_commands.json. Looks at every source
below server/ that reaches mutex.h by its includes, since no other has anything to check; those that
have passed are remembered in BUILD and looked at again when they or what they include has changed.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ANNOTATIONS = "server/base/mutex.h"
INCLUDE = re.compile(r'^\s*#include "((?:server|plugins)/[^"]+)"', re.MULTILINE)


def closure(root, path, texts):
    """The files of the tree that a source is made of, given and returned relative to root."""
    seen, open_paths = set(), [path]
    while open_paths:
        at = open_paths.pop()
        if at in seen or not (root / at).is_file():
            continue
        seen.add(at)
        if at not in texts:
            texts[at] = (root / at).read_text()
        open_paths += INCLUDE.findall(texts[at])
    return sorted(seen)


def command_of(clang, entry):
    """What decides how a source is read: language, definitions and include folders; no code is made."""
    words = entry["arguments"] if "arguments" in entry else shlex.split(entry["command"])
    flags = []
    for at, word in enumerate(words):
        if word == "-isystem":
            flags += [word, words[at + 1]]
        elif re.match(r"-(D|I|std=)", word):
            flags.append(word)
    return [clang, *flags, "-fsyntax-only", "-Wno-everything", "-Wthread-safety", "-Werror=thread-safety",
            entry["file"]]


def main():
    root, build, clang = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), sys.argv[3]
    memory = build / "thread_safety_passed.json"
    passed = json.loads(memory.read_text()) if memory.exists() else {}
    texts, due, still = {}, [], {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = os.path.relpath(entry["file"], root)
        parts = closure(root, path, texts) if path.startswith("server/") else []
        if ANNOTATIONS not in parts:
            continue
        command = command_of(clang, entry)
        content = "\n".join([*command, *(texts[part] for part in parts)])
        still[path] = hashlib.sha256(content.encode()).hexdigest()
        if passed.get(path) != still[path]:
            due.append((path, command, entry["directory"]))
    if not still:
        print("no source to check: wrong root, or another tree's compile_commands.json?")
        return 1

    def check(item):
        return item[0], subprocess.run(item[1], cwd=item[2], capture_output=True, text=True)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, done in pool.map(check, due):
            if done.returncode != 0:
                failed += 1
                del still[path]
                print(done.stderr)
    memory.write_text(json.dumps(still))
    print(f"{failed} of {len(due)} sources break their locks' annotations")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
