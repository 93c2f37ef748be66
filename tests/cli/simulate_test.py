"""`tenure simulate` through the real binary: what it makes has the properties that it was asked for."""
import collections
import csv
import datetime
import json
import math
import pathlib
import re
import subprocess
import unittest

from tenure_case import TENURE, TenureCase, run

SLOW_BUYERS = ("--model", "mbg_nbd", "--params", "r=0.9,alpha=40,a=0.7,b=4", "--weeks", 400, "--start", "2010-01-01")
SPEND = ("--spend", "6.25,3.74,15.44")


class Simulate(TenureCase):
    def rows(self, path):
        with open(path, encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def test_the_base_fitted_back_gives_the_parameters(self):
        orders, summary = self.path("o.csv"), self.path("s.csv")
        truth = {"nbd": {"r": 0.9, "alpha": 40}, "bg_nbd": {"r": 0.9, "alpha": 40, "a": 0.7, "b": 4},
                 "mbg_nbd": {"r": 0.9, "alpha": 40, "a": 0.7, "b": 4}}
        for model, parameters in truth.items():
            self.ok("simulate", "--model", model, "--params", ",".join(f"{k}={v}" for k, v in parameters.items()),
                    *SPEND, "--customers", 8000, "--seed", 12, "--weeks", 400, "--start", "2010-01-01",
                    "--output", orders)
            self.ok("summarize", orders, "--customer", "customer_id", "--date", "date", "--amount", "amount",
                    "--unit", "week", "--observation-end", "2017-08-31", "--output", summary)
            fit = json.loads(self.ok("fit", summary, "--model", model, "--json"))
            for name, value in parameters.items():
                self.assertLess(abs(fit["params"][name] - value), 3.5 * fit["standard_errors"][name], (model, name))
        spend = json.loads(self.ok("fit", summary, "--model", "gamma_gamma", "--json"))
        for name, value in {"p": 6.25, "q": 3.74, "v": 15.44}.items():
            self.assertLess(abs(spend["params"][name] - value), 3.5 * spend["standard_errors"][name], name)

    def test_every_model_makes_a_base(self):
        parameters = {"nbd": "r=1,alpha=6", "cnbd_3": "r=1,alpha=6", "bg_nbd": "r=1,alpha=6,a=0.8,b=3",
                      "mbg_cnbd_2": "r=1,alpha=6,a=0.8,b=3", "pareto_nbd": "r=1,alpha=6,s=0.6,beta=12",
                      "beta_binomial": "alpha=1,beta=2", "bg_bb": "alpha=1,beta=1,gamma=0.7,delta=3",
                      "sbg": "alpha=0.7,beta=1.2", "bdw": "alpha=0.7,beta=1.2,c=0.9"}
        for model, params in parameters.items():
            arguments = ("simulate", "--model", model, "--params", params, "--customers", 300, "--unit-days", 30,
                         "--output", self.path("o.csv"), "--truth", self.path("t.csv"), "--json")
            done = run(*arguments)
            if "unknown purchase model" in done.stderr:
                continue
            self.assertEqual(done.returncode, 0, (model, done.stderr))
            totals = json.loads(done.stdout)
            self.assertEqual(totals["purchases"], len(self.rows(self.path("o.csv"))), model)
            truth = self.rows(self.path("t.csv"))
            self.assertEqual(totals["alive_at_end"], sum(row["alive"] == "1" for row in truth), model)
            self.assertGreater(totals["purchases"], 300, model)

    def test_the_season_comes_back_by_month(self):
        orders = self.path("o.csv")
        weeks = [1.0] * 44 + [2.0] * 4 + [3.0] * 4  # from November on
        self.ok("simulate", "--model", "nbd", "--params", "r=5,alpha=25", "--customers", 20000, "--seed", 3,
                "--weeks", 53, "--join-weeks", 0, "--start", "2019-01-01", "--season",
                "weeks=" + ",".join(map(str, weeks)), "--season", "weekdays=1,1,1,1,1,1,0", "--output", orders)
        a_day = collections.Counter()
        for row in self.rows(orders):
            if not row["order_id"].endswith("-1"):  # everybody joins on the first day
                a_day[row["date"]] += 1
        dates = [datetime.date(2019, 1, 1) + datetime.timedelta(days=n) for n in range(365)]
        for day in dates:
            if day.weekday() == 6:
                self.assertEqual(a_day[day.isoformat()], 0, day)
        for month in range(1, 13):
            days = [day for day in dates if day.month == month and day.weekday() != 6]
            wanted = sum(weeks[min((day.timetuple().tm_yday - 1) // 7, 51)] for day in days) * 20000 * 0.2 / 7
            seen = sum(a_day[day.isoformat()] for day in days)
            # Poisson noise, and that of the customers' mean rate, Gamma(5, 25), which all months share.
            error = math.sqrt(wanted + (wanted / math.sqrt(5 * 20000)) ** 2)
            self.assertLess(abs(seen - wanted), 4 * error, month)

    def test_treated_against_holdout_is_the_stated_uplift(self):
        orders, contacts, truth = self.path("o.csv"), self.path("c.csv"), self.path("t.csv")
        self.ok("simulate", "--model", "nbd", "--params", "r=2,alpha=20", "--customers", 40000, "--seed", 4,
                "--weeks", 60, "--join-weeks", 20, "--start", "2019-01-01", "--output", orders, "--truth", truth,
                "--contacts", contacts, "--campaign", "name=spring,at=2019-08-01,holdout=0.5,window=28,uplift=0.4")
        arms = {row["customer_id"]: row["arm"] for row in self.rows(contacts)}
        self.assertEqual({row["campaign"] for row in self.rows(contacts)}, {"spring"})
        within = collections.Counter(
            row["customer_id"] for row in self.rows(orders) if "2019-08-01" <= row["date"] < "2019-08-29")
        means, errors = {}, 0
        for arm in ("treated", "holdout"):
            counts = [within[customer] for customer, own in arms.items() if own == arm]
            means[arm] = sum(counts) / len(counts)
            errors += sum((n - means[arm]) ** 2 for n in counts) / len(counts) ** 2
        self.assertLess(abs(means["treated"] - means["holdout"] - 0.4 * 0.1 * 4), 3.5 * math.sqrt(errors))
        for row in self.rows(truth):
            self.assertEqual(row["spring_holdout"] == "1", arms[row["customer_id"]] == "holdout")
            self.assertGreater(float(row["spring_tau"]), 0)
            self.assertLess(float(row["spring_p0"]) + float(row["spring_tau"]), 1)

    def test_the_same_seed_gives_the_same_customers_however_many(self):
        extras = ("--season", "sine=0.4@12-15", "--covariates",
                  "channel=bernoulli(0.4),age=uniform(20,60),alpha:channel=0.5,a:age=-0.01", "--campaign",
                  "every=56,share=0.5,holdout=0.1,uplift=0.3,retention=0.3,pull_forward=0.5,sure_things=0.2,"
                  "lost_causes=0.2,persuadables=0.2:0.9,sleeping_dogs=0.1:-0.5")
        texts = {}
        for name, customers in (("one", 1500), ("two", 1500), ("few", 90)):
            files = {option: self.path(f"{name}.{option}") for option in ("output", "truth", "attributes", "contacts")}
            self.ok("simulate", *SLOW_BUYERS, *SPEND, "--customers", customers, "--seed", 8, *extras,
                    *[word for option, path in files.items() for word in (f"--{option}", path)])
            texts[name] = {option: path.read_text() for option, path in files.items()}
        self.assertEqual(texts["one"], texts["two"])
        for option, text in texts["few"].items():
            self.assertTrue(texts["one"][option].startswith(text), option)
        header = texts["one"]["truth"].splitlines()[0].split(",")
        self.assertEqual(header[7:], ["channel", "age", "campaign_segment", "campaign_holdout", "campaign_p0",
                                      "campaign_tau"])
        segments = collections.Counter(row["campaign_segment"] for row in self.rows(self.path("one.truth")))
        self.assertEqual(set(segments), {"persuadable", "sure_thing", "lost_cause", "sleeping_dog", "other"})
        self.assertEqual(texts["one"]["attributes"].splitlines()[0], "customer_id,joined,channel,age")

    def test_ten_million_customers_stream(self):
        """Memory stays small, and what is read first is there at once, whatever is still to come."""
        with subprocess.Popen([TENURE, "simulate", *map(str, SLOW_BUYERS), "--customers", "10000000"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            first = [process.stdout.readline() for _ in range(100_000)]
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            process.stdout.close()
            process.terminate()
        self.assertTrue(first[-1].startswith(b"C"), first[-1])
        self.assertLess(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]), 200 << 10)

    def test_what_can_not_be_is_refused_with_what_can(self):
        base = ("simulate", "--model", "mbg_nbd", "--params", "r=1,alpha=6,a=1,b=3", "--customers", 5)
        for words, *more in [
            (["--season", "sine=AMPLITUDE"], "--season", "winter=2"),
            (["--season", "from 0 to 1", "1.5"], "--season", "sine=1.5"),
            (["--season", "07-32", "month and day"], "--season", "sine=0.5@07-32"),
            (["--season", "52 numbers, not 2"], "--season", "weeks=1,2"),
            (["--season", "all 0"], "--season", "weekdays=0,0,0,0,0,0,0"),
            (["--covariates", "bernoulli(P)"], "--covariates", "channel=coin(2)"),
            (["--covariates", "between 0 and 1"], "--covariates", "channel=bernoulli(2)"),
            (["--covariates", "lower-case"], "--covariates", "Channel=bernoulli(0.2)"),
            (["--covariates", "twice"], "--covariates", "age=normal(0,1),age=normal(0,1)"),
            (["--covariates", "beta:age", "alpha:age, a:age, b:age"], "--covariates", "age=normal(0,1),beta:age=1"),
            (["--covariates", "factor of e^60"], "--covariates", "age=uniform(20,60),alpha:age=1"),
            (["--campaign", "when?", "every=DAYS"], "--campaign", "uplift=0.3"),
            (["--campaign", "pull_forward", "upliftt"], "--campaign", "every=28,upliftt=0.3"),
            (["--campaign", "2018-01-01 to 2019-12-29"], "--campaign", "at=2020-01-01"),
            (["--campaign", "sum to 1.2"], "--campaign", "every=28,sure_things=0.6,lost_causes=0.6"),
            (["--campaign", "0.2:0.5"], "--campaign", "every=28,persuadables=0.6"),
            (["--campaign", "holdout", "from 0 to 1"], "--campaign", "every=28,holdout=7"),
            (["--params", "unit of time"], "--params", "r=1,alpha=1e-9,a=1,b=3"),
        ]:
            arguments = [*base, *more] if more[0] != "--params" else [*base[:3], *more, *base[5:]]
            self.assertNotIn("terminate", self.refused(1, words, *arguments, "--output", self.path("o.csv")))
            self.assertFalse(self.path("o.csv").exists())
        for option, value in (("--season", "sine=0.2"), ("--campaign", "every=28")):
            self.refused(1, [option, "bg_bb has occasions"], "simulate", "--model", "bg_bb", "--params",
                         "alpha=1,beta=1,gamma=1,delta=3", "--customers", 5, option, value)
        self.refused(2, ["--contacts", "--campaign"], *base, "--contacts", self.path("c.csv"))
        self.refused(2, ["named twice"], *base, "--output", self.path("a.csv"), "--truth", self.path("a.csv"))
        self.refused(1, ["can't write", "/nowhere"], *base, "--output", "/nowhere/o.csv")


if __name__ == "__main__":
    unittest.main()
