"""fit --covariates, and what score and value early make of the saved model, through the real binary."""
import csv
import json
import unittest

from tenure_case import TenureCase


class Covariates(TenureCase):
    def shop(self):
        """A summary of simulated customers with their channel."""
        orders, attributes, summary = self.path("orders.csv"), self.path("attributes.csv"), self.path("plain.csv")
        self.ok("simulate", "--model", "mbg_nbd", "--params", "r=0.8,alpha=10,a=0.7,b=3", "--spend", "6.25,3.74,15.44",
                "--customers", 1500, "--weeks", 78, "--seed", 5, "--covariates",
                "channel=bernoulli(0.4),alpha:channel=0.5", "--attributes", attributes, "--output", orders)
        self.ok("summarize", orders, "--customer", "customer_id", "--date", "date", "--amount", "amount",
                "--unit", "week", "--output", summary)
        channel = {row["customer_id"]: row["channel"] for row in csv.DictReader(attributes.read_text().splitlines())}
        head, *lines = summary.read_text().splitlines()
        return self.path("summary.csv", "\n".join(
            [head + ",channel"] + [f"{line},{channel[line.split(',')[0]]}" for line in lines]) + "\n")

    def test_a_fit_is_saved_and_scores_each_customer_by_their_columns(self):
        summary, model = self.shop(), self.path("model.json")
        fit = json.loads(self.ok("fit", summary, "--model", "mbg_nbd", "--covariates", "channel", "--unit", "week",
                                 "--save", model, "--json"))
        error = fit["standard_errors"]["alpha:channel"]
        self.assertLess(abs(fit["params"]["alpha:channel"] - 0.5), 4 * error)
        self.assertIn("spend", fit)
        saved = json.loads(model.read_text())
        self.assertEqual(saved["format"], "tenure.covariate_model.v1")
        self.assertEqual(saved["coefficient_names"], ["alpha:channel", "a:channel", "b:channel"])
        self.assertEqual(len(saved["covariance"]), 49)
        rows = list(csv.DictReader(self.ok("score", model, summary).splitlines()))
        self.assertEqual(len(rows), 1500)
        for row in rows:
            low, clv, high = (float(row[c]) for c in ("clv_mean_low", "clv", "clv_mean_high"))
            self.assertTrue(0 <= low <= clv <= high)
        # The same history, the other channel.
        head, line = "frequency,recency,T,monetary_value,channel\n", "2,38,40,30,"
        zero, one = csv.DictReader(self.ok("score", model, self.path("two.csv", f"{head}{line}0\n{line}1\n")).splitlines())
        self.assertGreater(float(one["expected_purchases"]), 1.05 * float(zero["expected_purchases"]))
        self.assertEqual(one["model"], zero["model"])

    def test_totals_are_the_sums_and_their_intervals_are_of_all_together(self):
        summary, model = self.shop(), self.path("model.json")
        self.ok("fit", summary, "--model", "mbg_nbd", "--covariates", "channel", "--unit", "week", "--save", model)
        rows = list(csv.DictReader(self.ok("score", model, summary).splitlines()))
        totals = json.loads(self.ok("score", model, summary, "--totals", "--by", "channel", "--json"))
        self.assertEqual(totals["basis"], "revenue")
        base, web, shop = totals["totals"]
        self.assertEqual(base["customers"], 1500)
        for column in ("clv", "expected_purchases"):
            self.assertAlmostEqual(base[column] / sum(float(row[column]) for row in rows), 1, 4)
        self.assertAlmostEqual(base["clv"], web["clv"] + shop["clv"], 4)
        low, high = (sum(float(row[c]) for row in rows) for c in ("clv_mean_low", "clv_mean_high"))
        for total in totals["totals"]:
            self.assertLess(total["clv_mean_low"], total["clv"])
            self.assertLessEqual(total["clv_predictive_low"], total["clv_mean_low"])
            self.assertLessEqual(total["clv_mean_high"], total["clv_predictive_high"])
        # Coefficients err one way for one channel and not at all for the other: a base is surer than its customers.
        self.assertLess(base["clv_mean_high"] - base["clv_mean_low"], high - low)
        self.assertIn("1500", self.ok("score", model, summary, "--totals"))

    def test_a_missing_covariate_is_refused_by_line_and_column(self):
        summary, model = self.shop(), self.path("model.json")
        self.ok("fit", summary, "--model", "mbg_nbd", "--covariates", "channel", "--unit", "week", "--save", model)
        head = "frequency,recency,T,channel\n2,20,40,1\n2,20,40,"
        for value in ("", "nan", "inf", "web"):
            bad = self.path("bad.csv", f"{head}{value}\n")
            self.refused(1, ["bad.csv", "line 3", "`channel`"], "score", model, bad)
            self.refused(1, ["bad.csv", "line 3", "`channel`"], "fit", bad, "--model", "nbd", "--covariates", "channel")
            new = self.path("new.csv", f"channel,name\n1,a\n{value},b\n")
            self.refused(1, ["new.csv", "line 3", "`channel`"], "value", "early", model, new)
        self.refused(1, ["no column `channel`"], "score", model, self.path("none.csv", "frequency,recency,T\n1,2,3\n"))
        self.refused(1, ["line 2", "too far"], "value", "early", model, self.path("far.csv", "channel\n1e9\n"))
        self.refused(1, ["tenure score"], "value", "dcf", model, summary)
        self.refused(1, ["bad.csv", "line 3", "`channel`"], "score", model, self.path("bad.csv", f"{head}web\n"), "--totals")

    def test_early_value_is_that_of_a_score_without_history(self):
        summary, model = self.shop(), self.path("model.json")
        self.ok("fit", summary, "--model", "mbg_nbd", "--covariates", "channel", "--unit", "week", "--save", model,
                "--margin-rate", "0.4")
        new = self.path("new.csv", "who,channel\na,0\nb,1\n")
        early = list(csv.DictReader(self.ok("value", "early", model, new, "--horizon", 182).splitlines()))
        scored = self.ok("score", model, self.path("s.csv", "frequency,recency,T,channel\n0,0,0,0\n0,0,0,1\n"),
                         "--horizon", 182)
        for one, other in zip(early, csv.DictReader(scored.splitlines())):
            for column in ("expected_purchases", "clv", "clv_mean_low", "clv_mean_high", "clv_predictive_high", "model"):
                self.assertEqual(one[column], other[column])
            self.assertAlmostEqual(float(one["new_customer_value"]),
                                   float(one["clv"]) + 0.4 * float(one["expected_spend"]), 9)
        old = self.path("old.csv", "channel,frequency\n0,0\n1,3\n")
        self.refused(1, ["line 3", "`frequency`", "tenure score"], "value", "early", model, old)

    def test_too_few_customers_have_no_model_with_covariates(self):
        few = self.path("few.csv", "frequency,recency,T,x\n" + "2,20,40,1\n1,5,40,0\n0,0,40,1\n0,0,30,0\n" * 9)
        self.refused(1, ["without them"], "fit", few, "--model", "nbd", "--covariates", "x", "--save", self.path("m.json"))
        self.assertFalse(self.path("m.json").exists())
        self.refused(2, ["--model"], "fit", few, "--covariates", "x")


if __name__ == "__main__":
    unittest.main()
