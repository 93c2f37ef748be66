#!/usr/bin/env python3
"""Runs every `$ tenure` example of docs/clv.md: words as printed, numbers to the digits printed."""
import os
import pathlib
import re
import subprocess

SOURCE = pathlib.Path(os.environ["TENURE_SOURCE_DIR"])
TENURE = pathlib.Path(os.environ["TENURE_BINARY_DIR"]) / "bin" / "tenure"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def same(printed, given):
    if printed == given:
        return True
    if not (NUMBER.fullmatch(printed) and NUMBER.fullmatch(given)):
        return False
    digits = len(printed.partition(".")[2])
    return abs(float(printed) - float(given)) <= 0.5 * 10 ** -digits + 1e-9


def check(command, printed):
    shell = command.replace("tenure ", f"'{TENURE}' ", 1)
    done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", shell], cwd=SOURCE, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: exit {done.returncode}: {done.stderr}"
    given = done.stdout.splitlines()
    assert len(given) == len(printed), f"{command}: prints {len(given)} lines:\n{done.stdout}"
    for want, have in zip(printed, given):
        wanted, had = re.split(r"[\s,]+", want.strip()), re.split(r"[\s,]+", have.strip())
        assert len(wanted) == len(had) and all(map(same, wanted, had)), f"{command}:\n  {want}\nis\n  {have}"


def main():
    text = (SOURCE / "docs/clv.md").read_text()
    count = 0
    for block in re.findall(r"^```\n(\$ tenure .*?)^```$", text, re.M | re.S):
        command, *printed = block.splitlines()
        if command.endswith("\\"):
            continue  # a file of the reader's; cli_summarize makes one and runs it
        check(command.removeprefix("$ "), printed)
        count += 1
    assert count >= 7, f"only {count} examples found"
    for name in ("historical", "revenue", "dcf", "equity", "early", "churn", "next-purchase"):
        assert f"$ tenure value {name}" in text, f"docs/clv.md has no example of tenure value {name}"
    for command in ("rfm", "score"):
        assert f"$ tenure {command}" in text, f"docs/clv.md has no example of tenure {command}"
    print(f"{count} examples print what they say")


if __name__ == "__main__":
    main()
