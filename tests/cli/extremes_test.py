"""Every file command on inputs at the edge: each is refused by line and column, or answered with numbers that are numbers."""
import json
import math
import os
import pathlib
import subprocess
import tempfile
import unittest

from folder_case import FolderCase

TENURE = os.path.join(os.environ["TENURE_BINARY_DIR"], "bin", "tenure")
HEAD = "frequency,recency,T,monetary_value,holdout_frequency,holdout_spend,place,channel\n"
GOOD = "1,3,30,12,1,12"
KNOWN = ("--unit", "day", "--model", "mbg_nbd", "--params", "r=1,alpha=5,a=0.9,b=3,p=6,q=4,v=15")
OCCASIONS = ("--unit", "day", "--model", "bg_bb", "--params", "alpha=1.2,beta=0.75,gamma=0.66,delta=2.8,p=6,q=4,v=15")
CONTRACTS = ("--unit", "day", "--model", "sbg", "--params", "alpha=0.7,beta=1.2")
# What a summary is handed to; historical CLV and rfm need no model. BY and COVARIATES are models
# that were fitted and saved before.
COMMANDS = {
    "fit": ("fit",),
    "fit mbg_nbd": ("fit", "--model", "mbg_nbd"),
    "fit pareto_nbd": ("fit", "--model", "pareto_nbd"),
    "fit mbg_cnbd_2": ("fit", "--model", "mbg_cnbd_2"),
    "fit bg_bb": ("fit", "--model", "bg_bb"),
    "fit beta_binomial": ("fit", "--model", "beta_binomial"),
    "fit --prior": ("fit", "--prior", "weak"),
    "fit --by": ("fit", "--by", "place"),
    "fit --by contracts": ("fit", "--by", "place", "--model-of", "a=sbg"),
    "fit --covariates": ("fit", "--model", "mbg_nbd", "--covariates", "channel"),
    "score": ("score", *KNOWN),
    "score --totals": ("score", "--totals", *KNOWN),
    "score bg_bb": ("score", *OCCASIONS),
    "score bg_bb --totals": ("score", "--totals", *OCCASIONS),
    "score sbg": ("score", *CONTRACTS),
    "score by population": ("score", "BY"),
    "score by population --totals": ("score", "BY", "--totals", "--by", "place"),
    "score by covariates": ("score", "COVARIATES"),
    "score by covariates --totals": ("score", "COVARIATES", "--totals"),
    "rfm": ("rfm",),
    "historical": ("value", "historical", "--lifespan", "52"),
    "revenue": ("value", "revenue", *KNOWN),
    "dcf": ("value", "dcf", "--each", *KNOWN),
    "equity": ("value", "equity", "--new-customers", "3", *KNOWN),
    "churn": ("value", "churn", "--within", "4", *KNOWN),
    "next-purchase": ("value", "next-purchase", "--within", "4", *KNOWN),
    "next-purchase bg_bb": ("value", "next-purchase", "--within", "4", *OCCASIONS),
    "validate-model": ("validate-model", "--holdout-days", "30"),
}
# Of no rows there is nothing to score, and no fit.
EMPTY = ("score", "score bg_bb", "score sbg", "score by population", "score by covariates")
# Counts of occasions and contracts are refused where they can't be such.
COUNTED = ("fit bg_bb", "fit beta_binomial", "fit --by contracts", "score sbg")


# What is said to be unknown where it is: all else that is no number is a mistake.
MAY_BE_NULL = {
    "rfm": {"tier", "tiers", "rfm_monetary"},  # without a column of values, or a spend
    "next-purchase": {"expected_time", "median_time_if_alive"},  # of who won't buy
    "next-purchase bg_bb": {"expected_time", "median_time_if_alive"},
    # Each model's time is not known, nor what a simple estimate has no fit for.
    "fit": {"seconds", "log_likelihood", "gradient_norm"},
    "fit --prior": {"seconds", "log_likelihood", "gradient_norm"},
    "historical": {f"historical_clv_{end}" for end in ("mean_low", "mean_high", "predictive_low", "predictive_high")},
    # No standard error of what was not fitted, no figure of nobody, no correlation or share of what is all alike.
    "validate-model": {"standard_error", "expected", "actual", "mean_absolute_error", "spearman", "pearson", "gini_gain",
                       "p", "q", "v", "top_tenth", "top_fifth", "bias", "bias_standard_error", "best_top_tenth",
                       "best_top_fifth", "actual_gini"},
}


