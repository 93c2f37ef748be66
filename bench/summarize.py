"""A million lines of transactions to a summary, reading included, on one core."""
import os
import random
import resource
import statistics
import subprocess
import sys

from row import NotMeasured, Row, run

LINES = 1_000_000
CUSTOMERS = 200_000
RUNS = 5
# What a data scientist would write; the file is read as pandas does by default.
PANDAS = """
import sys, time
import pandas as pd
start = time.process_time()
rows = pd.read_csv(sys.argv[1], parse_dates=["date"])
days = rows.groupby(["customer_id", "date"], sort=False)["amount"].sum().reset_index()
first = days.groupby("customer_id")["date"].transform("min")
repeats = days[days["date"] > first].groupby("customer_id").agg(
    frequency=("date", "size"), last=("date", "max"), monetary_value=("amount", "mean"))
table = days.groupby("customer_id")["date"].min().to_frame("first").join(repeats)
table["frequency"] = table["frequency"].fillna(0)
table["recency"] = (table["last"] - table["first"]).dt.days.fillna(0)
table["T"] = (rows["date"].max() - table["first"]).dt.days
table.drop(columns=["first", "last"]).to_csv(sys.argv[2])
print(time.process_time() - start)
"""


def transactions(path):
    dice = random.Random(1)
    days = [f"{2016 + month // 12}-{month % 12 + 1:02}-{day:02}" for month in range(24) for day in range(1, 29)]
    with open(path, "w") as file:
        file.write("customer_id,date,amount\n")
        for _ in range(LINES):
            file.write(f"C{int(dice.random() ** 2 * CUSTOMERS):07},{dice.choice(days)},{dice.randrange(100, 20000) / 100}\n")


def cpu_seconds(*command):
    """Median CPU time of a command held to one core."""
    core = min(os.sched_getaffinity(0))
    figures = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False,
                              preexec_fn=lambda: os.sched_setaffinity(0, {core}))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            raise NotMeasured(f"{command[0]} failed: {done.stderr.strip()[-500:]}")
        figures.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(figures)


def summarize(build, folder):
    path, output = folder / "orders.csv", folder / "summary.csv"
    transactions(path)
    ours = cpu_seconds(build / "bin" / "tenure", "summarize", path, "--customer", "customer_id", "--date", "date",
                       "--amount", "amount", "--output", output)
    count = cpu_seconds("wc", "-w", path)
    rows = [Row("summarize, CSV of 1,000,000 lines, reading included", f"{ours:.2f} s CPU", f"wc -w of the file, {count:.2f} s",
                ours / count, "≤ 0.35 s", ours <= 0.35)]
    try:
        theirs = float(run(sys.executable, "-c", PANDAS, path, folder / "theirs.csv"))
        rows.append(Row("  against the same in pandas", f"{ours:.2f} s CPU", f"read_csv and groupby, {theirs:.2f} s", ours / theirs))
    except NotMeasured as why:
        if "No module named" not in str(why):
            raise
    return rows
