#!/usr/bin/env python3
"""The value models alone: installs the component, builds docs/examples/clv_alone against what was
installed with nothing of the source tree, runs it, and looks at what it links."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ["TENURE_SOURCE_DIR"])
BINARY = pathlib.Path(os.environ["TENURE_BINARY_DIR"])


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command}\n{done.stdout}\n{done.stderr}")
    return done.stdout


with tempfile.TemporaryDirectory() as folder:
    prefix, build = pathlib.Path(folder) / "prefix", pathlib.Path(folder) / "build"
    run("cmake", "--install", BINARY, "--component", "clv", "--prefix", prefix)
    run("cmake", "-S", SOURCE / "docs/examples/clv_alone", "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", build)
    printed = run(build / "clv_alone")
    assert re.search(r"^mbg_nbd: .*\nP\(alive\) [01]\.\d{3}, a year's revenue \d+\.\d\d", printed), printed
    linked = run("ldd", build / "clv_alone")
    for foreign in ("grpc", "protobuf", "yaml", "sqlite"):
        assert foreign not in linked, linked
    assert not any("sqlite" in str(file) for file in prefix.rglob("*")), "the component brings the store"
