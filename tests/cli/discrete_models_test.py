"""fit of occasions and of contracts, and the value formulas, through the real binary."""
import csv
import json
import os
import pathlib
import subprocess
import unittest

from folder_case import FolderCase

TENURE = os.path.join(os.environ["TENURE_BINARY_DIR"], "bin", "tenure")
SHARED = pathlib.Path(
    os.environ.get("TENURE_SHARED_DIR", os.path.join(os.environ["TENURE_SOURCE_DIR"], "..", "shared"))
) / "data"
BG_BB = ["--model", "bg_bb", "--params", "alpha=1.204,beta=0.75,gamma=0.657,delta=2.783", "--unit", "year"]
MBG = ["--model", "mbg_nbd", "--params", "r=0.5,alpha=6,a=0.9,b=1.6", "--unit", "week"]


class DiscreteModels(FolderCase):
    def run_tenure(self, *arguments):
        return subprocess.run([TENURE, *map(str, arguments)], capture_output=True, text=True)

    def ok(self, *arguments):
        done = self.run_tenure(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.ok(*arguments, "--json"))

    def refused(self, words, *arguments, code=1):
        done = self.run_tenure(*arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_donations_match_published(self):
        if not SHARED.exists():
            self.skipTest("the shared data folder is absent: set TENURE_SHARED_DIR")
        for more in ([], ["--weights", "weights"]):
            fit = self.json("fit", "--model", "bg_bb", SHARED / "donations/donations.csv", *more)
            self.assertEqual(list(fit["params"]), ["alpha", "beta", "gamma", "delta"])
            self.assertAlmostEqual(fit["log_likelihood"], -33225.58127, 3)
            self.assertAlmostEqual(fit["params"]["alpha"], 1.203522, 3)
            self.assertEqual(fit["verdict"], "CONVERGED")

    def test_cohorts_match_published(self):
        if not SHARED.exists():
            self.skipTest("the shared data folder is absent: set TENURE_SHARED_DIR")
        with open(SHARED / "sbg/survivors.csv") as file:
            rows = [row for row in csv.DictReader(file) if int(row["period"]) <= 7]
        lines = ["cohort,period,survivors"] + [",".join(row.values()) for row in reversed(rows)]
        both = self.json("fit", "--model", "sbg", self.path("both.csv", "\n".join(lines) + "\n"))
        self.assertEqual([c["cohort"] for c in both["cohorts"]], ["highend", "regular"])
        self.assertEqual(both["rows"], 2000)
        one = self.json("fit", "--model", "sbg", self.path(
            "one.csv", "\n".join(line for line in lines if "highend" not in line) + "\n"))
        for fit in (one, both["cohorts"][1]):
            self.assertAlmostEqual(fit["log_likelihood"], -1680.265188, 5)
            self.assertAlmostEqual(fit["params"]["beta"], 1.182043, 5)
            self.assertEqual(fit["rows"], 1000)
            ahead = [row["survivors_expected"] for row in fit["forecast"] if row["period"] >= 8]
            for expected, given in zip([220.08, 204.41, 191.19, 179.86, 170.04], ahead):
                self.assertAlmostEqual(expected, given, 2)
        weibull = self.json("fit", "--model", "bdw", self.path("b.csv", "\n".join(lines) + "\n"))
        self.assertEqual(list(weibull["cohorts"][0]["params"]), ["alpha", "beta", "c"])

    def test_cohorts_that_cannot_be_are_refused_by_line_and_column(self):
        header = "cohort,period,survivors\n"
        for rows, words in [
                ("", ["no rows"]),
                ("a,0,10\n", ["line 2", "`survivors`", "at least"]),
                ("a,0,10\na,1,8\na,2,9\n", ["line 4", "`survivors`", "rise from 8", "to 9"]),
                ("a,0,10\na,2,8\na,3,7\n", ["line 3", "`period`", "no period 1"]),
                ("a,0,10\na,1,8\na,1,7\n", ["line 4", "`period`", "there twice"]),
                ("a,0,10\na,1,-8\na,2,7\n", ["line 3", "`survivors`", "below 0"]),
                ("a,0,10\na,1,x\na,2,7\n", ["line 3", "`survivors`", "`x` is not a number"]),
                ("a,0,10\na,1,\na,2,7\n", ["line 3", "`survivors`"]),
                ("a,0,10\na,1.5,8\na,2,7\n", ["line 3", "`period`", "not a whole number"]),
                ("a,0,10\na,1,10\na,2,10\n", ["line 4", "nobody was lost"]),
                ("a,0,10\na,1,0\na,2,0\n", ["line 4", "nobody renewed"])]:
            self.refused(words, "fit", "--model", "sbg", self.path("c.csv", header + rows))
        self.refused(["no column `survivors`"], "fit", "--model", "bdw", self.path("c.csv", "cohort,period\na,0\n"))
        self.refused(["line 2", "`censored`"], "fit", "--model", "sbg", self.path(
            "c.csv", "cohort,period,survivors,censored\na,0,10,11\na,1,9,0\na,2,8,0\n"))
        self.refused(["--save"], "fit", "--model", "sbg", self.path("c.csv", header), "--save", self.path("m.json"),
                     code=2)

    def test_occasions_that_cannot_be_are_refused_by_line_and_column(self):
        header = "frequency,recency,periods\n1,2,6\n"
        for row, words in [("2,3.5,6", ["line 3", "`recency`", "whole"]),
                           ("2,3,6.5", ["line 3", "`periods`", "whole"]),
                           ("4,3,6", ["line 3", "`frequency`", "an occasion has one"])]:
            self.refused(words, "fit", "--model", "bg_bb", self.path("o.csv", header + row + "\n"))

    def test_occasions_fit_save_and_score(self):
        counts = {(0, 0): 3464, (1, 1): 1091, (1, 4): 78, (2, 2): 613, (2, 6): 234, (4, 6): 512, (6, 6): 1203}
        lines = [f"{x},{last},6" for (x, last), n in counts.items() for _ in range(n // 10)]
        summary, model = self.path("s.csv", "frequency,recency,T\n" + "\n".join(lines) + "\n"), self.path("m.json")
        fit = self.json("fit", "--model", "bg_bb", summary, "--unit", "year", "--save", model, "--horizon", 1827)
        self.assertEqual(fit["chosen"], "bg_bb", fit["why"])
        scores = self.json("score", model, summary)
        self.assertEqual(len(scores), len(lines))
        self.assertGreater(scores[-1]["clv"], scores[0]["clv"])
        self.assertTrue(0 < scores[-1]["clv_mean_low"] < scores[-1]["clv"] < scores[-1]["clv_mean_high"])
        churn = self.json("value", "churn", model, summary, "--within", 1)
        self.assertAlmostEqual(churn[0]["p_alive"], scores[0]["p_alive"], 12)

    def test_value_formulas_agree(self):
        summary = self.path("s.csv", "customer,frequency,recency,T\na,2,30,39\nb,0,0,39\n")
        stream = self.json("value", "revenue", summary, *MBG, "--step", 4, "--steps", 13)
        rows = self.json("score", summary, *MBG, "--horizon", 364)
        expected = sum(row["expected_purchases"] for row in rows)
        self.assertAlmostEqual(stream["revenue"] / expected, 1, 6)
        self.assertAlmostEqual(sum(step["flow"] for step in stream["stream"]), stream["revenue"], 9)
        dcf = self.json("value", "dcf", summary, *MBG, "--step", 4, "--steps", 13, "--rate", 0.01)
        self.assertLess(dcf["discounted_cash_flow"], stream["revenue"])
        each = self.json("value", "dcf", summary, *MBG, "--step", 4, "--steps", 13, "--rate", 0.01, "--each")
        self.assertAlmostEqual(sum(row["dcf"] for row in each), dcf["discounted_cash_flow"], 9)
        equity = self.json("value", "equity", summary, *MBG, "--step", 4, "--steps", 13, "--rate", 0.01,
                           "--new-customers", 3, "--acquisition-cost", 0.5)
        self.assertAlmostEqual(equity["present_customers"], dcf["discounted_cash_flow"], 9)
        self.assertAlmostEqual(equity["customer_equity"], equity["present_customers"] + equity["future_customers"], 9)
        # A unit is a unit: 273 days are 39 weeks.
        days = self.path("d.csv", "customer,frequency,recency,T\na,2,210,273\nb,0,0,273\n")
        model = self.path("m.json")
        weeks = self.json("value", "churn", summary, *MBG, "--within", 26)
        orders = self.path("o.csv")
        self.ok("simulate", "--model", "mbg_nbd", "--params", "r=0.8,alpha=6,a=0.9,b=3", "--customers", 1500,
                "--seed", 5, "--output", orders)
        self.ok("summarize", orders, "--customer", "customer_id", "--date", "date", "--unit", "week",
                "--output", self.path("w.csv"))
        self.ok("fit", self.path("w.csv"), "--unit", "week", "--save", model)
        self.assertEqual([c["churn_probability"] for c in self.json("value", "churn", model, summary, "--within", 26)],
                         [c["churn_probability"] for c in
                          self.json("value", "churn", model, days, "--unit", "day", "--within", 182)])
        self.assertEqual(len(weeks), 2)

    def test_value_refusals(self):
        summary = self.path("s.csv", "customer,frequency,recency,T\na,2,30,39\n")
        empty = self.path("e.csv", "customer,frequency,recency,T\n")
        self.refused(["no rows"], "value", "dcf", empty, *MBG)
        self.refused(["--params"], "value", "dcf", summary, "--unit", "week", "--model", "mbg_nbd", "--params", "r=1")
        self.refused(["MODEL.json"], "value", "churn", summary, "--within", 4, code=2)
        self.refused(["--within"], "value", "churn", summary, *MBG, code=2)
        self.refused(["--average-purchase"], "value", "historical", "--lifespan", 3, code=2)
        self.refused(["monetary_value"], "value", "historical", summary, "--lifespan", 3)
        self.refused(["--steps"], "value", "dcf", summary, *MBG, "--steps", 0, code=2)
        self.refused(["line 2", "`T`"], "value", "dcf", self.path("n.csv", "frequency,recency,T\n1,2,nan\n"), *MBG)

    def test_next_purchase_of_donors(self):
        donors = self.path("d.csv", "customer,frequency,recency,periods\na,0,0,6\nc,6,6,6\n")
        rows = self.json("value", "next-purchase", donors, *BG_BB, "--within", 5)
        self.assertEqual(rows[1]["median_time_if_alive"], 1)
        self.assertIsNone(rows[0]["median_time_if_alive"])
        self.assertLess(rows[0]["p_purchase"], rows[1]["p_purchase"])


if __name__ == "__main__":
    unittest.main()
