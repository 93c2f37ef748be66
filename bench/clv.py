"""The value models on a million customers beside a plain reference in numpy and scipy, where there is one."""
import json
import pathlib
import subprocess

from row import NotMeasured, Row, google, run

CUSTOMERS = 200_000
REFERENCE_TARGET = "a plain program in numpy and scipy"


def summary(build, folder):
    """Whole days, as shops have them: BG/NBD at CDNOW's parameters."""
    orders, path = folder / "orders.csv", folder / "summary.csv"
    run(build / "bin" / "tenure", "simulate", "--model", "bg_nbd", "--params", "r=0.2426,alpha=4.4136,a=0.7929,b=2.4259",
        "--weeks", 39, "--join-weeks", 12, "--customers", CUSTOMERS, "--seed", 1, "--output", orders)
    run(build / "bin" / "tenure", "summarize", orders, "--customer", "customer_id", "--date", "date", "--output", path)
    return path


def python_with_scipy():
    for python in ("python3", "/usr/bin/python3"):
        try:
            if subprocess.run([python, "-c", "import numpy, scipy, pandas"], capture_output=True, check=False).returncode == 0:
                return python
        except FileNotFoundError:
            pass
    raise NotMeasured("no Python with numpy, scipy and pandas; install python3-scipy and python3-pandas to compare")


def reference(build, folder):
    path = summary(build, folder)
    fitted = json.loads(run(build / "bin" / "tenure", "--json", "fit", "--model", "bg_nbd", path))
    here = pathlib.Path(__file__).resolve().parent
    python = python_with_scipy()
    done = subprocess.run([python, here / "clv_reference.py", path], capture_output=True, text=True, check=False, timeout=300)
    if done.returncode != 0:
        raise NotMeasured(f"the reference failed: {done.stderr.strip()[-300:]}")
    theirs = json.loads(done.stdout)
    if abs(theirs["log_likelihood"] - fitted["log_likelihood"]) > 0.05 * abs(theirs["rows"]) ** 0.5:
        raise NotMeasured(f"the two disagree: {theirs['log_likelihood']} and {fitted['log_likelihood']}")
    scores = google(build / "bin" / "clv_bench", "BM_Score/bg_nbd", 0.2)["BM_Score/bg_nbd"]
    a_row = 1 / scores["items_per_second"]
    theirs_a_row = theirs["score_seconds"] / theirs["rows"]
    return [Row(f"BG/NBD fit, {CUSTOMERS:,} whole-day rows, reading not counted", f"{fitted['seconds']:.3f} s",
                f"{REFERENCE_TARGET}, {theirs['fit_seconds']:.2f} s", fitted["seconds"] / theirs["fit_seconds"]),
            Row("  P(alive), purchases, spend and value a row", f"{a_row * 1e9:.0f} ns CPU",
                f"the same, {theirs_a_row * 1e9:.0f} ns", a_row / theirs_a_row)]


def score(build, _folder):
    found = google(build / "bin" / "clv_bench", "BM_Score", 0.2)
    rows = []
    for name, result in sorted(found.items()):
        million = 1e6 / result["items_per_second"]
        rows.append(Row(f"score a million rows, {name.split('/')[1]}", f"{million:.3f} s CPU",
                        f"one logarithm and one exponential a row, {result['plain'] * 1e6:.3f} s",
                        million / (result["plain"] * 1e6), "≤ 0.3 s", million <= 0.3))
    return rows


# What is asked of a million customers, the seconds that it may take, and what for.
ASKED = {"holdout": ("expected purchases of a holdout", 1), "churn": ("P(alive) half a year on", 1),
         "stream": ("cash flows of 12 steps, both intervals", 20)}


def asked(build, _folder):
    found = google(build / "bin" / "clv_bench", "BM_Asked|BM_Score", 0.2)
    seconds = {name: 1e6 / result["items_per_second"] for name, result in found.items()}
    rows = []
    for what, (text, target) in ASKED.items():
        for model in ("bg_nbd", "mbg_nbd"):
            million, scored = seconds[f"BM_Asked/{what}_{model}"], seconds[f"BM_Score/{model}"]
            rows.append(Row(f"{text}, a million rows, {model}", f"{million:.3f} s CPU", f"their scores, {scored:.3f} s",
                            million / scored, f"≤ {target} s", million <= target))
    return rows
