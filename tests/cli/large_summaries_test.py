"""Every command that reads a summary, on ten million rows that differ: within 2 GB each."""
import os
import random
import subprocess
import unittest

from folder_case import FolderCase

TENURE = os.path.join(os.environ["TENURE_BINARY_DIR"], "bin", "tenure")
ROWS = 10_000_000
KNOWN = ("--unit", "day", "--model", "mbg_nbd", "--params", "r=1,alpha=50,a=0.9,b=3,p=6,q=4,v=15")


def write(path, rows):
    """Customers of whom no two are observed for the same time."""
    dice = random.Random(5)
    parts = []
    for _ in range(100_000):
        frequency, end = dice.choice((0, 0, 0, 0, 1, 1, 2, 3, 4, 6, 9)), dice.uniform(40, 400)
        recency = dice.uniform(0.2, 1) * end if frequency else 0
        later = dice.choice((0, 0, 0, 1, 1, 2, 3)) if recency > 0.6 * end else dice.choice((0, 0, 0, 0, 1))
        parts.append((f"{frequency},{recency:.4f},", end, f",{dice.uniform(5, 90) if frequency else 0:.2f},{later},"
                      f"{later * dice.uniform(5, 90):.2f},{dice.choice(('north', 'south', 'west'))},{dice.randrange(2)}\n"))
    with open(path, "w") as file:
        file.write("id,frequency,recency,T,monetary_value,holdout_frequency,holdout_spend,place,channel\n")
        for begin in range(0, rows, len(parts)):
            more = begin * 1e-8
            file.write("".join(f"c{i:08},{head}{end + more:.4f}{tail}" for i, (head, end, tail) in enumerate(parts, begin)))


class LargeSummaries(FolderCase):
    def test_ten_million_rows_within_two_gigabytes(self):
        summary = self.path("summary.csv")
        write(summary, ROWS)
        for name, arguments, lines in COMMANDS:
            with self.subTest(command=name):
                shown = self.path("shown")
                with open(shown, "w") as out:
                    child = subprocess.Popen([TENURE, *arguments, str(summary)], stdout=out, stderr=subprocess.DEVNULL)
                    _, status, used = os.wait4(child.pid, 0)
                    child.returncode = os.waitstatus_to_exitcode(status)
                self.assertEqual(child.returncode, 0)
                self.assertLess(used.ru_maxrss, 2_000_000, "KB at the most")
                if lines is not None:
                    with open(shown) as file:
                        self.assertEqual(sum(1 for _ in file), lines)
        self.refused(summary, "more than 20,000,000 values", "recency", "T", "monetary_value", "channel", "holdout_spend")

    def test_covariates_that_nobody_shares_are_refused_above_a_million(self):
        summary = self.path("summary.csv")
        write(summary, 1_100_000)
        self.refused(summary, "more than 1,000,000 different sets", "T")

    def refused(self, summary, words, *covariates):
        arguments = [each for column in covariates for each in ("--covariates", column)]
        done = subprocess.run([TENURE, "fit", str(summary), "--model", "mbg_nbd", *arguments], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn(words, done.stderr)
        self.assertIn("sample", done.stderr)


# Name, arguments, and how many lines they print where each customer has one.
COMMANDS = [
    ("rfm", ("rfm",), ROWS + 1),
    ("dcf", ("value", "dcf", "--steps", "2", *KNOWN), None),
    ("score --totals --by", ("score", "--totals", "--by", "place", *KNOWN), None),
    ("churn", ("value", "churn", "--within", "4", *KNOWN), ROWS + 1),
    ("validate-model", ("validate-model", "--holdout-days", "30", "--model", "mbg_nbd"), None),
    ("fit --by", ("fit", "--by", "place", "--model", "mbg_nbd"), None),
    ("fit --covariates", ("fit", "--model", "mbg_nbd", "--covariates", "channel"), None),
]

if __name__ == "__main__":
    unittest.main()
