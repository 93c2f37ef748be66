"""Rows measured against a running tenured, over loopback."""
import contextlib
import csv
import json
import shutil
import statistics
import subprocess
import time

from daemon import Daemon, wait_for
from row import NotMeasured, Row, run

DECISION = 3  # journal::Kind::kDecision
EVENT = 1
ROUNDS = 7
SECONDS = 0.6  # a run of a round
CUSTOMERS = 100_000  # of the ingest and the restart
ROWS = 133_334


def sql(journal, text):
    shell = shutil.which("sqlite3")
    if shell is None:
        raise NotMeasured("sqlite3 is missing")
    return run(shell, journal, text).strip()


def shop(daemon, folder):
    """2,000 simulated customers imported, a model fitted, a plan made; their ids."""
    orders = folder / "orders.csv"
    run(daemon.build / "bin" / "tenure", "simulate", "--model", "mbg_nbd", "--params", "r=0.525,alpha=6.183,a=0.891,b=1.614",
        "--spend", "6.25,3.74,154.4", "--customers", 2_000, "--seed", 2018, "--weeks", 104, "--join-weeks", 104, "--start",
        "2016-01-05", "--margin-rate", 0.3, "--output", orders)
    daemon.tenure("import", "events", orders, "--customer", "customer_id", "--order", "order_id", "--date", "date", "--amount",
                  "amount", "--margin", "margin", "--consent", "email=granted", "--consent", "post=granted")
    daemon.tenure("models", "fit", "--request-id", "fit", "--holdout-days", 182)
    daemon.tenure("plan", "--budget", "lifecycle", "--request-id", "plan")
    with open(orders, encoding="utf-8", newline="") as file:
        ids = sorted({row["customer_id"] for row in csv.DictReader(file)})
    path = folder / "customers"
    path.write_text("".join(f"{customer}\n" for customer in ids))
    return path


@contextlib.contextmanager
def empty_handler(program, replies, folder):
    port = folder / "empty-port"
    process = subprocess.Popen([str(program), "empty", str(replies), str(port)], stdin=subprocess.PIPE)
    try:
        yield f"127.0.0.1:{wait_for(port, process, 'the empty server')}"
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def decide(build, folder):
    program = build / "bin" / "decide_bench"
    with Daemon(build, folder) as daemon:
        customers = shop(daemon, folder)
        replies = folder / "replies"
        run(program, "sample", daemon.address, customers, replies)
        sampled = int(sql(daemon.journal, f"SELECT count(*) FROM journal WHERE kind = {DECISION}"))
        with empty_handler(program, replies, folder) as empty:
            result = json.loads(run(program, "measure", daemon.address, empty, customers, ROUNDS, SECONDS))
        daemon.tenure("budget", "verify")
    recorded = int(sql(daemon.journal, f"SELECT count(*) FROM journal WHERE kind = {DECISION}"))
    same = recorded == sampled + result["replies"]
    rows = []
    for in_flight in ("1", "8", "64"):
        r = result[in_flight]
        aim = in_flight == "64"
        rows.append(Row(f"unary Decide, durable, {in_flight} in flight", f"{r['per_second']:,.0f}/s",
                        f"empty handler, {r['empty_per_second']:,.0f}/s", r["ratio"], "≥ 0.6, then 0.75" if aim else "",
                        r["ratio"] >= 0.6 if aim else None))
        rows.append(Row("  99th percentile", f"{r['p99_us'] / 1e3:.2f} ms", f"empty handler, {r['empty_p99_us'] / 1e3:.2f} ms",
                        r["p99_ratio"], "≤ 1.7" if aim else "", r["p99_ratio"] <= 1.7 if aim else None))
    rows.append(Row("  decisions in the journal", f"{recorded:,}", f"replies, {sampled + result['replies']:,}",
                    recorded / (sampled + result["replies"]), "equal", same))
    return rows


