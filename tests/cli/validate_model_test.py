"""validate-model through the real binary, held against an independent computation of the closed forms."""
import csv
import datetime
import json
import math
import os
import pathlib
import random
import re
import subprocess
import unittest
import xml.etree.ElementTree

from folder_case import FolderCase

SOURCE = pathlib.Path(os.environ["TENURE_SOURCE_DIR"])
TENURE = os.path.join(os.environ["TENURE_BINARY_DIR"], "bin", "tenure")
SHARED = pathlib.Path(os.environ.get("TENURE_SHARED_DIR", SOURCE.parent / "shared")) / "data" / "cdnow"
CDNOW = ["--customer", "sample_id", "--date", "date", "--amount", "dollar_value", "--observation-end", "1997-09-30",
         "--holdout-end", "1998-06-30"]


def hypergeometric(a, b, c, z):
    """Gauss's 2F1 by its series, |z| < 1."""
    term = total = 1.0
    k = 0
    while abs(term) > 1e-17 * abs(total):
        term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z
        total += term
        k += 1
    return total


def bg_nbd(params, x, recency, age, t):
    """E[Y(t) | x, t_x, T]: Fader, Hardie, Lee 2005, equation 10."""
    r, alpha, a, b = params
    shrunk = ((alpha + age) / (alpha + age + t)) ** (r + x)
    numerator = (a + b + x - 1) / (a - 1) * (
        1 - shrunk * hypergeometric(r + x, b + x, a + b + x - 1, t / (alpha + age + t)))
    dead = 0 if x == 0 else a / (b + x - 1) * ((alpha + age) / (alpha + recency)) ** (r + x)
    return numerator / (1 + dead)


def mbg_nbd(params, x, recency, age, t):
    """The same where the first purchase may be the last: Batislam et al. 2007."""
    r, alpha, a, b = params
    shrunk = ((alpha + age) / (alpha + age + t)) ** (r + x)
    numerator = (a + b + x) / (a - 1) * (
        1 - shrunk * hypergeometric(r + x, b + x + 1, a + b + x, t / (alpha + age + t)))
    return numerator / (1 + a / (b + x) * ((alpha + age) / (alpha + recency)) ** (r + x))


def bg_nbd_of_new(params, t):
    """E[X(t)]: Fader, Hardie, Lee 2005, equation 9."""
    r, alpha, a, b = params
    return (a + b - 1) / (a - 1) * (
        1 - (alpha / (alpha + t)) ** r * hypergeometric(r, b, a + b - 1, t / (alpha + t)))


def spearman(xs, ys):
    def ranks(values):
        order = sorted(values)
        first, last = {}, {}
        for i, value in enumerate(order, 1):
            first.setdefault(value, i)
            last[value] = i
        return [(first[value] + last[value]) / 2 for value in values]
    xs, ys = ranks(xs), ranks(ys)
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    return (sum((x - mx) * (y - my) for x, y in zip(xs, ys))
            / math.sqrt(sum((x - mx) ** 2 for x in xs) * sum((y - my) ** 2 for y in ys)))


