#!/usr/bin/env python3
"""`./dev bench`: every speed and size that Tenure promises, each beside a baseline measured in the same run."""
import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

import clv
import in_process
import live
import summarize
from row import NotMeasured, Row

ROOT = pathlib.Path(__file__).resolve().parents[1]

# What is measured, and by what; each gives its rows in this order.
BENCHMARKS = [
    ("unary Decide over loopback", live.decide),
    ("evaluate in process", in_process.evaluate),
    ("one condition over a batch", in_process.condition),
    ("event ingest in process", in_process.ingest),
    ("event ingest over loopback, and restart", live.ingest_and_restart),
    ("one event", in_process.event),
    ("memory", in_process.memory),
    ("policies behind the border", in_process.propose),
    ("fit", in_process.fit),
    ("score", clv.score),
    ("expectations and streams", clv.asked),
    ("values beside a reference in Python", clv.reference),
    ("summarize", summarize.summarize),
    ("simulation", in_process.simulation),
    ("allocation", in_process.allocation),
    ("plan", in_process.plan),
    ("pacing", in_process.pacing),
]
# Minutes each: only with --slow.
SLOW = [("allocation at its size", in_process.slow_allocation)]


def machine():
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{model}, {os.cpu_count()} cores, load {load}"


def table(rows):
    head = ("path", "measured", "baseline", "ratio", "target", "reached")
    lines = [head] + [row.cells() for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    out = []
    for number, line in enumerate(lines):
        out.append("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
        if number == 0:
            out.append("  ".join("-" * width for width in widths))
    return "\n".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--only", default="", help="benchmarks whose name holds this text")
    parser.add_argument("--slow", action="store_true", help="those that take minutes, too")
    parser.add_argument("--json", type=pathlib.Path, help="write the rows here too")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    print(machine())
    print("Clients and servers share these cores. Ratios are of figures of this run, interleaved, medians.", flush=True)
    began = time.monotonic()
    rows = []
    for name, measure in BENCHMARKS + (SLOW if arguments.slow else []):
        if arguments.only not in name:
            continue
        print(f"… {name}", file=sys.stderr, flush=True)
        folder = pathlib.Path(tempfile.mkdtemp(prefix="tenure-bench-"))
        try:
            rows += measure(build, folder)
        except NotMeasured as why:
            rows.append(Row(name, why=str(why)))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print()
    print(table(rows))
    for row in rows:
        if row.why:
            print(f"\n{row.path}: {row.why}")
    print(f"\n{machine()}, {time.monotonic() - began:.0f} s")
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine(), "rows": [row.document() for row in rows]}, indent=1))


if __name__ == "__main__":
    main()