def write_purchases(path, first, count):
    with open(path, "w", encoding="utf-8") as file:
        file.write("customer,date,amount,category\n")
        for i in range(first, first + count):
            second = i % 86_400
            file.write(f"customer-{i % CUSTOMERS},2017-{i // CUSTOMERS + 1:02d}-{i % 28 + 1:02d}T{second // 3600:02d}:"
                       f"{second // 60 % 60:02d}:{second % 60:02d}Z,{i % 100 + 1}.00,shoes\n")


def send(daemon, path, source):
    """Seconds of an import: reading the file, sending, every event acknowledged."""
    began = time.monotonic()
    summary = daemon.tenure("import", "events", path, "--customer", "customer", "--date", "date", "--amount", "amount",
                            "--category", "category", "--source", source)
    seconds = time.monotonic() - began
    return seconds, int(summary["accepted"])


def insert_again(journal, after, folder):
    """Seconds of the sqlite3 shell for the same rows into the same table, in one transaction."""
    script, target = folder / "again.sql", folder / "again.sqlite"
    target.unlink(missing_ok=True)
    columns = sql(journal, "SELECT group_concat('quote(' || name || ')', '||'',''||') FROM pragma_table_info('journal')")
    schema = sql(journal, "SELECT sql FROM sqlite_schema WHERE name = 'journal'")
    rows = sql(journal, f"SELECT 'INSERT INTO journal VALUES(' || {columns} || ');' FROM journal WHERE seq > {after}")
    script.write_text(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;\n{schema};\nBEGIN;\n{rows}\nCOMMIT;\n")
    began = time.monotonic()
    with open(script, encoding="utf-8") as text:
        run(shutil.which("sqlite3"), target, stdin=text)
    seconds = time.monotonic() - began
    return seconds, int(sql(target, "SELECT count(*) FROM journal"))


def ingest_and_restart(build, folder):
    daemon = Daemon(build, folder)
    path = folder / "purchases.csv"
    ours, shell, ratios = [], [], []
    with daemon:
        write_purchases(path, 0, CUSTOMERS)
        send(daemon, path, "first")  # from here on every customer is known
        for r in range(3):
            write_purchases(path, CUSTOMERS + r * ROWS, ROWS)
            before = int(sql(daemon.journal, "SELECT max(seq) FROM journal"))
            seconds, accepted = send(daemon, path, f"round-{r}")
            if accepted != ROWS:
                raise NotMeasured(f"{accepted} of {ROWS} events were accepted")
            again, inserted = insert_again(daemon.journal, before, folder)
            ours.append(ROWS / seconds)
            shell.append(inserted / again)
            ratios.append(ours[-1] / shell[-1])
    rate, ratio = statistics.median(ours), statistics.median(ratios)
    rows = [Row("durable event ingest, `tenure import` over loopback", f"{rate:,.0f} events/s",
                f"sqlite3 shell, SQL text, {statistics.median(shell):,.0f} rows/s", ratio, "≥ 0.4 and ≥ 100,000/s",
                ratio >= 0.4 and rate >= 100_000)]
    return rows + restart(daemon)


def restart(daemon):
    """The data folder as a clean stop left it, in turn with and without its snapshot."""
    data = daemon.journal.parent
    events = int(sql(daemon.journal, f"SELECT count(*) FROM journal WHERE kind = {EVENT}"))
    snapshot, fold = [], []
    for _ in range(3):
        snapshot.append(daemon.start())
        daemon.stop()
        for path in data.glob("snapshot-*"):
            path.unlink() if path.is_file() else shutil.rmtree(path)
        fold.append(daemon.start())
        daemon.stop()
    measured, folded = statistics.median(snapshot), statistics.median(fold)
    return [Row(f"restart to SERVING, {CUSTOMERS:,} customers, {events:,} events (a tenth of the target's)",
                f"{measured:.2f} s from a snapshot", f"full fold of the journal, {folded:.2f} s", measured / folded,
                "≤ 0.5 s (5 s for ten times as many)", measured <= 0.5)]
