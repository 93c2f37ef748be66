#!/usr/bin/env python3
"""Every command of `tenure` answers --help with exit 0, and the contract's commands are all there."""
import os
import pathlib
import re
import subprocess

TENURE = pathlib.Path(os.environ["TENURE_BINARY_DIR"]) / "bin" / "tenure"
CONTRACT = ["allocate", "budget", "decide", "explain", "expr", "fit", "import", "models", "plan",
            "plugins", "replay", "rules", "score", "simulate", "summarize"]


def subcommands(words):
    result = subprocess.run([TENURE, *words, "--help"], capture_output=True, text=True)
    assert result.returncode == 0, f"{words}: exit {result.returncode}: {result.stderr}"
    parts = result.stdout.split("Subcommands:\n")
    return re.findall(r"^  (\w+)", parts[1], re.MULTILINE) if len(parts) == 2 else []


def visit(words):
    return 1 + sum(visit(words + [name]) for name in subcommands(words))


def main():
    top = subcommands([])
    assert sorted(set(top)) == sorted(top), f"a command stands twice: {top}"
    missing = [name for name in CONTRACT if name not in top]
    assert not missing, f"commands are missing: {missing}"
    wrong = subprocess.run([TENURE, "no-such-command"], capture_output=True, text=True)
    assert wrong.returncode == 2, wrong.returncode
    print(f"{visit([])} commands explain themselves")


if __name__ == "__main__":
    main()
