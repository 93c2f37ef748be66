"""fit: what its options go with, case weights in whatever is fitted, saved and valued, and what it says of what it uses."""
import json
import os
import pathlib
import unittest

from tenure_case import TenureCase, run

SHARED = pathlib.Path(
    os.environ.get("TENURE_SHARED_DIR", os.path.join(os.environ["TENURE_SOURCE_DIR"], "..", "shared"))
) / "data"
HEAD = "frequency,recency,T,monetary_value,holdout_frequency,z"
ROWS = [f"{x},{x * 4 + i % 5 if x else 0},{40 + i % 9},{12 + i % 7 if x else 0},{(x + i) % 3},{i % 2}"
        for i in range(90) for x in [i * i % 7]]
WEIGHTS = [1 + i % 4 for i in range(90)]


class Fit(TenureCase):
    def setUp(self):
        super().setUp()
        lines = list(zip(ROWS, WEIGHTS))
        self.grouped = self.path("grouped.csv", f"{HEAD},weights\n" + "".join(f"{row},{w}\n" for row, w in lines))
        self.single = self.path("single.csv", f"{HEAD}\n" + "".join(f"{row}\n" * w for row, w in lines))

    def fit(self, *arguments):
        return json.loads(self.ok("fit", *arguments, "--json"))

    def assertNear(self, ours, theirs, relative=1e-7):
        self.assertLessEqual(abs(ours - theirs), relative * max(abs(ours), abs(theirs)), f"{ours} {theirs}")

    def test_Donations_SavedAndChosen_KeepTheirWeights(self):
        if not SHARED.exists():
            self.skipTest("the shared data folder is absent: set TENURE_SHARED_DIR")
        donations = SHARED / "donations/donations.csv"
        model = self.path("m.json")
        fit = self.fit(donations, "--model", "bg_bb", "--unit", "year", "--save", model)
        self.assertEqual((fit["verdict"], fit["chosen"], fit["fallback"]), ("CONVERGED", "bg_bb", ""))
        self.assertAlmostEqual(fit["log_likelihood"], -33225.58127, 3)
        saved = json.loads(model.read_text())
        self.assertAlmostEqual(saved["params"][0], 1.203522, 5)
        totals = json.loads(self.ok("score", model, donations, "--totals", "--json"))["totals"]
        self.assertEqual(totals[0]["customers"], 11104)
        revenue = json.loads(self.ok("value", "revenue", model, donations, "--steps", 5, "--json"))
        self.assertEqual(revenue["customers"], 11104)

    def test_RowsOfContracts_AreFittedSavedAndScored(self):
        rows = [(x, x, t) for i in range(400) for t in [8.5] for x in [min(8, i * 7919 % 400 * 12 // (400 - i % 300))]]
        contracts = self.path("contracts.csv", "frequency,recency,T\n" + "".join(f"{x},{r},{t}\n" for x, r, t in rows))
        model = self.path("sbg.json")
        alone = self.fit(contracts, "--model", "sbg", "--unit", "month")
        fit = self.fit(contracts, "--model", "sbg", "--unit", "month", "--save", model)
        self.assertEqual(alone["params"], fit["params"])
        self.assertEqual(len(self.ok("score", model, contracts).splitlines()), 401)
        cohorts = self.path("cohorts.csv", "cohort,period,survivors\na,0,100\na,1,70\na,2,60\n")
        self.refused(2, ["rows of contracts"], "fit", cohorts, "--model", "sbg", "--save", model)

    def test_SpendThatIsNotFitted_IsSaid(self):
        self.assertIn("spend        not fitted: --save", self.ok("fit", self.single, "--model", "nbd"))
        self.assertIsNone(self.fit(self.single, "--model", "nbd")["spend"])

    def test_Figures_HaveSignificantDigits(self):
        huge = self.path("huge.csv", "frequency,recency,T\n" + "".join(
            f"{i % 4},{i % 4 * 1e299},{(5 + i % 3) * 1e299}\n" for i in range(60)))
        for line in self.ok("fit", huge, "--model", "nbd").splitlines():
            self.assertLess(len(line), 150)
        scaled = self.path("scaled.csv", "frequency,recency,T,z\n" + "".join(
            f"{row.split(',')[0]},{row.split(',')[1]},{row.split(',')[2]},{i % 2}000000000\n" for i, row in enumerate(ROWS * 3)))
        text = self.ok("fit", scaled, "--model", "nbd", "--covariates", "z")
        self.assertNotIn(" 0.000000", text)

    def test_WrongUsage_IsADocumentToo(self):
        for words in (["fit", self.single, "--discount", "10", "--json"], ["--json", "fitt"], ["fit", "--json"]):
            done = run(*words)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(json.loads(done.stdout)["error"]["code"], "INVALID_ARGUMENT")

    def test_AFolder_IsCalledOne(self):
        self.refused(1, ["is a folder"], "fit", self.folder)

    def test_Grouped_IsFittedSavedAndValuedAsTheRowsOneByOne(self):
        for more in (["--model", "mbg_nbd"], ["--model", "auto"], ["--prior", "weak"],
                     ["--model", "pareto_nbd", "--holdout-days", 70],
                     ["--model", "mbg_nbd", "--covariates", "z"]):
            with self.subTest(options=more):
                models = self.path("grouped.json"), self.path("single.json")
                fits = [self.fit(file, "--unit", "week", *more, "--save", model)
                        for file, model in zip((self.grouped, self.single), models)]
                self.assertEqual(fits[0]["chosen"], fits[1]["chosen"])
                self.assertEqual(fits[0]["verdict"], fits[1]["verdict"])
                self.assertEqual(fits[0]["rows"], 90)
                for name, value in fits[1]["params"].items():
                    self.assertNear(fits[0]["params"][name], value, 1e-5)
                for name, value in fits[1]["spend"]["params"].items():
                    self.assertNear(fits[0]["spend"]["params"][name], value, 1e-5)
                for ours, theirs in zip(fits[0]["holdout"], fits[1]["holdout"]):
                    for figure in ("expected", "actual", "mean_absolute_error"):
                        self.assertNear(ours[figure], theirs[figure], 1e-5)
                grouped, single = [json.loads(self.ok("score", models[1], file, "--totals", "--json"))["totals"][0]
                                   for file in (self.grouped, self.single)]
                for figure in ("customers", "clv", "expected_purchases", "clv_predictive_high"):
                    self.assertNear(grouped[figure], single[figure], 1e-9)

    def test_NamedColumnOfWeights_IsTakenEverywhere(self):
        named = self.path("n.csv", self.grouped.read_text().replace("weights", "copies", 1))
        model = self.path("m.json")
        fit = self.fit(named, "--weights", "copies", "--unit", "week", "--save", model)
        self.assertNear(fit["log_likelihood"], self.fit(self.grouped, "--unit", "week")["log_likelihood"], 1e-12)
        for command in (("score", "--totals"), ("value", "revenue"), ("value", "equity")):
            def customers(*arguments):
                document = json.loads(self.ok(*command, model, *arguments, "--json"))
                return document["totals"][0]["customers"] if "totals" in document else document["customers"]
            self.assertEqual(customers(named, "--weights", "copies"), sum(WEIGHTS))
            self.assertEqual(customers(self.grouped), sum(WEIGHTS))
            self.assertEqual(customers(named), 90)

    def test_WeightsThatHaveNoPlace_AreRefusedByName(self):
        by = self.path("by.csv", "frequency,recency,T,land,weights\n1,3,9,de,2\n")
        self.refused(1, ["line 1", "`weights`", "repeat the rows"], "rfm", by)
        cohorts = self.path("c.csv", "cohort,period,survivors,weights\na,0,10,1\na,1,8,1\n")
        self.refused(1, ["line 1", "`weights`"], "fit", cohorts, "--model", "sbg")
        self.refused(2, ["--weights"], "score", self.path("m.json", "{}"), by, "--weights", "weights")

    def test_Fallback_SaysTheParametersThatAreUsed(self):
        few = self.path("few.csv", "frequency,recency,T,monetary_value\n" + "2,20,30,12\n0,0,30,0\n" * 20)
        for name in ("auto", "nbd", "mbg_nbd"):
            model = self.path("m.json")
            fit = self.fit(few, "--model", name, "--save", model)
            saved = json.loads(model.read_text())
            self.assertTrue(saved["fallback"])
            self.assertEqual(fit["verdict"], "FALLBACK")
            self.assertEqual(fit["model"], saved["model"])
            self.assertEqual(list(fit["params"].values()), saved["params"])
            self.assertEqual(fit["standard_errors"], {})
            self.assertIsNone(fit["log_likelihood"])
            self.assertEqual(list(fit["spend"]["params"].values()), saved["spend_params"])
            self.assertEqual(fit["spend"]["verdict"], "FALLBACK")
            self.assertEqual(fit["spend"]["tried"]["model"], "gamma_gamma")
            self.assertIn("used nbd, r 1.0000", self.ok("fit", few, "--model", name, "--save", model))

    def test_Seconds_AreOfTheWholeFit_AndOfNoneOfSeveral(self):
        fit = self.fit(self.single, "--unit", "week")
        self.assertGreater(fit["seconds"], 0)
        self.assertEqual([each["seconds"] for each in fit["models"]], [None] * len(fit["models"]))
        self.assertGreater(self.fit(self.single, "--unit", "week", "--model", "nbd")["seconds"], 0)

    def test_Holdout_OfANamedModel_IsShownWithoutSaving(self):
        fit = self.fit(self.single, "--unit", "week", "--model", "mbg_nbd", "--holdout-days", 70)
        self.assertEqual([check["model"] for check in fit["holdout"]], ["mbg_nbd"])
        bare = self.path("bare.csv", "frequency,recency,T\n1,2,3\n")
        self.refused(1, ["no column `holdout_frequency`"], "fit", bare, "--holdout-days", 70)
        for more in (["--model", "mbg_nbd", "--covariates", "z"], ["--model", "gamma_gamma"], ["--model", "sbg"]):
            self.refused(2, ["--holdout-days"], "fit", self.single, *more, "--holdout-days", 70)

    def test_CovariatesOfWhatHasNone_AreRefused(self):
        for model in ("gamma_gamma", "sbg", "bdw"):
            self.refused(2, ["covariates"], "fit", self.single, "--model", model, "--covariates", "z")


class Score(TenureCase):
    BG_BB = ("--model", "bg_bb", "--params", "alpha=1.2,beta=0.75,gamma=0.66,delta=2.8", "--unit", "year")
    COMMANDS = (("score",), ("score", "--totals"), ("value", "next-purchase", "--within", 2), ("value", "revenue"))

    def test_RowsThatAreNoOccasions_AreRefusedAsByFit(self):
        for row, words in (("5,3,4", ["line 3", "`frequency`", "an occasion has one"]),
                           ("2,2.5,6", ["line 3", "`recency`", "whole"]), ("2,3,6.5", ["line 3", "`T`", "whole"])):
            file = self.path("o.csv", f"frequency,recency,T\n1,2,6\n{row}\n")
            for command in self.COMMANDS:
                self.refused(1, words, *command, *self.BG_BB, file)
        contracts = self.path("c.csv", "frequency,recency,T\n2,2,6\n1,2,6\n")
        for model in (("sbg", "alpha=1,beta=2"), ("bdw", "alpha=1,beta=2,c=1")):
            self.refused(1, ["line 3", "`frequency`"], "score", "--model", model[0], "--params", model[1], "--unit", "year",
                         contracts)

    def test_OccasionsInAnotherUnit_AreThoseOfTheModel(self):
        years = self.path("y.csv", "frequency,recency,T\n3,4,6\n")
        days = self.path("d.csv", "frequency,recency,T\n3,1461,2191.5\n")
        model = self.path("m.json")
        counts = {(0, 0): 346, (1, 1): 109, (1, 4): 8, (2, 2): 61, (2, 6): 23, (4, 6): 51, (6, 6): 120}
        rows = "".join(f"{x},{t},6\n" * n for (x, t), n in counts.items())
        self.ok("fit", self.path("s.csv", "frequency,recency,T\n" + rows), "--model", "bg_bb", "--unit", "year", "--save", model)
        one, other = [json.loads(self.ok("score", model, *more, "--json"))[0]["p_alive"]
                      for more in ((years,), (days, "--unit", "day"))]
        self.assertAlmostEqual(one, other, 12)
        self.refused(1, ["whole"], "score", model, self.path("n.csv", "frequency,recency,T\n3,1400,2191.5\n"), "--unit", "day")

    def test_Params_NeedAUnit(self):
        file = self.path("s.csv", "frequency,recency,T\n1,2,6\n")
        self.refused(2, ["--unit"], "score", file, "--model", "nbd", "--params", "r=1,alpha=5")

    def test_NegativeSpend_IsRefusedByLineAndColumn(self):
        file = self.path("s.csv", "frequency,recency,T,monetary_value\n1,2,6,3\n1,2,6,-3\n")
        for command in (("score", "--model", "nbd", "--params", "r=1,alpha=5", "--unit", "day"), ("rfm",), ("fit",),
                        ("value", "historical", "--lifespan", 3)):
            self.refused(1, ["line 3", "`monetary_value`", "below 0"], *command, file)

    def test_ColumnsThatAreThereAlready_AreNotWrittenTwice(self):
        nbd = ("--model", "nbd", "--params", "r=1,alpha=5", "--unit", "day")
        file, scored, again = self.path("s.csv", "frequency,recency,T\n1,2,6\n0,0,6\n"), self.path("t.csv"), self.path("u.csv")
        self.ok("score", file, *nbd, "--output", scored)
        for more in ((), ("--json",)):
            self.refused(1, ["`p_alive`"], "score", scored, *nbd, *more)
            self.refused(1, ["`basis`"], "value", "dcf", "--each", scored, *nbd, *more)
            self.refused(1, ["`p_alive`"], "value", "churn", "--within", 3, scored, *nbd, *more)
        self.ok("rfm", scored, "--output", again)
        self.refused(1, ["`rfm_recency`"], "rfm", again)
        self.refused(1, ["`nosuch`"], "rfm", file, "--value", "nosuch")


if __name__ == "__main__":
    unittest.main()
