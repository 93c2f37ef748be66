#!/usr/bin/env python3
"""Runs the demo twice: it says the same both times, and what it says is what was promised.

Skips (exit 77) where npm is missing, which fetches the public orders.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(os.environ["TENURE_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["TENURE_BINARY_DIR"])


def run():
    result = subprocess.run([sys.executable, SOURCE / "clients" / "demo" / "demo.py", "--build", BUILD],
                            capture_output=True, text=True, timeout=280)
    assert result.returncode == 0, f"exit {result.returncode}\n{result.stdout}\n{result.stderr}"
    return [line for line in result.stdout.splitlines() if not re.match(r"act one [\d.]+ s", line)]


def score(lines, strategy):
    row = next(line for line in lines if line.strip().startswith(strategy + "  "))
    return float(row.split()[-2])


def main():
    if shutil.which("npm") is None:
        print("skipped: npm is missing, and it fetches the demo's orders")
        return 77
    first = run()
    text = "\n".join(first)
    for promised in ["NOT_IDENTIFIED", "793 customers", "identical, bit for bit", "Verified:",
                     "lost to", "filtered:", "Proof: worth"]:
        assert promised in text, f"the demo does not say {promised!r}\n{text}"
    assert score(first, "plan") >= 95, text  # of the Bayes oracle, with known effects
    assert score(first, "plan") > max(score(first, rule) for rule in ("top clv", "random", "lowest p_alive"))
    second = run()
    assert first == second, "two runs differ:\n" + "\n".join(
        f"- {a}\n+ {b}" for a, b in zip(first, second) if a != b)
    print(f"{len(first)} lines, twice the same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
