#!/usr/bin/env python3
"""Runs README's "A call from the shell" as printed, on the programs of this build, and compiles its plugin.

Only the port is another, since several may run at once, and `./dev build` is left out: the test is part of one.
"""
import os
import pathlib
import re
import socket
import subprocess
import tempfile

SOURCE = pathlib.Path(os.environ["TENURE_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["TENURE_BINARY_DIR"])


def block(text, heading, containing):
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"^```\w*\n(.*?)^```$", section, re.M | re.S)
    (found,) = [block for block in blocks if containing in block]
    return found


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def clone(folder, port):
    """What the block needs of a clone, with this build as build/release."""
    (folder / "docs/examples").mkdir(parents=True)
    (folder / "build").mkdir()
    for link, target in [("build/release", BUILD), ("rules", SOURCE / "rules"), ("plugins", SOURCE / "plugins")]:
        (folder / link).symlink_to(target)
    for file in filter(pathlib.Path.is_file, (SOURCE / "docs/examples").iterdir()):
        (folder / "docs/examples" / file.name).write_bytes(file.read_bytes())
    config = folder / "docs/examples/tenured.yaml"
    text = config.read_text()
    assert "listen: 127.0.0.1:7878" in text
    config.write_text(text.replace("7878", str(port)))


def run(folder, commands, **environment):
    done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", commands], cwd=folder, text=True, timeout=240,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **environment})
    print(done.stdout)
    assert done.returncode == 0, f"exit {done.returncode}"
    return done.stdout


def main():
    text = (SOURCE / "README.md").read_text()
    with tempfile.TemporaryDirectory() as name:
        folder, port = pathlib.Path(name), free_port()
        clone(folder, port)
        commands = block(text, "A call from the shell", "tenure import")
        assert commands.startswith("./dev build\n"), commands
        # A server that could not start must not be waited for without end, nor outlive the test.
        commands = "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n" + commands.removeprefix("./dev build\n")
        said = run(folder, commands, TENURE_SERVER=f"127.0.0.1:{port}")
        for words in ("selected:", ": COMMITTED", "Every counter equals its holds"):
            assert words in said, words
        assert (folder / "build/shop/journal.sqlite").exists()
        run(folder, block(text, "A plugin", "g++"))
        assert (folder / "build/birthday.so").exists()
    lines = [line for line in (SOURCE / "docs/examples/birthday.cc").read_text().splitlines() if line.strip()]
    assert len(lines) <= 20, f"the plugin in 20 lines has {len(lines)}"


if __name__ == "__main__":
    main()
