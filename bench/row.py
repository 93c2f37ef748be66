"""One row of the table, and programs run for it."""
import dataclasses
import json
import pathlib
import subprocess


class NotMeasured(Exception):
    """A benchmark is missing or failed: its row says so."""


@dataclasses.dataclass
class Row:
    path: str
    measured: str = "not measured"
    baseline: str = ""
    ratio: float | None = None  # measured / baseline
    target: str = ""
    reached: bool | None = None  # None: there is no target, or it is for another size
    why: str = ""  # why it was not measured

    def cells(self):
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}"
        reached = "" if self.reached is None else "yes" if self.reached else "no"
        return self.path, self.measured, self.baseline, ratio, self.target, reached

    def document(self):
        return dataclasses.asdict(self)


def run(program, *arguments, timeout=120, **options):
    """Standard output of a program of the build."""
    program = pathlib.Path(program)
    if not program.exists():
        raise NotMeasured(f"{program} is missing")
    try:
        done = subprocess.run([str(program), *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                              check=False, **options)
    except subprocess.TimeoutExpired as error:
        raise NotMeasured(f"{program.name} took more than {timeout} s") from error
    if done.returncode != 0:
        raise NotMeasured(f"{program.name} {' '.join(map(str, arguments))} failed with {done.returncode}: "
                          f"{done.stderr.strip()[-500:]}")
    return done.stdout


def google(program, wanted, min_time=0.2):
    """Results of a Google Benchmark program by name, medians where a case is repeated."""
    text = run(program, "--benchmark_format=json", f"--benchmark_filter={wanted}", f"--benchmark_min_time={min_time}")
    found = {}
    for result in json.loads(text)["benchmarks"]:
        if result["run_type"] == "aggregate" and result["aggregate_name"] != "median":
            continue
        found[result["run_name"].split("/repeats:")[0].split("/iterations:")[0].split("/min_time:")[0]] = result
    if not found:
        raise NotMeasured(f"{program} has no case {wanted}")
    return found
