"""summarize, fit, score and simulate through the real binary."""
import csv
import json
import os
import pathlib
import re
import unittest

from tenure_case import TenureCase

SHARED = pathlib.Path(
    os.environ.get("TENURE_SHARED_DIR", os.path.join(os.environ["TENURE_SOURCE_DIR"], "..", "shared"))
) / "data" / "cdnow"


class ValueCommands(TenureCase):
    def simulate(self, *more):
        orders = self.path("orders.csv")
        self.ok("simulate", "--model", "mbg_nbd", "--params", "r=0.8,alpha=6,a=0.9,b=3", "--spend",
                "6.25,3.74,15.44", "--customers", 1500, "--seed", 5, "--output", orders, *more)
        return orders

    def test_numbers_that_make_no_sense_are_refused_before_anything_is_written(self):
        orders = self.path("orders.csv")
        simulate = ["simulate", "--model", "nbd", "--params", "r=1,alpha=6", "--output", orders]
        for option, value in [("--customers", "-3"), ("--customers", "0"), ("--customers", "1e3"),
                              ("--customers", "18446744073709551615"), ("--seed", "-1"), ("--weeks", "nan"),
                              ("--weeks", "-1"), ("--join-weeks", "nan"), ("--margin-rate", "nan"),
                              ("--margin-rate", "-1")]:
            rest = [] if option == "--customers" else ["--customers", 10]
            self.refused(2, [option, f"`{value}` is not a"], *simulate, *rest, option, value)
            self.assertEqual(list(self.folder.iterdir()), [])
        summary = self.path("s.csv", "frequency,recency,T\n1,2,3\n")
        for option, value in [("--horizon", "-1"), ("--horizon", "nan"), ("--discount", "-0.1"),
                              ("--discount", "inf"), ("--window", "0"), ("--margin-rate", "nan"),
                              ("--holdout-days", "-7")]:
            self.refused(2, [option, f"`{value}` is not a"], "fit", summary, option, value)
        for option, value in [("--horizon", "nan"), ("--discount", "nan"), ("--margin-rate", "-1")]:
            self.refused(2, [option, f"`{value}` is not a"], "score", summary, "--unit", "day", "--model", "nbd", "--params",
                         "r=1,alpha=6", option, value)
        self.refused(2, ["--seconds", "`nan` is not a"], "allocate", "--values", summary, "--budgets", summary,
                     "--seconds", "nan")
        self.refused(2, ["--holdout-days", "`-7` is not a"], "models", "fit", "--holdout-days", "-7")

    def test_cdnow_end_to_end(self):
        if not SHARED.exists():
            self.skipTest("the shared data folder is absent: set TENURE_SHARED_DIR")
        summary = self.path("s.csv")
        self.ok("summarize", SHARED / "transactions.csv", "--customer", "sample_id", "--date", "date",
                "--amount", "dollar_value", "--unit", "week", "--observation-end", "1997-09-30",
                "--holdout", "1998-06-30", "--output", summary)
        with open(SHARED / "summary.csv") as wanted, open(summary) as given:
            wanted = {row["customer"]: row for row in csv.DictReader(wanted)}
            given = {row["customer"]: row for row in csv.DictReader(given)}
        self.assertEqual(wanted.keys(), given.keys())
        for customer, row in wanted.items():
            for column in ("frequency", "recency", "T", "monetary_value", "holdout_frequency"):
                self.assertAlmostEqual(float(row[column]), float(given[customer][column]), 5)
        fit = json.loads(self.ok("fit", summary, "--model", "bg_nbd", "--json"))
        self.assertEqual(list(fit["params"]), ["r", "alpha", "a", "b"])
        self.assertAlmostEqual(fit["log_likelihood"], -9582.42921, 3)
        self.assertEqual((fit["verdict"], fit["rows"]), ("CONVERGED", 2357))
        self.assertAlmostEqual(fit["standard_errors"]["b"], 0.705407, 3)
        spend = json.loads(self.ok("fit", summary, "--model", "gamma_gamma", "--json"))
        self.assertAlmostEqual(spend["log_likelihood"], -4055.91769, 3)
        out = self.ok("score", "--model", "bg_nbd", "--params", "r=.242595,alpha=4.413602,a=.79292,"
                      "b=2.425888", "--unit", "week", "--horizon", 273, summary)
        rows = list(csv.DictReader(out.splitlines()))
        self.assertAlmostEqual(sum(float(r["expected_purchases"]) for r in rows), 1653.408, 1)
        self.assertAlmostEqual(sum(float(r["p_alive"]) for r in rows), 1917.278, 1)

    def test_fit_save_score_round_trip(self):
        summary, model = self.path("s.csv"), self.path("m.json")
        self.ok("summarize", self.simulate(), "--customer", "customer_id", "--date", "date",
                "--amount", "amount", "--output", summary)
        fit = json.loads(self.ok("fit", summary, "--save", model, "--margin-rate", "0.3", "--json"))
        self.assertEqual(fit["chosen"], "mbg_nbd", fit["why"])
        self.assertEqual([m["model"] for m in fit["models"]], ["nbd", "bg_nbd", "mbg_nbd", "pareto_nbd"])
        rows = list(csv.DictReader(self.ok("score", model, summary).splitlines()))
        self.assertEqual(len(rows), 1500)
        for row in rows:
            low, clv, high = (float(row[c]) for c in ("clv_mean_low", "clv", "clv_mean_high"))
            self.assertTrue(0 <= low <= clv <= high)
        longer = list(csv.DictReader(
            self.ok("score", model, summary, "--horizon", 728, "--discount", 0).splitlines()))
        self.assertGreater(float(longer[0]["clv"]), float(rows[0]["clv"]))

    ENDS = ("mean_low", "mean_high", "predictive_low", "predictive_high")

    def ordered(self, figures, name):
        value = float(figures[name])
        mean_low, mean_high, low, high = (float(figures[f"{name}_{end}"]) for end in self.ENDS)
        self.assertLess(mean_low, value)
        self.assertGreater(mean_high, value)
        self.assertLess(low, value)
        self.assertGreater(high, value)

    def test_value_formulas_carry_both_intervals_basis_and_model(self):
        summary, model = self.path("s.csv"), self.path("m.json")
        self.ok("summarize", self.simulate(), "--customer", "customer_id", "--date", "date", "--amount", "amount",
                "--unit", "week", "--output", summary)
        self.ok("fit", summary, "--unit", "week", "--model", "mbg_nbd", "--save", model)
        version = list(csv.DictReader(self.ok("score", model, summary).splitlines()))[0]["model"]
        for name, figure in (("revenue", "revenue"), ("dcf", "discounted_cash_flow")):
            total = json.loads(self.ok("value", name, model, summary, "--step", "4.345", "--margin-rate", "0.3", "--json"))
            self.ordered(total, figure)
            self.assertEqual((total["basis"], total["model"]), ("margin", f"mbg_nbd {version}"))
            rows = list(csv.DictReader(self.ok("value", name, model, summary, "--step", "4.345", "--each").splitlines()))
            self.assertEqual({(row["basis"], row["model"]) for row in rows}, {("revenue", version)})
            best = max(rows, key=lambda row: float(row[name]))
            self.ordered(best, name)
            self.assertAlmostEqual(sum(float(row[name]) for row in rows) * 0.3 / total[figure], 1, 6)
        equity = json.loads(self.ok("value", "equity", model, summary, "--step", "4.345", "--new-customers", "10",
                                    "--acquisition-cost", "5", "--json"))
        for name in ("present_customers", "new_customer_value", "future_customers", "customer_equity"):
            self.ordered(equity, name)
        self.assertEqual((equity["basis"], equity["model"]), ("revenue", f"mbg_nbd {version}"))
        churn = list(csv.DictReader(self.ok("value", "churn", model, summary, "--within", "26").splitlines()))
        self.assertEqual(churn[0]["model"], version)
        self.assertNotIn("basis", churn[0])

    def test_historical_clv_has_the_interval_that_it_can_have(self):
        summary = self.path("s.csv")
        self.ok("summarize", self.simulate(), "--customer", "customer_id", "--date", "date", "--amount", "amount",
                "--unit", "week", "--output", summary)
        value = json.loads(self.ok("value", "historical", summary, "--lifespan", "52", "--json"))
        self.assertLess(value["historical_clv_mean_low"], value["historical_clv"])
        self.assertGreater(value["historical_clv_mean_high"], value["historical_clv"])
        self.assertIsNone(value["historical_clv_predictive_low"])
        self.assertIn("nobody's", value["intervals"])
        self.assertEqual((value["basis"], value["model"]), ("revenue", "none: a formula"))
        given = json.loads(self.ok("value", "historical", "--average-purchase", "45", "--frequency", "4", "--lifespan",
                                   "3", "--margin-rate", "0.3", "--json"))
        self.assertIsNone(given["historical_clv_mean_low"])
        self.assertEqual((given["basis"], given["intervals"][:5]), ("margin", "none:"))
        one = self.path("one.csv", "frequency,recency,T,monetary_value\n2,20,30,10\n")
        self.assertIsNone(json.loads(self.ok("value", "historical", one, "--lifespan", "9", "--json"))
                          ["historical_clv_mean_low"])

    def test_bad_rows_of_a_summary_are_refused_by_every_value_formula(self):
        head, known = "frequency,recency,T\n", ("--unit", "day", "--model", "mbg_nbd", "--params", "r=1,alpha=5,a=0.9,b=3")
        commands = [("historical", "--lifespan", "3", "--average-purchase", "10")]
        commands += [(name, *known) for name in ("revenue", "dcf", "equity")]
        commands += [(name, *known, "--within", "4") for name in ("churn", "next-purchase")]
        for name, *options in commands:
            for row in ("nan,1,2", "-1,0,2", "1,-1,2", "1,3,2", "0,1,2", "1,1,nan", "1,1,-1", "inf,1,2"):
                self.refused(1, ["line 3 column"], "value", name, self.path("bad.csv", head + f"1,1,2\n{row}\n"), *options)
            empty = self.path("empty.csv", head)
            words = ["T > 0"] if name == "historical" else ["no rows below its header"]
            self.refused(1, words, "value", name, empty, *options)
            one = self.path("one.csv", head + "2,20,30\n")
            self.ok("value", name, one, *options)
            constant = self.path("constant.csv", head + "2,20,30\n" * 200)
            self.ok("value", name, constant, *options)
            huge = self.path("huge.csv", head + "1e8,29,30\n0,0,36500\n")
            done = self.ok("value", name, huge, *options, *(["--json"] if name != "historical" else []))
            self.assertNotIn("nan", done.lower())

    def test_weights_count_as_rows(self):
        lines = ["1,3,30", "2,20,39", "7,38,39", "0,0,30", "3,5,35", "0,0,35"] * 30
        repeated = self.path("r.csv", "frequency,recency,T\n" + "\n".join(lines) + "\n")
        weighted = self.path("w.csv", "frequency,recency,T,n\n" +
                             "\n".join(line + ",30" for line in lines[:6]) + "\n")
        first = json.loads(self.ok("fit", repeated, "--model", "nbd", "--json"))
        second = json.loads(self.ok("fit", weighted, "--model", "nbd", "--weights", "n", "--json"))
        self.assertAlmostEqual(first["params"]["alpha"], second["params"]["alpha"], 6)
        self.assertEqual(second["distinct_rows"], 6)

    def test_weights_of_fits_that_are_saved_are_so_many_rows(self):
        lines = ["1,3,30,12,0,at", "2,20,39,30,1,de", "7,38,39,25,0,at", "0,0,30,0,1,de", "3,5,35,18,1,at", "0,0,35,0,0,de"]
        weights = [31, 62, 40, 55, 38, 70]
        head = "frequency,recency,T,monetary_value,channel,land"
        repeated = self.path("r.csv", head + "\n" + "".join(f"{line}\n" * n for line, n in zip(lines, weights)))
        weighted = self.path("w.csv", head + ",n\n" + "".join(f"{line},{n}\n" for line, n in zip(lines, weights)))
        broken = self.path("b.csv", head + ",n\n" + f"{lines[0]},2\n{lines[1]},1.5\n")
        many = self.path("m.csv", head + ",n\n" + f"{lines[0]},2\n{lines[1]},9999999\n")
        for options in ((), ("--model", "mbg_nbd"), ("--by", "land"), ("--model", "mbg_nbd", "--covariates", "channel"),
                        ("--prior", "weak")):
            one, other = self.path("one.json"), self.path("other.json")
            self.ok("fit", repeated, *options, "--save", one)
            self.ok("fit", weighted, *options, "--weights", "n", "--save", other)
            if "--covariates" in options:  # whose sums go row by row: the last digits differ
                texts = [re.split(r"(-?\d+\.\d+(?:e[+-]\d+)?)", model.read_text()) for model in (one, other)]
                self.assertEqual(texts[0][::2], texts[1][::2])
                for value, expected in zip(texts[0][1::2], texts[1][1::2]):
                    self.assertAlmostEqual(float(value), float(expected), delta=1e-4 * abs(float(expected)) + 1e-6)
            else:
                self.assertEqual(one.read_text(), other.read_text(), options)
            for bad in (broken, many) if "--by" in options else ():
                self.refused(1, ["line 3 column `n`", "whole weights"], "fit", bad, *options, "--weights", "n", "--save", other)

    def test_occasions_with_a_column_of_weights_are_saved_by_them(self):
        # A file of occasions has its weights without being asked, also where the fit is saved.
        lines = {"0,0,6": 346, "1,1,6": 109, "1,4,6": 8, "2,2,6": 61, "2,6,6": 23, "4,6,6": 51, "6,6,6": 120}
        repeated = self.path("r.csv", "frequency,recency,T\n" + "".join(f"{line}\n" * n for line, n in lines.items()))
        weighted = self.path("w.csv", "frequency,recency,T,weights\n" + "".join(f"{line},{n}\n" for line, n in lines.items()))
        one, other = self.path("one.json"), self.path("other.json")
        for path, model in ((repeated, one), (weighted, other)):
            self.ok("fit", path, "--model", "bg_bb", "--unit", "year", "--save", model)
        self.assertEqual(one.read_text(), other.read_text())

    def test_empty_one_row_and_constant_summaries_are_refused_or_answered(self):
        head = "frequency,recency,T\n"
        known = ("--unit", "day", "--model", "mbg_nbd", "--params", "r=1,alpha=5,a=0.9,b=3")
        for model in ("auto", "nbd", "bg_nbd", "mbg_nbd"):
            self.refused(1, ["no rows below its header"], "fit", self.path("empty.csv", head), "--model", model)
            self.refused(1, ["T > 0"], "fit", self.path("zero.csv", head + "0,0,0\n" * 50), "--model", model)
        one = self.path("one.csv", head + "2,20,30\n")
        self.assertIn("pooled", json.loads(self.ok("fit", one, "--json"))["fallback"])
        self.assertEqual(len(self.ok("score", *known, one).splitlines()), 2)
        constant = self.path("constant.csv", head + "2,20,30\n" * 500)
        fit = json.loads(self.ok("fit", constant, "--model", "nbd", "--json"))
        self.assertEqual((fit["verdict"], fit["distinct_rows"]), ("BOUNDARY", 1))
        self.assertAlmostEqual(fit["params"]["r"] / fit["params"]["alpha"], 2 / 30, 6)
        for row in ("nan,1,2", "-1,0,2", "1,-1,2", "1,3,2", "0,1,2", "1,1,nan", "1,1,-1", "inf,1,2"):
            for command in (("fit",), ("score", *known)):
                self.refused(1, ["line 3 column"], *command, self.path("bad.csv", head + f"1,1,2\n{row}\n"))

    def test_kept_share_of_a_summary_lowers_the_value(self):
        summary = self.path("s.csv", "frequency,recency,T,monetary_value,kept\n3,20,30,40,1\n3,20,30,40,0.5\n")
        rows = list(csv.DictReader(self.ok("score", "--unit", "day", "--model", "mbg_nbd", "--params",
                                           "r=1,alpha=5,a=0.9,b=3,p=6,q=4,v=15", summary).splitlines()))
        # ((x + 1) own + 2 pooled) / (x + 3)
        self.assertAlmostEqual(float(rows[1]["clv"]) / float(rows[0]["clv"]), (4 * 0.5 + 2) / 6, 6)

    def test_simulate_is_deterministic_and_tells_the_truth(self):
        truth = self.path("truth.csv")
        first = self.simulate("--truth", truth).read_text()
        self.assertEqual(self.simulate().read_text(), first)
        customers = list(csv.DictReader(truth.read_text().splitlines()))
        self.assertEqual(len(customers), 1500)
        last = {}
        for order in csv.DictReader(first.splitlines()):
            last[order["customer_id"]] = max(order["date"], last.get(order["customer_id"], ""))
        for customer in customers:
            if customer["alive"] == "0":
                self.assertEqual(customer["dropped_out"], last[customer["customer_id"]])

    def test_bad_arguments_and_files_are_refused(self):
        summary = self.path("s.csv", "frequency,recency,T\n1,40,30\n")
        self.refused(1, ["line 2", "`recency`"], "fit", summary, "--model", "nbd")
        self.refused(2, ["--model"], "fit", summary, "--model", "oracle")
        self.refused(1, ["needs alpha"], "score", "--unit", "day", "--model", "nbd", "--params", "r=1", summary)
        self.refused(1, ["not a JSON object"], "score", summary, summary)
        self.refused(1, ["/nowhere"], "fit", "/nowhere.csv")
        zero = self.path("z.csv", "frequency,recency,T,monetary_value\n1,10,30,0\n")
        self.refused(1, ["line 2", "`monetary_value`", "above 0"], "fit", zero, "--model",
                     "gamma_gamma")

    def test_regular_timing_is_scored_by_name(self):
        summary = self.path("s.csv", "frequency,recency,T\n2,20,40\n")
        row, = csv.DictReader(self.ok("score", "--model", "mbg_cnbd_3", "--params", "r=1.2,alpha=8,a=0.6,b=4", "--unit",
                                      "week", summary).splitlines())
        self.assertGreater(float(row["expected_purchases"]), 0)
        for command in (("score",), ("value", "churn", "--within", 4)):
            self.refused(2, ["--model", "oracle", "mbg_nbd"], *command, "--model", "oracle", "--params", "r=1", summary)

    def test_broken_frequencies_and_absurd_spends_are_refused(self):
        known = ("--unit", "day", "--model", "mbg_nbd", "--params", "r=1,alpha=5,a=0.9,b=3")
        half = self.path("h.csv", "frequency,recency,T\n2,10,30\n1.5,10,30\n")
        for command in (("score", *known), ("fit",)):
            self.refused(1, ["line 3", "`frequency`", "whole number"], *command, half)
        huge = self.path("g.csv", "frequency,recency,T,monetary_value\n1,10,30,1e200\n")
        self.refused(1, ["line 2", "`monetary_value`", "9.2e12"], "score", *known, huge)

    def test_score_without_margin_still_expects_spend(self):
        summary = self.path("s.csv", "frequency,recency,T,monetary_value\n3,20,30,40\n")
        known = ("--unit", "day", "--model", "mbg_nbd", "--params", "r=1,alpha=5,a=0.9,b=3,p=6,q=4,v=15")
        spend = set()
        for rate in (0, 0.3, 1):
            row, = csv.DictReader(self.ok("score", *known, summary, "--margin-rate", rate).splitlines())
            spend.add(row["expected_spend"])
            if rate == 0:
                self.assertEqual(float(row["clv"]), 0)
        self.assertEqual(len(spend), 1)
        self.assertAlmostEqual(float(spend.pop()), 6 * (15 + 3 * 40) / (6 * 3 + 4 - 1), 5)

    def test_Allocate_LimitOnWhatNoRowHas_IsRefusedWithASuggestion(self):
        values = self.path("values.csv", "customer,segment,offer,cost,value,campaign,channel\n"
                                         "a,west,m,1,5,welcome,email\n")
        for key, wrong, right in (("campaigns", "wellcome", "welcome"), ("channels", "emial", "email"),
                                  ("offers", "n", "m")):
            limit = "{max_count: 1}" if key == "offers" else "0.5"
            budgets = self.path("budgets.yaml", f"currency: EUR\ntotal: 5\nsegments: {{west: {{}}}}\n"
                                                f"{key}: {{{wrong}: {limit}}}\n")
            self.refused(1, [f"'{wrong}'", right], "allocate", "--values", values, "--budgets", budgets)


if __name__ == "__main__":
    unittest.main()
