#!/usr/bin/env python3
"""Every command of `tenure` answers --help with exit 0, and the contract's commands are all there."""
import json
import os
import pathlib
import re
import subprocess

TENURE = pathlib.Path(os.environ["TENURE_BINARY_DIR"]) / "bin" / "tenure"
CONTRACT = ["allocate", "budget", "decide", "explain", "expr", "fit", "import", "models", "plan",
            "plugins", "replay", "rules", "score", "simulate", "summarize", "validate-model", "value"]


def subcommands(words):
    result = subprocess.run([TENURE, *words, "--help"], capture_output=True, text=True)
    assert result.returncode == 0, f"{words}: exit {result.returncode}: {result.stderr}"
    parts = result.stdout.split("Subcommands:\n")
    return re.findall(r"^  ([\w-]+)", parts[1], re.MULTILINE) if len(parts) == 2 else []


def visit(words):
    return 1 + sum(visit(words + [name]) for name in subcommands(words))


def run(*arguments):
    return subprocess.run([TENURE, *arguments], capture_output=True, text=True)


def words():
    """A word that names no command is named, with the nearest that does."""
    for arguments, said in [(["nosuch"], "no command `nosuch` in `tenure`"),
                            (["decid", "c1"], "did you mean 'decide'?"),
                            (["rules", "chek", "x"], "no command `chek` in `tenure rules`, did you mean 'check'?"),
                            (["--server", "there:1", "--json", "rules", "chek"], "no command `chek` in `tenure rules`")]:
        wrong = run(*arguments)
        assert wrong.returncode == 2 and said in wrong.stderr, (arguments, wrong.stderr)
    alias = run("plugin", "--help")
    assert alias.returncode == 0 and "what the server loaded" in alias.stdout, alias
    for command in (["decide"], ["rules", "check"], ["fit"]):
        shown = run(*command, "--help").stdout
        assert "--json" in shown and "--server" in shown, shown


def errors():
    """Exit 2 is for wrong usage; a failure with --json is one document too."""
    usage = run("score", "model.json")
    assert usage.returncode == 2 and "MODEL.json and FILE.csv" in usage.stderr, usage
    # An unset variable must not turn a question into a deed.
    for words in (["plan", "--budget", "lifecycle", "--what-if-limit", ""], ["commit", "holds/1", "--actual", ""],
                  ["allocate", "b.yaml", "--target", ""], ["simulate", "--customers", ""], ["fit", ""]):
        empty = run(*words)
        assert empty.returncode == 2 and "is empty: give it a value, or leave it out" in empty.stderr, empty
    failed = run("score", "/nowhere/model.json", "/nowhere/s.csv", "--json")
    assert failed.returncode == 1, failed
    document = json.loads(failed.stdout)
    assert document["error"]["code"] == "NOT_FOUND", document
    assert "/nowhere/model.json" in document["error"]["message"] and "/nowhere/model.json" in failed.stderr
    plain = run("score", "/nowhere/model.json", "/nowhere/s.csv")
    assert plain.stdout == "", plain
    text = subprocess.run([TENURE, "--server", "127.0.0.1:1", "decide", b"caf\xe9"], capture_output=True, text=True)
    assert text.returncode == 1 and "customers/caf\\351" in text.stderr and "not UTF-8" in text.stderr, text


def main():
    top = subcommands([])
    assert sorted(set(top)) == sorted(top), f"a command stands twice: {top}"
    missing = [name for name in CONTRACT if name not in top]
    assert not missing, f"commands are missing: {missing}"
    wrong = subprocess.run([TENURE, "no-such-command"], capture_output=True, text=True)
    assert wrong.returncode == 2, wrong.returncode
    words()
    errors()
    print(f"{visit([])} commands explain themselves")


if __name__ == "__main__":
    main()