class ValidateModel(FolderCase):
    def run_tenure(self, *arguments):
        return subprocess.run([TENURE, *map(str, arguments)], capture_output=True, text=True)

    def ok(self, *arguments):
        done = self.run_tenure(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def figures(self, *arguments):
        return json.loads(self.ok("validate-model", *arguments, "--json"))

    def refused(self, code, words, *arguments):
        done = self.run_tenure("validate-model", *arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def cdnow(self):
        if not SHARED.exists():
            self.skipTest("the shared data folder is absent: set TENURE_SHARED_DIR")
        return SHARED / "transactions.csv"

    def test_Cdnow_EveryFigure_IsThatOfTheClosedForm(self):
        transactions = self.cdnow()
        with open(SHARED / "summary.csv") as file:
            rows = [{key: float(value) for key, value in row.items() if key != "customer"}
                    for row in csv.DictReader(file)]
        actual = [row["holdout_frequency"] for row in rows]
        # The sums of the published fits: 1653.408 and 1576.72, the latter cut off at its second decimal.
        for model, closed_form, published, digits in (("bg_nbd", bg_nbd, 1653.408, 1e-3),
                                                      ("mbg_nbd", mbg_nbd, 1576.72, 1e-2)):
            figures = self.figures(transactions, *CDNOW, "--model", model)
            params = [figures["params"][name] for name in ("r", "alpha", "a", "b")]
            expected = [closed_form(params, row["frequency"], row["recency"], row["T"], 39) for row in rows]
            purchases = figures["purchases"]
            self.assertAlmostEqual(purchases["expected"], published, delta=digits)
            self.assertAlmostEqual(purchases["expected"], sum(expected), 8)
            self.assertEqual(purchases["actual"], 1882)
            errors = [e - a for e, a in zip(expected, actual)]
            self.assertAlmostEqual(purchases["mean_absolute_error"], sum(map(abs, errors)) / 2357, 10)
            self.assertAlmostEqual(purchases["root_mean_square_error"],
                                   math.sqrt(sum(error * error for error in errors) / 2357), 10)
            self.assertAlmostEqual(purchases["spearman"],
                                   spearman([round(e, 9) for e in expected], actual), 9)
            for bin_, low in zip(figures["frequency_bins"], range(8)):
                mine = [(e, a) for e, a, row in zip(expected, actual, rows) if min(row["frequency"], 7) == low]
                self.assertEqual(bin_["customers"], len(mine))
                self.assertAlmostEqual(bin_["expected"], sum(e for e, _ in mine) / len(mine), 9)
                self.assertAlmostEqual(bin_["actual"], sum(a for _, a in mine) / len(mine), 12)
            spend = sum(decile["actual"] * decile["customers"] for decile in figures["spend"]["deciles"])
            self.assertAlmostEqual(spend, figures["spend"]["actual"], 6)

    def test_FileOfAnotherForm_IsReadByTheOptionsOfSummarize(self):
        orders = self.path("orders.csv")
        self.ok("simulate", "--model", "mbg_nbd", "--params", "r=0.8,alpha=6,a=0.9,b=3", "--spend", "6.25,3.74,15.44",
                "--customers", 600, "--weeks", 60, "--seed", 4, "--output", orders)
        options = ("--customer", "customer_id", "--date", "date", "--amount", "amount", "--observation-end", "2018-09-30",
                   "--holdout-end", "2018-12-31", "--model", "mbg_nbd")
        plain = self.figures(orders, *options)
        # The same purchases at half past midnight in Berlin, which is the day before in UTC.
        other = [",".join(orders.read_text().splitlines()[0].split(",")).replace(",", ";")]
        for row in csv.DictReader(orders.read_text().splitlines()):
            row["date"], row["amount"] = row["date"] + "T00:30:00", row["amount"].replace(".", ",")
            other.append(";".join(row.values()))
        form = ("--separator", ";", "--decimal", "comma", "--zone", "Europe/Berlin")
        figures = self.figures(self.path("other.csv", "\n".join(other) + "\n"), *options, *form)
        self.assertEqual(figures["purchases"], plain["purchases"])
        self.assertEqual(figures["spend"], plain["spend"])
        self.refused(2, ["--discount"], orders, "--customer", "customer_id", "--date", "date", "--discount", "margin",
                     "--observation-end", "2018-09-30", "--holdout-end", "2018-12-31")

    def test_Cdnow_ParetoNbd_ExpectsThePublishedSum(self):
        purchases = self.figures(self.cdnow(), *CDNOW, "--model", "pareto_nbd")["purchases"]
        # By Fader, Hardie's fit (.553270, 10.577801, .606020, 11.663915); ours has the same likelihood to 1e-6 and s larger
        # by 4e-4 of itself.
        self.assertAlmostEqual(purchases["expected"], 1665.688, delta=0.5)
        model = self.path("m.json", json.dumps({
            "format": "tenure.value_model.v1", "model": "pareto_nbd", "params": [.553270, 10.577801, .606020, 11.663915],
            "log_covariance": [], "verdict": "given", "spend_params": [], "spend_log_covariance": [],
            "spend_verdict": "given", "fallback": False, "time_unit_days": 7, "horizon_days": 364,
            "discount_per_year": 0.1, "response_window_days": 28, "margin_rate": 1}))
        published = self.figures(SHARED / "summary.csv", "--unit", "week", "--holdout-days", 273, "--saved", model)
        self.assertAlmostEqual(published["purchases"]["expected"], 1665.688, delta=0.001)

    def test_Cdnow_AutomaticChoice_IsThatOfAFitWhichHasNotSeenTheHoldout(self):
        figures = self.figures(self.cdnow(), *CDNOW)
        fit = json.loads(self.ok("fit", SHARED / "summary.csv", "--unit", "week", "--save", self.path("m.json"), "--json"))
        self.assertEqual(figures["model"], fit["chosen"])
        tried = {each["model"]: each for each in figures["tried"]}
        self.assertAlmostEqual(tried[figures["model"]]["mean_absolute_error"],
                               figures["purchases"]["mean_absolute_error"], 9)
        self.assertAlmostEqual(tried["bg_nbd"]["expected"], 1653.408, delta=1e-3)

    def test_Cdnow_Tracking_IsTheSumOverEverybodysOwnStart(self):
        figures = self.figures(self.cdnow(), *CDNOW, "--model", "bg_nbd")
        params = [figures["params"][name] for name in ("r", "alpha", "a", "b")]
        days = {}
        with open(SHARED / "transactions.csv") as file:
            for row in csv.DictReader(file):
                days.setdefault(row["sample_id"], set()).add(datetime.date.fromisoformat(row["date"]))
        first = [min(dates) for dates in days.values()]
        repeats = [date for dates in days.values() for date in dates if date != min(dates)]
        weeks = figures["tracking"]["weeks"]
        self.assertEqual(len(weeks), 78)
        self.assertEqual([week["end"] for week in weeks if not week["holdout"]][-1], "1997-09-30")
        for week in weeks[::11] + weeks[-1:]:
            end = datetime.date.fromisoformat(week["end"])
            expected = sum(bg_nbd_of_new(params, (end - start).days / 7) for start in first if start < end)
            self.assertAlmostEqual(week["expected_total"], expected, 6)
            self.assertEqual(week["actual_total"], sum(date <= end for date in repeats))
        self.assertEqual(weeks[-1]["actual_total"], 2457 + 1882)

    def test_Cdnow_SummaryAndSavedModel_GiveTheSameFiguresWithoutTracking(self):
        fitted = self.figures(self.cdnow(), *CDNOW, "--model", "mbg_nbd")
        again = self.figures(SHARED / "summary.csv", "--unit", "week", "--holdout-days", 273, "--model", "mbg_nbd")
        self.assertNotIn("tracking", again)
        self.assertIn("no tracking", again["no_tracking"])
        self.assertNotIn("spend", again)
        self.assertAlmostEqual(again["purchases"]["expected"], fitted["purchases"]["expected"], 6)
        model = self.path("m.json")
        self.ok("fit", SHARED / "summary.csv", "--model", "mbg_nbd", "--unit", "week", "--save", model,
                "--margin-rate", "0.3")
        page = self.path("report.html")
        saved = self.figures(SHARED / "summary.csv", "--unit", "week", "--holdout-days", 273, "--saved", model,
                             "--out", page)
        self.assertAlmostEqual(saved["purchases"]["expected"], fitted["purchases"]["expected"], 6)
        self.assertIn("these figures flatter it", page.read_text())

    def test_Report_IsWellFormedAndStandsAlone(self):
        page = self.path("report.html")
        said = self.ok("validate-model", self.cdnow(), *CDNOW, "--out", page)
        self.assertIn("GINI_GAIN", said)
        root = xml.etree.ElementTree.parse(page).getroot()
        space = {"h": "http://www.w3.org/1999/xhtml", "s": "http://www.w3.org/2000/svg"}
        titles = [title.text for title in root.iterfind(".//s:svg/s:title", space)]
        self.assertEqual(len(titles), 5)
        text = page.read_text()
        for outside in ("<script", "<link", "<img", "src=", "href=", "url("):
            self.assertNotIn(outside, text)
        self.assertNotRegex(text, r">-?(nan|inf)<")
        for part in ("standard error", "First:", "1997-10-01 to 1998-06-30, 273 days", "revenue, undiscounted"):
            self.assertIn(part, text)
        before = page.read_bytes()
        self.ok("validate-model", self.cdnow(), *CDNOW, "--out", page)
        self.assertEqual(page.read_bytes(), before)

    def test_HoldoutSpend_IsHeldAgainstExpectedRevenue(self):
        rows = "".join(f"{x},{x * 3},{40 + i % 9},{20 + i % 7},{x // 2},{(x // 2) * (20 + i % 7)}\n"
                       for i in range(600) for x in [i % 6])
        summary = self.path("s.csv", "frequency,recency,T,monetary_value,holdout_frequency,holdout_spend\n" + rows)
        figures = self.figures(summary, "--unit", "week", "--holdout-days", 70)
        self.assertEqual(figures["customers"], 600)
        self.assertEqual(figures["spend"]["actual"],
                         sum(float(row["holdout_spend"]) for row in csv.DictReader(summary.read_text().splitlines())))
        self.assertEqual(len(figures["spend"]["deciles"]), 10)
        shuffled = self.path("t.csv", summary.read_text().splitlines()[0] + "\n" +
                             "".join(line + "\n" for line in reversed(rows.splitlines())))
        other = self.figures(shuffled, "--unit", "week", "--holdout-days", 70)
        self.assertAlmostEqual(other["spend"]["gini_gain"], figures["spend"]["gini_gain"], 9)

    def test_Weights_AreThatManyRows(self):
        head = "frequency,recency,T,monetary_value,holdout_frequency,holdout_spend"
        lines = [f"{x},{x and 10 * x},{70 + i % 9},{20 + i % 7 if x else 0},{(x + i) % 3},{(x + i) % 3 * 21}"
                 for i in range(150) for x in [i % 5]]
        weights = [1 + i % 3 for i in range(150)]
        once = self.path("w.csv", f"{head},n\n" + "".join(f"{line},{w}\n" for line, w in zip(lines, weights)))
        repeated = self.path("r.csv", f"{head}\n" + "".join(f"{line}\n" * w for line, w in zip(lines, weights)))
        asked = ("--unit", "week", "--holdout-days", 70)
        ours, theirs = self.figures(once, *asked, "--weights", "n"), self.figures(repeated, *asked)
        for what in ("purchases", "spend"):
            for figure in ("expected", "actual", "bias", "mean_absolute_error", "spearman", "gini_gain"):
                self.assertAlmostEqual(ours[what][figure], theirs[what][figure], 6, f"{what} {figure}")
        halves = self.path("h.csv", f"{head},weights\n" + "".join(f"{line},{w / 2}\n" for line, w in zip(lines, weights)))
        half = self.figures(halves, *asked)
        self.assertAlmostEqual(2 * half["purchases"]["actual"], theirs["purchases"]["actual"], 6)
        self.assertAlmostEqual(half["purchases"]["bias"], theirs["purchases"]["bias"], 6)
        broken = self.path("b.csv", f"{head},n\n{lines[1]},1.5\n")
        self.refused(2, ["--weights goes with a summary"], broken, "--customer", "c", "--date", "d", "--observation-end",
                     "2018-01-05", "--holdout-end", "2018-01-20", "--weights", "n")

    def occasions(self, unit):
        """A summary of 800 donors over 6 periods and 5 held out, by hand: each gives with a chance of their own."""
        rows = []
        for i in range(800):
            chance, last, given = 0.1 + 0.8 * (i * 7919 % 800) / 800, 0, 0
            held = 0
            for period in range(1, 12):
                gave = (i * 104729 + period * 7907) % 1009 / 1009 < chance
                if period <= 6 and gave:
                    given, last = given + 1, period
                if period > 6 and gave:
                    held += 1
            rows.append(f"{given},{last},6,{held}")
        return self.path(f"{unit}.csv", "frequency,recency,T,holdout_frequency\n" + "\n".join(rows) + "\n")

    def test_Occasions_AreFittedInTheirUnit(self):
        for unit, days in (("year", 1826.25), ("month", 152.1875), ("week", 35), ("day", 5)):
            for model in ("beta_binomial", "bg_bb"):
                figures = self.figures(self.occasions(unit), "--unit", unit, "--holdout-days", days, "--model", model)
                self.assertEqual(figures["time_unit_days"], {"year": 365.25, "month": 30.4375, "week": 7, "day": 1}[unit])
                self.assertLess(abs(figures["purchases"]["bias"]), 0.1, f"{unit} {model}")
        halves = self.path("h.csv", "frequency,recency,T,holdout_frequency\n1,2.5,6,1\n")
        self.refused(1, ["line 2", "`recency`", "whole"], halves, "--unit", "year", "--holdout-days", 365, "--model", "bg_bb")

    def test_Contracts_AreFittedInTheirUnit(self):
        shop, rows = random.Random(1), []
        for _ in range(1500):
            risk, renewals = shop.betavariate(1, 2), 0
            while renewals < 10 and shop.random() > risk:
                renewals += 1
            # The sixth is due just now: it is the first of the holdout.
            rows.append(f"{min(renewals, 5)},{min(renewals, 5)},6,{max(renewals - 5, 0)}")
        contracts = self.path("c.csv", "frequency,recency,T,holdout_frequency\n" + "\n".join(rows) + "\n")
        for model in ("sbg", "bdw"):
            figures = self.figures(contracts, "--unit", "year", "--holdout-days", 1461, "--model", model)
            self.assertLess(abs(figures["purchases"]["bias"]), 0.12, model)

    def test_SavedModel_IsAskedInItsUnit_AndNotFittedAnew(self):
        orders, model = self.path("orders.csv"), self.path("m.json")
        self.ok("simulate", "--model", "mbg_nbd", "--params", "r=0.8,alpha=6,a=0.9,b=3", "--customers", 800, "--weeks", 70,
                "--seed", 4, "--output", orders)
        split = ("--observation-end", "2018-10-07", "--holdout-end", "2018-12-30")
        weeks = self.path("w.csv")
        self.ok("summarize", orders, "--customer", "customer_id", "--date", "date", "--unit", "week",
                "--observation-end", "2018-10-07", "--holdout", "2018-12-30", "--output", weeks)
        self.ok("fit", weeks, "--unit", "week", "--model", "mbg_nbd", "--save", model)
        ours = self.figures(weeks, "--holdout-days", 84, "--saved", model)
        same = self.figures(weeks, "--holdout-days", 84, "--saved", model, "--unit", "week")
        from_orders = self.figures(orders, "--customer", "customer_id", "--date", "date", *split, "--saved", model)
        self.assertEqual(ours["purchases"], same["purchases"])
        self.assertAlmostEqual(ours["purchases"]["expected"], from_orders["purchases"]["expected"], 6)
        self.refused(2, ["--model", "--saved"], weeks, "--holdout-days", 84, "--saved", model, "--model", "nbd")
        self.refused(2, ["--unit"], orders, "--customer", "customer_id", "--date", "date", *split, "--saved", model,
                     "--unit", "week")

    def test_ModelsByRow_AreValidatedTogether(self):
        head = "frequency,recency,T,holdout_frequency,place,z\n"
        rows = [f"{x},{x and 6 * x + i % 3},{60 + i % 7},{(x + i) % 4},{'ab'[i % 2]},{i % 2}"
                for i in range(900) for x in [i * i % 7 + (i % 2)]]
        both, model = self.path("s.csv", head + "\n".join(rows) + "\n"), self.path("m.json")
        asked = ("--holdout-days", 70, "--saved", model)
        for options in (("--by", "place"), ("--model", "mbg_nbd", "--covariates", "z")):
            self.ok("fit", both, "--unit", "week", *options, "--save", model)
            figures = self.figures(both, *asked)
            parts = [self.figures(self.path("p.csv", head + "\n".join(rows[k::2]) + "\n"), *asked) for k in (0, 1)]
            self.assertAlmostEqual(figures["purchases"]["expected"],
                                   sum(part["purchases"]["expected"] for part in parts), 6)
            self.assertEqual(figures["customers"], 900)
            transactions = self.path("o.csv", "c,d\na,2018-01-01\n")
            self.refused(1, ["summary"], transactions, "--customer", "c", "--date", "d", "--observation-end", "2018-01-05",
                         "--holdout-end", "2018-01-20", "--saved", model)
        self.refused(1, ["no column"], self.path("n.csv", "frequency,recency,T,holdout_frequency\n1,2,3,1\n"), *asked)

    def test_RegularTiming_MayBeNamed(self):
        rows = "".join(f"{x},{x * 8 if x else 0},{60 + i % 7},{(x + i) % 3},{x * 2.0794415}\n"
                       for i in range(400) for x in [i % 7])
        summary = self.path("s.csv", "frequency,recency,T,holdout_frequency,log_intervals\n" + rows)
        figures = self.figures(summary, "--unit", "week", "--holdout-days", 70, "--model", "cnbd_k")
        self.assertRegex(figures["model"], "^cnbd_[0-9]+$")
        self.assertEqual(self.figures(summary, "--unit", "week", "--holdout-days", 70, "--model", "cnbd_3")["model"], "cnbd_3")
        self.refused(2, ["--model"], summary, "--holdout-days", 70, "--model", "cnbd_99")

    def test_HoldoutBeyondTheRecords_GivesNoVerdict(self):
        done = self.run_tenure("validate-model", self.cdnow(), *CDNOW[:-1], "2030-06-30", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("the last purchase is of 1998-06-30", done.stderr)
        verdict = json.loads(done.stdout)["verdict"]
        self.assertEqual(verdict["grade"], "UNKNOWN")
        self.assertEqual(verdict["findings"][0]["code"], "HOLDOUT_BEYOND_DATA")
        self.assertNotIn("warning", self.run_tenure("validate-model", self.cdnow(), *CDNOW).stderr)

    def test_WrongUsageAndBrokenFiles_AreRefused(self):
        orders = self.path("o.csv", "c,d,m\na,2018-01-01,5\nb,2018-01-09,x\n")
        split = ["--observation-end", "2018-01-05", "--holdout-end", "2018-01-20"]
        self.refused(2, ["--holdout-days", "--observation-end"], orders)
        self.refused(2, ["--customer"], orders, "--customer", "c", *split)
        self.refused(2, ["--holdout-days goes with a summary"], orders, "--customer", "c", "--date", "d", *split,
                     "--holdout-days", 3)
        self.refused(2, ["--holdout-days", "`0` is not a"], orders, "--holdout-days", 0)
        self.refused(1, ["line 3", "`m`"], orders, "--customer", "c", "--date", "d", "--amount", "m", *split)
        self.refused(1, ["must be after"], orders, "--customer", "c", "--date", "d", "--observation-end", "2018-02-01",
                     "--holdout-end", "2018-01-20")
        self.refused(1, ["no purchase up to 2017-01-01"], orders, "--customer", "c", "--date", "d",
                     "--observation-end", "2017-01-01", "--holdout-end", "2018-01-20")
        summary = self.path("s.csv", "frequency,recency,T\n1,2,3\n")
        self.refused(1, ["no column `holdout_frequency`"], summary, "--holdout-days", 30)
        negative = self.path("n.csv", "frequency,recency,T,holdout_frequency\n1,2,3,-1\n")
        self.refused(1, ["line 2", "`holdout_frequency`", "not a whole number"], negative, "--holdout-days", 30)
        empty = self.path("e.csv", "frequency,recency,T,holdout_frequency\n")
        self.refused(1, ["no rows below its header"], empty, "--holdout-days", 30)

    def test_TwoCustomers_GiveFiguresButNoVerdict(self):
        summary = self.path("s.csv", "frequency,recency,T,holdout_frequency\n1,2,30,1\n0,0,30,0\n")
        page = self.path("r.html")
        figures = self.figures(summary, "--holdout-days", 30, "--out", page)
        self.assertEqual(figures["verdict"]["grade"], "UNKNOWN")
        self.assertIn("pooled", figures["fallback"])
        xml.etree.ElementTree.parse(page)

    def test_Docs_ExampleRunsAsPrinted(self):
        text = (SOURCE / "docs" / "clv.md").read_text()
        section = text.split("\n## Validation\n", 1)[1].split("\n## ", 1)[0]
        commands = re.search(r"^```sh\n(.*?)^```$", section, re.M | re.S)[1]
        done = subprocess.run(["bash", "-e", "-c", commands], cwd=self.folder, capture_output=True, text=True,
                              env={**os.environ, "PATH": os.path.dirname(TENURE) + ":" + os.environ["PATH"]})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("PURCHASES_BIAS", done.stdout)
        xml.etree.ElementTree.parse(self.folder / "report.html")


if __name__ == "__main__":
    unittest.main()
