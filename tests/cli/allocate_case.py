"""Files for `tenure allocate`, run through the real binary."""
import csv
import fractions
import itertools
import json
import os
import subprocess

from folder_case import FolderCase

TENURE = os.path.join(os.environ["TENURE_BINARY_DIR"], "bin", "tenure")
HEADER = "customer,segment,offer,cost,value\n"
BUDGETS = "currency: EUR\ntotal: 10\n"
# Two segments; offers of rising depth, one worth less than nothing.
VALUES = HEADER + """\
ann,loyal,mail,0.10,1.20
ann,loyal,ten,4,5.5
ann,loyal,twenty,7,6.1
ben,loyal,mail,0.10,0.40
ben,loyal,ten,4,4.2
cleo,new,mail,0.10,-0.30
cleo,new,ten,3,2.7
dan,new,ten,3,3.1
dan,new,twenty,6,4.8
"""


def run(*arguments):
    return subprocess.run([TENURE, "allocate", *map(str, arguments)], capture_output=True, text=True)


def rows_of(text):
    return [{**row, "cost": fractions.Fraction(row["cost"]), "value": fractions.Fraction(row["value"])}
            for row in csv.DictReader(text.splitlines())]


def best_of_all(rows, total, segments, side_limits=(), given=(), reserved=()):
    """The highest value of all plans, by trying each; `segments` has (floor, cap) by name, and
    `side_limits` (column, name, measure of a row, cap), `reserved` (campaign, its segment, floor).
    The rows of `given` use money already."""
    by_customer = {}
    for row in rows:
        by_customer.setdefault(row["customer"], [None]).append(row)
    best = fractions.Fraction(0)
    for plan in itertools.product(*by_customer.values()):
        chosen = [row for row in plan if row is not None]
        chosen += given
        spend = {name: sum(row["cost"] for row in chosen if row["segment"] == name) for name in segments}
        for campaign, segment, floor in reserved:
            spend[segment] += max(0, floor - sum(row["cost"] for row in chosen if row["campaign"] == campaign))
        fits = all(spend[name] <= cap for name, (_, cap) in segments.items() if cap is not None)
        fits = fits and sum(max(spend[name], floor) for name, (floor, _) in segments.items()) <= total
        fits = fits and all(sum(measure(row) for row in chosen if row[column] == name) <= cap
                            for column, name, measure, cap in side_limits)
        if fits:
            best = max(best, sum((row["value"] for row in plan if row is not None), fractions.Fraction(0)))
    return best


class AllocateCase(FolderCase):
    def files(self, values, budgets):
        return ["--values", self.path("values.csv", values), "--budgets", self.path("budgets.yaml", budgets)]

    def solve(self, values, budgets):
        """The one JSON document, and the chosen rows as written to --out."""
        out = self.path("chosen.csv")
        done = run(*self.files(values, budgets), "--out", out, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        document = json.loads(done.stdout)
        chosen = list(csv.DictReader(out.read_text().splitlines()))
        self.assertEqual(document["chosen"], len(chosen))
        rows = {(row["customer"], row["offer"]): row for row in rows_of(values)}
        return document, [rows[row["customer"], row["offer"]] for row in chosen]

    def refused(self, words, values=VALUES, budgets=BUDGETS, code=1):
        done = run(*self.files(values, budgets))
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        for word in words:
            self.assertIn(word, done.stderr)