def numbers(value, may_be_null=(), name=""):
    """Names and numbers of a document; NaN for one that is null but must not be."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from numbers(each, may_be_null, key)
    elif isinstance(value, list):
        for each in value:
            yield from numbers(each, may_be_null, name)
    elif value is None and name not in may_be_null:
        yield name, math.nan
    elif isinstance(value, float):
        yield name, value


def table(*rows):
    """Rows by turns of the places a and b, and of the channels 0 and 1."""
    return HEAD + "".join(f"{row},{'ab'[i % 2]},{i % 2}\n" for i, row in enumerate(rows))


class Extremes(FolderCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.models = {name: str(pathlib.Path(folder.name, name + ".json")) for name in ("BY", "COVARIATES")}
        shop = pathlib.Path(folder.name, "shop.csv")
        shop.write_text(table(*("2,20,30,12,1,12", "0,0,30,0,0,0", "1,3,40,20,0,0", "5,39,40,15,2,30", "0,0,10,0,0,0",
                                "3,8,50,11,0,0") * 120))
        for name, options in (("BY", ("--by", "place")), ("COVARIATES", ("--model", "mbg_nbd", "--covariates", "channel"))):
            subprocess.run([TENURE, "fit", str(shop), *options, "--save", cls.models[name]], check=True, capture_output=True)

    def run_on(self, arguments, text, *more):
        path = self.path("in.csv", text)
        arguments = [self.models.get(argument, argument) for argument in arguments]
        return subprocess.run([TENURE, *arguments, str(path), *more], capture_output=True, text=True, timeout=120)

    def refused(self, name, text, *words):
        done = self.run_on(COMMANDS[name], text)
        self.assertEqual(done.returncode, 1, f"{name}: {done.stdout}{done.stderr}")
        for word in words:
            self.assertIn(word, done.stderr, name)
        self.assertNotIn("\n\n", done.stderr)

    def answered(self, name, text):
        done = self.run_on(COMMANDS[name], text, "--json")
        self.assertEqual(done.returncode, 0, f"{name}: {done.stderr}")
        document = json.loads(done.stdout)
        # `fit` says so where it has fitted no spend.
        unfitted = {"spend"} if name.startswith("fit") else set()
        for field, number in numbers(document, unfitted.union(MAY_BE_NULL.get(name, ()))):
            self.assertTrue(math.isfinite(number), f"{name}: {field}")
        return document

    def refused_by_all(self, row, *words):
        for name in COMMANDS:
            with self.subTest(command=name, row=row):
                good = "3,3,30,12,1,12" if name in COUNTED else GOOD
                self.refused(name, table(good, row), "line 3", *words)

    def test_NotANumber_IsRefusedByLineAndColumn(self):
        self.refused_by_all("nan,1,2,10,0,0", "`frequency`")
        self.refused_by_all("1,nan,2,10,0,0", "`recency`")
        self.refused_by_all("1,1,nan,10,0,0", "`T`")
        self.refused_by_all("x,1,2,10,0,0", "`frequency`")
        self.refused_by_all("inf,1,2,10,0,0", "`frequency`")

    def test_Negative_IsRefusedByLineAndColumn(self):
        self.refused_by_all("-1,0,2,10,0,0", "`frequency`")
        self.refused_by_all("1,-1,2,10,0,0", "`recency`")
        self.refused_by_all("0,0,-2,0,0,0", "`T`")

    def test_RecencyBeyondT_IsRefused(self):
        self.refused_by_all("1,3,2,10,0,0", "column")

    def test_RecencyWithoutARepeatPurchase_IsRefused(self):
        self.refused_by_all("0,1,2,0,0,0", "column")

    def test_RepeatPurchaseAtRecencyZero_IsRefused(self):
        self.refused_by_all("2,0,5,10,0,0", "`recency`")

    def test_Empty_IsRefused(self):
        for name in COMMANDS:
            with self.subTest(command=name):
                if name in EMPTY:
                    self.assertEqual(self.answered(name, HEAD), [])
                elif name.endswith("--totals"):
                    self.assertEqual(self.answered(name, HEAD)["totals"][0]["customers"], 0)
                else:
                    self.refused(name, HEAD, "T > 0" if name == "historical" else "no rows")
                self.refused(name, "")

    def test_OneRow_IsAnswered(self):
        for name in COMMANDS:
            with self.subTest(command=name):
                if name == "fit --covariates":
                    self.refused(name, table(GOOD), "`channel` is the same for everybody")
                else:
                    self.answered(name, table("3,3,30,12,1,12" if name in COUNTED else GOOD))

    def test_RowsAllAlike_AreAnswered(self):
        for name in COMMANDS:
            with self.subTest(command=name):
                self.answered(name, table(*["3,3,4,12,1,12" if name in COUNTED else "2,20,30,12,1,12"] * 300))

    def test_NobodyBoughtAgain_IsAnsweredOrRefusedWithTheReason(self):
        nobody = table(*["0,0,30,0,0,0"] * 50)
        for name in COMMANDS:
            with self.subTest(command=name):
                if name == "historical":
                    self.refused(name, nobody, "monetary_value")
                elif name.startswith("fit "):
                    done = self.run_on(COMMANDS[name], nobody)
                    self.assertTrue(done.returncode == 0 or done.stderr, name)
                else:
                    self.answered(name, nobody)

    def test_NobodyObservedForAnyTime_IsRefusedByFitsAndScored(self):
        for name in COMMANDS:
            with self.subTest(command=name):
                if name.startswith("fit") or name in ("historical", "validate-model"):
                    self.refused(name, table("0,0,0,0,0,0", "0,0,0,0,0,0"), "T > 0")
                else:
                    self.answered(name, table("0,0,0,0,0,0", "0,0,0,0,0,0"))

    def test_Huge_IsAnswered(self):
        rows = table("100000000,29,30,9e11,3,9e11", "0,0,36500,0,0,0", "1,0.000001,0.000002,0.01,0,0")
        for name in COMMANDS:
            if name in ("fit mbg_nbd", "fit pareto_nbd", "fit --covariates"):
                continue  # three such customers have no maximum: that is FAILED, which is said
            with self.subTest(command=name):
                if name in COUNTED or "bg_bb" in name:
                    self.refused(name, rows, "line 2", "`frequency`")
                else:
                    self.answered(name, rows)

    def test_MeanSpendThatIsNone_IsRefusedByLineAndColumn(self):
        self.refused_by_all("1,1,2,nan,0,0", "`monetary_value`")
        self.refused_by_all("1,1,2,1e400,0,0", "`monetary_value`")

    def test_WhatCountsNoOccasionsOrRenewals_IsRefusedByLineAndColumn(self):
        for row, column in (("2,3.5,6,12,0,0", "`recency`"), ("4,3,6,12,0,0", "`frequency`")):
            for name in COUNTED:
                # The second row would be of place b, which has no contracts.
                self.refused(name, table("3,3,30,12,1,12", "3,3,30,12,1,12", row), "line 4", column)
        self.refused("fit --by contracts", table("2,3,6,12,0,0"), "line 2", "`frequency`", "missed a renewal")
        self.refused("fit bg_bb", table("2,3,200000,12,0,0"), "line 2", "`T`", "100,000")


class ExtremeNewcomers(FolderCase):
    """`tenure value early`, from a file of covariates alone."""

    def early(self, text):
        shop = self.path("shop.csv", table(*("2,20,30,12,1,12", "0,0,30,0,0,0", "1,3,40,20,0,0", "5,39,40,15,2,30",
                                             "0,0,10,0,0,0", "3,8,50,11,0,0") * 120))
        model = self.path("model.json")
        subprocess.run([TENURE, "fit", str(shop), "--model", "mbg_nbd", "--covariates", "channel", "--save", str(model)],
                       check=True, capture_output=True)
        return subprocess.run([TENURE, "value", "early", str(model), str(self.path("new.csv", text)), "--json"],
                              capture_output=True, text=True, timeout=60)

    def test_EmptyOneAlikeAndNegative_AreAnswered(self):
        for text, rows in (("channel\n", 0), ("channel\n1\n", 1), ("channel\n" + "1\n" * 300, 300), ("channel\n-1\n", 1)):
            done = self.early(text)
            self.assertEqual(done.returncode, 0, done.stderr)
            document = json.loads(done.stdout)
            self.assertEqual(len(document), rows)
            self.assertTrue(all(math.isfinite(number) for _, number in numbers(document)))

    def test_WhatIsNoNumberOrTooFar_IsRefusedByLineAndColumn(self):
        for value in ("nan", "inf", "x", "", "1e300", "-1e300"):
            done = self.early(f"channel,name\n1,a\n{value},b\n")
            self.assertEqual(done.returncode, 1, value)
            self.assertIn("line 3 column `channel`", done.stderr)
        self.assertIn("line 1 is empty", self.early("").stderr)


class ExtremeCohorts(FolderCase):
    """sBG and BdW, from cohorts of contracts."""

    def fit(self, model, rows):
        path = self.path("cohorts.csv", "cohort,period,survivors\n" + "".join(f"a,{t},{n}\n" for t, n in enumerate(rows)))
        return subprocess.run([TENURE, "fit", "--model", model, str(path), "--json"], capture_output=True, text=True, timeout=60)

    def test_WhatCanBeNoCohort_IsRefusedByLineAndColumn(self):
        for model in ("sbg", "bdw"):
            for rows, words in (((), "no rows"), ((10,), "line 2 column `survivors`"), ((10, 10, 10), "nobody was lost"),
                                ((0, 0, 0), "nobody renewed"), ((-5, -6, -7), "line 2 column `survivors`"),
                                ((10, "nan", 3), "line 3 column `survivors`"), ((10, "inf", 3), "line 3 column `survivors`")):
                done = self.fit(model, rows)
                self.assertEqual(done.returncode, 1, rows)
                self.assertIn(words, done.stderr)

    def test_OneCustomerOrVeryMany_AreAnswered(self):
        for model in ("sbg", "bdw"):
            for rows in ((2, 1, 1), (1e15, 5e14, 3e14, 2e14)):
                done = self.fit(model, rows)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(all(math.isfinite(number) for _, number in numbers(json.loads(done.stdout), {"expected_lifetime", "retention", "survivors"})))


class ExtremeHoldouts(FolderCase):
    """`tenure validate-model`, from transactions."""

    def validate(self, text):
        return subprocess.run([TENURE, "validate-model", str(self.path("orders.csv", text)), "--customer", "c", "--date", "d",
                               "--amount", "m", "--observation-end", "2018-03-01", "--holdout-end", "2018-06-30", "--json"],
                              capture_output=True, text=True, timeout=60)

    def test_WithoutAnyPurchaseInTime_IsRefused(self):
        self.assertIn("line 1 is empty", self.validate("").stderr)
        for text in ("c,d,m\n", "c,d,m\na,2018-05-02,5\n"):
            done = self.validate(text)
            self.assertEqual(done.returncode, 1)
            self.assertIn("no purchase up to 2018-03-01", done.stderr)

    def test_OneCustomerOrAllAlike_HaveFiguresAndNoVerdict(self):
        for customers in (1, 300):
            done = self.validate("c,d,m\n" + "".join(f"a{i},2018-01-02,5\n" for i in range(customers)))
            self.assertEqual(done.returncode, 0, done.stderr)
            document = json.loads(done.stdout)
            self.assertTrue(all(math.isfinite(number) for _, number in numbers(document, MAY_BE_NULL["validate-model"])))
            self.assertEqual(document["verdict"]["grade"], "UNKNOWN")
            self.assertIn("TOO_LITTLE", done.stdout)


class ExtremeTransactions(FolderCase):
    HEAD = "c,d,m\n"

    def summarize(self, text):
        path = self.path("in.csv", text)
        return subprocess.run([TENURE, "summarize", str(path), "--customer", "c", "--date", "d", "--amount", "m", "--json"],
                              capture_output=True, text=True, timeout=60)

    def test_WhatIsNoAmountOrDate_IsRefusedByLineAndColumn(self):
        for row, column in (("a,2018-01-03,nan", "`m`"), ("a,2018-01-03,inf", "`m`"), ("a,2018-01-03,1e300", "`m`"),
                            ("a,nan,5", "`d`"), ("a,2018-02-30,5", "`d`"), ("a,99999-01-01,5", "`d`")):
            done = self.summarize(self.HEAD + "a,2018-01-02,5\n" + row + "\n")
            self.assertEqual(done.returncode, 1, row)
            self.assertIn("line 3 column " + column, done.stderr)

    def test_EmptyOneRowAndAllAlike(self):
        for text, words in (("", "in.csv"), (self.HEAD, "no rows")):
            done = self.summarize(text)
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)
        for rows in (1, 400):
            done = self.summarize(self.HEAD + "a,2018-01-02,5\n" * rows)
            self.assertEqual(done.returncode, 0, done.stderr)
            customers = json.loads(done.stdout)["customers"]
            self.assertEqual(len(customers), 1)
            self.assertEqual(float(customers[0]["frequency"]), 0)

    def test_HugeAmounts_AddUpOrAreRefused(self):
        done = self.summarize(self.HEAD + "a,2018-01-01,1\na,2018-01-02,4e12\na,2018-01-03,4e12\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.summarize(self.HEAD + "a,2018-01-01,1\n" + "a,2018-01-02,9e12\n" * 3)
        self.assertEqual(done.returncode, 1)
        self.assertIn("customer `a`", done.stderr)


class ExtremeSimulations(FolderCase):
    KNOWN = ("--model", "mbg_nbd", "--params", "r=1,alpha=5,a=0.9,b=3", "--customers", "3")

    def simulate(self, *more):
        return subprocess.run([TENURE, "simulate", *more, "--seed", "1"], capture_output=True, text=True, timeout=60)

    def refused(self, *more):
        done = self.simulate(*more)
        self.assertIn(done.returncode, (1, 2), more)
        self.assertTrue(done.stderr)
        self.assertEqual(done.stdout, "", more)
        return done.stderr

    def test_ParametersThatCanNotBe_AreRefused(self):
        for params in ("r=0,alpha=5", "r=-1,alpha=5", "r=nan,alpha=5", "r=inf,alpha=5", "r=1,alpha=0", "r=1",
                       "r=1e300,alpha=5", "r=1,alpha=1e-300"):
            self.assertIn("--params" if "1e" in params else "r", self.refused("--model", "nbd", "--params", params, "--customers", "3"))

    def test_OptionsThatCanNotBe_AreRefusedByName(self):
        for option, values in {
                "--weeks": ("0", "-1", "nan", "inf", "1e9"), "--join-weeks": ("-1", "nan", "105"),
                "--unit-days": ("0", "nan", "1e300"), "--margin-rate": ("nan", "2", "1e300"),
                "--start": ("2018-02-30", "9999-12-31", "0000-01-01", "soon"),
                "--spend": ("6,4", "0,4,15", "6,nan,15", "6,-4,15", "6,4,1e300", "1e-300,4,15"),
                "--season": ("sine=2@07-01", "sine=nan@07-01", "weekdays=0,0,0,0,0,0,0", "weekdays=1,1,1,1,1,1,-1"),
                "--campaign": ("name=x,at=2018-03-01,share=2", "name=x,at=2018-03-01,uplift=nan",
                               "name=x,at=2018-03-01,uplift=1e300", "name=x,every=0"),
                "--covariates": ("x=bernoulli(2)", "x=bernoulli(nan)", "x=uniform(5,1)", "x=bernoulli(0.5),alpha:x=nan",
                                 "x=bernoulli(0.5),alpha:x=1e9")}.items():
            for value in values:
                self.refused(*self.KNOWN, option, value)
        for customers in ("0", "-3", "1e3", "nan", "99999999999999999999"):
            self.assertIn("--customers", self.refused(*self.KNOWN[:4], "--customers", customers))
        self.assertIn("--start", self.refused(*self.KNOWN, "--start", "9999-12-31"))
        self.assertIn("--spend", self.refused(*self.KNOWN, "--spend", "6,4,1e300"))

    def test_OneCustomerForOneWeek_IsAnswered(self):
        done = self.simulate("--model", "nbd", "--params", "r=1,alpha=5", "--customers", "1", "--weeks", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreaterEqual(len(done.stdout.splitlines()), 2)

    def test_NobodyWhoEverBuysAgain_HasAFirstOrderEach(self):
        done = self.simulate("--model", "nbd", "--params", "r=1e-300,alpha=5", "--customers", "3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 4)


if __name__ == "__main__":
    unittest.main()
