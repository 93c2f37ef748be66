"""RFM quintiles and value tiers of a file, through the real binary."""
import csv
import json
import os
import pathlib
import random
import subprocess
import unittest

from tenure_case import TENURE, TenureCase, run


def quintile_ends(values):
    """Nearest rank, written a second time: the value that ceil(k n / 5) values don't exceed."""
    ordered = sorted(values)
    return [ordered[-(-k * len(ordered) // 5) - 1] for k in range(1, 5)]


class Rfm(TenureCase):
    def shop(self, seed=3, customers=200):
        draw = random.Random(seed)
        lines = ["id,frequency,recency,T,monetary_value,clv"]
        for i in range(customers):
            frequency = draw.choice([0, 0, 0, 0, 1, 1, 2, 3, 8])
            recency = draw.randint(1, 30) if frequency else 0
            spend = draw.choice([10, 20.5, 33]) if frequency else 0
            lines.append(f"c{i},{frequency},{recency},{recency + draw.randint(0, 20)},{spend},{draw.randint(0, 40)}")
        return self.path(f"shop{seed}.csv", "\n".join(lines) + "\n")

    def test_one_customer_has_no_tier_from_null(self):
        done = run("rfm", self.path("one.csv", "frequency,recency,T,clv\n0,0,20,5\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("high from (nobody reaches it)", done.stderr)
        self.assertIn("monetary: no quintiles;", done.stderr)

    def test_scores_are_those_of_nearest_rank_and_ties_share_them(self):
        document = json.loads(self.ok("rfm", self.shop(), "--json"))
        rows = document["customers"]
        measures = {
            "rfm_frequency": ("frequency", [int(row["frequency"]) for row in rows]),
            "rfm_monetary": ("monetary", [float(row["monetary_value"]) or None for row in rows]),
            "rfm_recency": ("recency", [int(row["T"]) - int(row["recency"]) for row in rows])}
        for column, (name, values) in measures.items():
            ends = quintile_ends([value for value in values if value is not None])
            self.assertEqual(document["report"][name]["quintile_ends"], ends)
            for row, value in zip(rows, values):
                below = None if value is None else 1 + sum(value > end for end in ends)
                want = 6 - below if name == "recency" else below
                self.assertEqual(row[column], want)
        counts = document["report"]["monetary"]
        self.assertEqual(sum(counts["customers_scored_1_to_5"]) + counts["without_a_score"], 200)

    def test_tiers_hold_their_shares_and_ties_go_up(self):
        document = json.loads(self.ok("rfm", self.shop(), "--json", "--high-share", 0.1, "--medium-share", 0.4))
        tiers, rows = document["report"]["tiers"], document["customers"]
        values = sorted((float(row["clv"]) for row in rows), reverse=True)
        self.assertEqual((tiers["high_from"], tiers["medium_from"]), (values[19], values[99]))
        for row in rows:
            value = float(row["clv"])
            want = "high" if value >= values[19] else "medium" if value >= values[99] else "low"
            self.assertEqual(row["tier"], want)
        self.assertGreaterEqual(tiers["high"], 20)

    def test_order_of_rows_does_not_matter(self):
        shop = self.shop()
        head, *lines = shop.read_text().splitlines()
        turned = self.path("turned.csv", "\n".join([head] + lines[::-1]) + "\n")
        self.assertEqual(self.ok("rfm", shop).splitlines()[1:], self.ok("rfm", turned).splitlines()[:0:-1])

    def test_without_values_there_are_no_tiers_and_the_report_says_so(self):
        plain = self.path("plain.csv", "frequency,recency,T,total\n0,0,9,12\n2,5,9,40\n")
        row = next(csv.DictReader(self.ok("rfm", plain).splitlines()))
        self.assertEqual((row["rfm_monetary"], row["tier"]), ("", ""))
        self.assertIsNone(json.loads(self.ok("rfm", plain, "--json"))["report"]["tiers"])
        one, two = csv.DictReader(self.ok("rfm", plain, "--monetary", "total", "--value", "total", "--high-share", 0.5,
                                          "--medium-share", 0).splitlines())
        self.assertEqual((one["rfm_monetary"], one["tier"], two["tier"]), ("1", "low", "high"))

    def test_cut_points_are_told_as_the_documentation_shows_them(self):
        source = pathlib.Path(os.environ["TENURE_SOURCE_DIR"])
        told = run("rfm", source / "docs/examples/valued.csv").stderr
        self.assertIn(f"```\n{told}```", (source / "docs/clv.md").read_text())

    def test_standard_input_is_read_as_a_file_is(self):
        shop = self.shop()
        for json_too in ((), ("--json",)):
            wanted = self.ok("rfm", shop, *json_too)
            through_pipe = subprocess.run([TENURE, "rfm", "-", *json_too], input=shop.read_text(), capture_output=True, text=True)
            self.assertEqual((through_pipe.returncode, through_pipe.stdout), (0, wanted), through_pipe.stderr)
            with open(shop) as file:
                redirected = subprocess.run([TENURE, "rfm", "-", *json_too], stdin=file, capture_output=True, text=True)
            self.assertEqual((redirected.returncode, redirected.stdout), (0, wanted), redirected.stderr)

    def test_no_place_for_a_copy_is_told_with_the_folder(self):
        done = subprocess.run([TENURE, "rfm", "-"], input="frequency,recency,T\n1,2,3\n", capture_output=True, text=True,
                              env={**os.environ, "TMPDIR": str(self.folder / "nowhere")})
        self.assertEqual(done.returncode, 1)
        self.assertIn("TMPDIR", done.stderr)
        self.assertIn("nowhere", done.stderr)

    def test_what_waits_in_a_file_is_the_same_document(self):
        """More than 16 MiB of JSON, which standard output gets at once."""
        shop = self.shop(customers=60_000)
        document = json.loads(self.ok("rfm", shop, "--json"))
        self.assertEqual(len(document["customers"]), 60_000)
        self.assertEqual(document["customers"][-1]["id"], "c59999")
        broken = self.path("broken.csv", shop.read_text().replace("clv", "worth", 1) + "c,1,2,nan,3,4\n")
        done = run("score", broken, "--json", "--unit", "day", "--model", "nbd", "--params", "r=1,alpha=5,p=6,q=4,v=15")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(list(json.loads(done.stdout)), ["error"])
        self.assertIn("line 60002 column `T`", done.stderr)

    def test_what_is_wrong_is_refused_by_line_and_column(self):
        head = "frequency,recency,T,clv\n1,2,3,4\n"
        for row, words in (("1,2,3,", ["line 3", "`clv`"]), ("1,2,3,nan", ["line 3", "`clv`"]),
                           ("1,2,3,-1", ["line 3", "below 0"]), ("1,4,3,1", ["line 3", "`recency`"])):
            self.refused(1, words, "rfm", self.path("bad.csv", f"{head}{row}\n"))
        self.refused(1, ["no rows"], "rfm", self.path("empty.csv", "frequency,recency,T\n"))
        self.refused(1, ["no column `total`"], "rfm", self.path("s.csv", head), "--monetary", "total")
        self.refused(2, ["1 together"], "rfm", self.path("s.csv", head), "--high-share", 0.7, "--medium-share", 0.4)


if __name__ == "__main__":
    unittest.main()
