"""tenure summarize, fit and score of ten million rows: right, and within 2 GB."""
import csv
import json
import os
import random
import resource
import subprocess
import unittest

from folder_case import FolderCase

TENURE = os.path.join(os.environ["TENURE_BINARY_DIR"], "bin", "tenure")
COPIES = 10


class SummarizeLarge(FolderCase):
    def summarize(self, orders, output):
        done = subprocess.run([TENURE, "summarize", orders, "--customer", "c", "--date", "d", "--amount", "m", "--output",
                               output], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def assert_within_two_gigabytes(self):
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertLess(peak, 2_000_000, "KB at the most")

    def test_ten_copies_of_a_million_rows(self):
        dice = random.Random(1)
        days = [f"{2016 + month // 12}-{month % 12 + 1:02}-{day:02}" for month in range(24) for day in range(1, 29)]
        rows = "".join(f"customer-{dice.randrange(150_000)},{dice.choice(days)},{dice.randrange(1, 200)}\n"
                       for _ in range(1_000_000))
        once, often = self.path("once.csv", "c,d,m\n" + rows), self.path("often.csv")
        with open(often, "w") as file:
            file.write("c,d,m\n")
            for _ in range(COPIES):
                file.write(rows)
        self.summarize(once, self.path("s1.csv"))
        self.summarize(often, self.path("s2.csv"))
        with open(self.path("s1.csv")) as first, open(self.path("s2.csv")) as second:
            for one, other in zip(csv.DictReader(first), csv.DictReader(second), strict=True):
                self.assertEqual([one[k] for k in ("customer", "frequency", "recency", "T", "log_intervals")],
                                 [other[k] for k in ("customer", "frequency", "recency", "T", "log_intervals")])
                self.assertAlmostEqual(float(one["monetary_value"]) * COPIES, float(other["monetary_value"]), 6)
        self.assert_within_two_gigabytes()

    def test_ten_million_customers(self):
        orders, output = self.path("orders.csv"), self.path("s.csv")
        with open(orders, "w") as file:
            file.write("c,d,m\n")
            for begin in range(0, 10_000_000, 100_000):
                file.write("".join(f"customer-{i:09},2018-01-{i % 28 + 1:02},12.5\n" for i in range(begin, begin + 100_000)))
        self.summarize(orders, output)
        with open(output) as file:
            self.assertEqual(sum(1 for _ in file), 10_000_001)
        self.assert_within_two_gigabytes()

    def test_fit_and_score_of_ten_million_customers(self):
        dice = random.Random(2)
        rows = []
        for i in range(10_000):
            frequency, end = dice.randrange(0, 9), dice.uniform(10, 80)
            recency = dice.uniform(0, end) if frequency else 0
            rows.append(f"{frequency},{recency:.4f},{end:.4f},{dice.uniform(5, 90) if frequency else 0:.2f}\n")
        few, many, scored = self.path("few.csv"), self.path("many.csv"), self.path("scored.csv")
        head, part = "frequency,recency,T,monetary_value\n", "".join(rows)
        with open(few, "w") as file:
            file.write(head + part)
        with open(many, "w") as file:
            file.write(head)
            for _ in range(1_000):
                file.write(part)
        fits = []
        for summary in (few, many):
            done = subprocess.run([TENURE, "fit", summary, "--model", "bg_nbd", "--json"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            fits.append(json.loads(done.stdout))
        for name, value in fits[0]["params"].items():
            self.assertAlmostEqual(fits[1]["params"][name] / value, 1, 5, name)
        self.assertEqual(fits[1]["rows"], 10_000_000)
        done = subprocess.run([TENURE, "score", many, "--unit", "day", "--model", "bg_nbd", "--params", "r=1,alpha=5,a=0.9,b=3,p=6,q=4,v=15",
                               "--output", scored], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(scored) as file:
            self.assertEqual(sum(1 for _ in file), 10_000_001)
        self.assert_within_two_gigabytes()


if __name__ == "__main__":
    unittest.main()
