"""fit --by, score with its models, and discounts that say their unit, through the real binary."""
import csv
import json
import unittest

from tenure_case import TenureCase


class Populations(TenureCase):
    def base(self):
        """Three countries with enough customers and a thin one; a gym of contracts."""
        orders, summary = self.path("orders.csv"), self.path("summary.csv")
        self.ok("simulate", "--model", "mbg_nbd", "--params", "r=0.8,alpha=6,a=0.9,b=3", "--spend",
                "6.25,3.74,15.44", "--customers", 3000, "--seed", 5, "--output", orders)
        self.ok("summarize", orders, "--customer", "customer_id", "--date", "date", "--amount", "amount",
                "--unit", "week", "--output", summary)
        lines = ["frequency,recency,T,monetary_value,country"]
        with open(summary) as rows:
            for i, row in enumerate(csv.DictReader(rows)):
                country = "thin" if i % 30 == 0 else ("de", "fr", "it")[i % 3]
                lines.append(",".join([row["frequency"], row["recency"], row["T"], row["monetary_value"], country]))
        for i in range(400):
            renewals = (0, 0, 1, 1, 2, 3, 4, 4, 4, 4)[i % 10]
            lines.append(f"{renewals},{renewals},4,{30 if renewals else ''},gym")
        return self.path("base.csv", "\n".join(lines).replace(",,gym", ",0,gym") + "\n")

    def test_thin_populations_borrow_and_scores_say_so(self):
        base, models = self.base(), self.path("models.json")
        fit = json.loads(self.ok("fit", base, "--by", "country", "--model-of", "gym=sbg", "--unit", "week",
                                 "--save", models, "--json"))
        by_name = {population["name"]: population for population in fit["populations"]}
        self.assertEqual(list(by_name), ["de", "fr", "gym", "it", "thin"])
        self.assertEqual(by_name["de"]["purchases"]["source"], "own")
        self.assertEqual(by_name["thin"]["purchases"]["source"], "borrowed")
        self.assertRegex(by_name["thin"]["text"], r"^borrowed: \d+ repeat buyers, weight of own data \d+ %")
        self.assertEqual((by_name["de"]["model"], by_name["gym"]["model"]), ("mbg_nbd", "sbg"))
        table = self.ok("fit", base, "--by", "country", "--model-of", "gym=sbg", "--unit", "week")
        self.assertIn(by_name["thin"]["text"], table)
        self.assertIn("(any other)", table)
        with open(base) as rows:
            given = list(csv.DictReader(rows))
        scored = list(csv.DictReader(self.ok("score", models, base).splitlines()))
        self.assertEqual(len(scored), len(given))
        for row in scored:
            self.assertEqual(row["evidence"], by_name[row["country"]]["text"])
        elsewhere = self.path("elsewhere.csv", "frequency,recency,T,monetary_value,land\n2,10,20,30,at\n")
        self.refused(1, ["country"], "score", models, elsewhere)
        [row] = csv.DictReader(self.ok("score", models, elsewhere, "--population", "land").splitlines())
        self.assertEqual(row["evidence"], "pooled: `at` is none of the populations fitted")
        self.assertGreater(float(row["clv"]), 0)

    def test_totals_are_sums_of_each_customers_own_model(self):
        base, models = self.base(), self.path("models.json")
        self.ok("fit", base, "--by", "country", "--model-of", "gym=sbg", "--unit", "week", "--save", models)
        scored = list(csv.DictReader(self.ok("score", models, base).splitlines()))
        document = json.loads(self.ok("score", models, base, "--totals", "--by", "country", "--json"))
        totals = {total["segment"]: total for total in document["totals"]}
        self.assertEqual(list(totals), ["all", "de", "fr", "gym", "it", "thin"])
        for name, total in totals.items():
            of = [float(row["clv"]) for row in scored if name in ("all", row["country"])]
            self.assertEqual(total["customers"], len(of))
            self.assertAlmostEqual(total["clv"] / sum(of), 1, 5)
            self.assertLess(total["clv_predictive_low"], total["clv_mean_low"])
            self.assertLess(total["clv_mean_low"], total["clv"])
            self.assertLess(total["clv"], total["clv_mean_high"])
        # Fits of different customers err independently: together they are relatively surer.
        width = {name: (total["clv_mean_high"] - total["clv_mean_low"]) / total["clv"] for name, total in totals.items()}
        self.assertLess(width["all"], max(width[name] for name in totals if name != "all"))
        self.assertTrue(document["models"]["thin"]["evidence"].startswith("borrowed"))
        text = self.ok("score", models, base, "--totals")
        self.assertIn("each customer by the model of their country", text)

    def test_what_does_not_go_with_populations_is_wrong_usage(self):
        base = self.path("b.csv", "frequency,recency,T,land,n\n2,10,20,at,1\n")
        self.refused(2, ["--by"], "fit", base, "--by", "land", "--holdout-days", 5)
        self.refused(2, ["--by"], "fit", base, "--model-of", "at=nbd")
        self.refused(2, ["crystal"], "fit", base, "--by", "land", "--model-of", "at=crystal")
        self.refused(1, ["no value `de`"], "fit", base, "--by", "land", "--model-of", "de=nbd")
        self.refused(1, ["country"], "fit", base, "--by", "country")
        self.refused(2, ["--population"], "score", base, "--unit", "week", "--model", "nbd", "--params", "r=1,alpha=6",
                     "--population", "land")

    def test_discounts_say_their_unit(self):
        summary = self.path("s.csv", "frequency,recency,T\n2,10,20\n")

        def clv(discount):
            out = self.ok("score", summary, "--model", "nbd", "--params", "r=1,alpha=6", "--unit", "week",
                          "--discount", discount)
            return float(next(csv.DictReader(out.splitlines()))["clv"])
        self.assertEqual(clv("0.1"), clv("10%/year"))
        self.assertAlmostEqual(clv("1%/month"), clv(str(1.01 ** 12 - 1)), 9)
        self.assertAlmostEqual(clv("12%/year compounded monthly"), clv("1%/month"), 9)
        self.assertLess(clv("1%/week continuous"), clv("1%/month"))
        for discount, why in [("1%/fortnight", "day, week, month"), ("x", "must be a number"),
                              ("10%/day", "is the unit right?"), ("10", "write 10%")]:
            self.refused(2, ["--discount", why], "fit", summary, "--discount", discount)
        cohorts = self.path("cohorts.csv", "cohort,period,survivors\na,0,100\na,1,70\na,2,60\n")
        self.refused(2, ["a period"], "fit", cohorts, "--model", "sbg", "--discount", "1%/month")


if __name__ == "__main__":
    unittest.main()
