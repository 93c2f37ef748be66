#!/usr/bin/env python3
"""The commands that ask a server, against a real tenured with the shipped rules and policies."""
import csv
import json
import pathlib
import random
import signal
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree

from real_server import SOURCE, TENURE, TENURED, Server

SEED = 7


def write_orders(path, customers=300):
    """A shop of regular buyers, orders of one to three rows, one margin in five unknown to none."""
    rng = random.Random(SEED)
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Order", "Customer", "Date", "Category", "Sales", "Profit", "Region"])
        order = 0
        for c in range(customers):
            day = rng.randrange(1, 900)
            rate = rng.uniform(20, 200)
            while day < 1450:
                order += 1
                date = time.strftime("%Y-%m-%d", time.gmtime(1388534400 + day * 86400))  # from 2014
                for _ in range(rng.randrange(1, 4)):
                    sales = round(rng.uniform(5, 200), 2)
                    writer.writerow([f"O{order}", f"C{c}", date, rng.choice(["Chairs", "Paper"]),
                                     sales, round(sales * 0.3, 4), "West"])
                day += max(1, int(rng.expovariate(1 / rate)))
    return order


IMPORT = ["--customer", "Customer", "--date", "Date", "--amount", "Sales", "--margin", "Profit",
          "--category", "Category", "--order", "Order", "--attribute", "Region",
          "--consent", "email=granted", "--zone", "America/New_York"]  # as the shipped rules


class WholePath(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = Server(cls.folder.name)
        cls.orders = pathlib.Path(cls.folder.name) / "orders.csv"
        cls.order_count = write_orders(cls.orders)
        cls.imported = cls.server.json("import", "events", cls.orders, *IMPORT)
        cls.model = cls.server.json("models", "fit", "--holdout-days", "180")
        cls.report = pathlib.Path(cls.folder.name) / "report.html"
        cls.validation = cls.server.json("models", "validate", "--holdout-days", "180", "--out", cls.report)
        cls.plan = cls.server.json("plan")
        ids = [f"C{i}" for i in range(300)]
        cls.decisions = [r["decision"] for r in cls.server.json("decide", *ids)["results"]]
        cls.selected = [d for d in cls.decisions if d["selections"]]

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.folder.cleanup()
        assert code == 0, f"tenured ended with {code} on SIGTERM"

    def test_Import_OrdersOfSeveralRows_AreOnePurchaseEach(self):
        self.assertEqual(self.imported["accepted"], self.order_count + 300 + 300)
        self.assertEqual(self.imported["rejected"], 0)

    def test_Import_SameFileAgain_IsAllDuplicates(self):
        again = self.server.json("import", "events", self.orders, *IMPORT)
        self.assertEqual(again["accepted"], 0)
        self.assertEqual(again["duplicates"], self.imported["accepted"])

    def test_Import_BadRows_AreNamedWithLineAndColumn(self):
        bad = pathlib.Path(self.folder.name) / "bad.csv"
        bad.write_text("Customer,Date,Sales\nX1,2017-05-01,10\nX1,05/02/2017,10\nX1,2017-05-03,ten\n"
                       "X2,2030-01-01,5\n")
        done = self.server.run("import", "events", bad, "--customer", "Customer", "--date", "Date",
                               "--amount", "Sales")
        self.assertEqual(done.returncode, 1)
        self.assertIn("1 events accepted", done.stdout)
        self.assertIn("line 3 column `Date`", done.stderr)
        self.assertIn("--date-format", done.stderr)
        self.assertIn("line 4 column `Sales`", done.stderr)
        self.assertIn("future", done.stderr)

    def test_Import_MissingColumn_NamesFileColumnAndWhatThereIs(self):
        done = self.server.run("import", "events", self.orders, "--customer", "Kunde", "--date", "Date",
                               "--amount", "Sales")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Kunde", done.stderr)
        self.assertIn("Customer", done.stderr)

    def test_Fit_Population_SaysVerdictsAndErrors(self):
        self.assertTrue(self.model["chosen_kind"])
        self.assertEqual(self.model["customers"], "300")
        self.assertEqual(self.server.json("models", "show"), self.model)
        self.assertIn("log-likelihood", self.server.run("models", "show").stdout)

    def test_Validate_LastDays_AreThoseOfTheFile(self):
        # The server's clock shows 2018-01-03, so that the last whole day is the 2nd.
        done = subprocess.run([TENURE, "validate-model", self.orders, "--customer", "Customer", "--date", "Date",
                               "--amount", "Sales", "--observation-end", "2017-07-06", "--holdout-end", "2018-01-02",
                               "--json"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        alone = json.loads(done.stdout)
        for ours, theirs in (("purchases", "purchases"), ("spend", "spend")):
            self.assertAlmostEqual(self.validation[ours]["actual"], alone[theirs]["actual"], 2)
            self.assertAlmostEqual(self.validation[ours]["expected"] / alone[theirs]["expected"], 1, 1)
        self.assertEqual(self.validation["customers"], alone["customers"])
        self.assertEqual(self.validation["weeks"][-1]["actual_total"], alone["tracking"]["weeks"][-1]["actual_total"])
        self.assertEqual(len(self.validation["spend"]["deciles"]), 10)
        self.assertEqual(self.report.read_text(), self.validation["report_html"])
        xml.etree.ElementTree.parse(self.report)

    def test_Validate_ModelInForce_SaysThatItMayHaveSeenTheDays(self):
        shown = self.server.json("models", "validate", "--holdout-days", "180", "--model", "active")
        self.assertEqual(shown["model"], self.model["name"])
        self.assertIn("flatter", shown["report_html"])
        self.assertIn("PURCHASES_BIAS", self.server.run("models", "validate", "--holdout-days", "180").stdout)

    def test_Validate_WhatCantBe_IsRefused(self):
        self.assertEqual(self.server.run("models", "validate", "--holdout-days", "0").returncode, 2)
        for arguments, words in ((["--holdout-days", "3650"], "nobody had bought up to"),
                                 (["--holdout-days", "30", "--model", "0123"], "models/0123 is not in force")):
            done = self.server.run("models", "validate", *arguments)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(words, done.stderr)

    def test_Models_CandidateIsListedComparedAndPutInForceByABeginning(self):
        first = self.model["name"]
        candidate = self.server.json("models", "fit", "--candidate", "--holdout-days", "30")
        self.assertFalse(candidate["in_force"])
        self.assertTrue(self.server.json("models", "show")["in_force"])
        names = [model["name"] for model in self.server.json("models", "list")["models"]]
        self.assertEqual(names[0], candidate["name"])
        self.assertIn(first, names)
        short = candidate["name"].removeprefix("models/")[:16]
        self.assertEqual(self.server.json("models", "compare", short)["model"], candidate["name"])
        compared = self.server.run("models", "compare", short, "--days", "60").stdout
        for words in ("customers change tier", "mean, 95 %", "outcome, 95 %", "margin"):
            self.assertIn(words, compared)
        self.assertIn("values are margin", self.server.run("models", "show").stdout)
        self.assertIn("is in force", self.server.run("models", "activate", short, "--reason", "a test").stdout)
        self.assertIn("was, ", self.server.run("models", "list").stdout)
        self.assertIn("is in force", self.server.run("models", "activate", first).stdout)
        unknown = self.server.run("models", "activate", "feed")
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("there is no models/feed; the last ones are models/", unknown.stderr)
        self.assertIn("stability index", self.server.run("models", "drift").stdout)
        self.assertIn(self.server.json("models", "drift")["verdict"],
                      ("MODEL_VERDICT_STABLE", "MODEL_VERDICT_WATCH", "MODEL_VERDICT_REFIT"))

    def test_Plan_Budget_IsCertifiedAndShown(self):
        self.assertGreaterEqual(int(self.plan["upper_bound_micros"]), int(self.plan["achieved_micros"]))
        root = self.plan["envelopes"][0]
        self.assertLessEqual(int(root["planned_micros"]), int(root["limit_micros"]))
        self.assertEqual(self.server.json("plan", "show"), {**self.plan, "in_force": True})
        # Who was written to meanwhile is in a cool-down: only the two can be compared.
        more, less = (self.server.json("plan", "--what-if-limit", limit) for limit in ("1000", "60"))
        self.assertEqual(more["envelopes"][0]["limit_micros"], "1000000000")
        self.assertGreaterEqual(int(more["achieved_micros"]), int(less["achieved_micros"]))
        self.assertEqual(self.server.json("plan", "show"), {**self.plan, "in_force": True})
        for asked in (("--what-if-limit", "3"), ("--dry-run",)):
            self.assertEqual(self.server.run("plan", "show", *asked).returncode, 2)
        self.assertFalse(self.plan["stopped"])
        for segment in self.plan["report"]["segments"]:
            self.assertTrue(segment["why"])
        shown = self.server.run("plan", "show").stdout
        for words in ("no plan above", "values are margin, by models/", "standard error", "% of it rests on assumed",
                      "without offers all customers are worth"):
            self.assertIn(words, shown)
        self.assertEqual(self.plan["value_basis"], "VALUE_BASIS_MARGIN")
        self.assertGreater(int(self.plan["achieved_stderr_micros"]), 0)
        shares = (float(self.plan.get(f"{basis}_share", 0)) for basis in ("assumed", "pooled", "measured"))
        self.assertAlmostEqual(sum(shares), 1, 9)

    def test_Plan_Versions_AreListedAndShown(self):
        name = self.plan["name"]
        listed = self.server.json("plan", "list")["plans"]
        self.assertEqual([plan["name"] for plan in listed], [name])
        self.assertTrue(listed[0]["in_force"])
        self.assertEqual(listed[0]["achieved_micros"], self.plan["achieved_micros"])
        self.assertEqual(listed[0]["envelopes"], [])
        whole = self.server.json("plan", "show")
        for version in (name, name.removeprefix("plans/"), name.removeprefix("plans/").lstrip("0"), "active"):
            self.assertEqual(self.server.json("plan", "show", version), whole)
        self.assertRegex(self.server.run("plan", "list").stdout, f"{name} +20.* budgets/lifecycle .* in force")
        self.assertIn(f"{name} of budgets/lifecycle", self.server.run("plan", "show", name).stdout)
        budget = ("--budget", "lifecycle")
        for asked in (("list", *budget), (*budget, "list"), ("list", "--last", "1")):
            self.assertEqual(self.server.json("plan", *asked)["plans"], listed)
        self.assertEqual(self.server.json("plan", "list", "--budget", "none")["plans"], [])
        self.assertIn("no plan was made yet", self.server.run("plan", "list", "--budget", "none").stdout)
        unknown = self.server.run("plan", "show", "beef")
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("there is no plans/000000000000beef; `tenure plan list` shows all", unknown.stderr)
        wrong = self.server.run("plan", "lst")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("did you mean 'list'?", wrong.stderr)

    def test_Decide_Everybody_SelectsSomeAndExplainsEach(self):
        self.assertGreater(len(self.selected), 0, f"seed {SEED}")
        for decision in self.decisions:
            self.assertTrue(decision["why"])
            self.assertEqual(decision["value_basis"], "VALUE_BASIS_MARGIN")
            self.assertTrue(decision["model"])

    def test_Decide_SameRequestIdAgain_GivesTheSameAnswer(self):
        first = self.server.run("decide", "C1", "C2", "--request-id", "r1", "--json")
        again = self.server.run("decide", "C1", "C2", "--request-id", "r1", "--json")
        self.assertEqual(first.stdout, again.stdout)
        clash = self.server.json("decide", "C1", "C2", "--request-id", "r1")
        self.assertEqual(clash, json.loads(first.stdout))

    def test_Decide_SameRequestIdOtherCustomer_IsRefused(self):
        self.server.json("decide", "C3", "--request-id", "r2")
        done = self.server.run("decide", "C4", "--request-id", "r2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("customer", done.stderr)

    def test_Decide_UnknownCustomer_SaysIngestFirst(self):
        done = self.server.run("decide", "nobody")
        self.assertEqual(done.returncode, 1)
        self.assertIn("customers/nobody", done.stderr)

    def test_Explain_Decision_HasEveryCandidate(self):
        name = self.selected[0]["name"]
        explained = self.server.json("explain", name)
        campaigns = {c["campaign"] for c in explained["decision"]["candidates"]}
        self.assertLessEqual({"welcome", "upsell", "loyalty", "win_back"}, campaigns)
        for candidate in explained["decision"]["candidates"]:
            self.assertTrue(candidate["sentence"])
        text = self.server.run("explain", name).stdout
        for words in (name, "values are", f"margin, by {self.selected[0]['model']}", " clv ", "clv_mean_low",
                      "clv_mean_high", "clv_predictive_low", "clv_predictive_high"):
            self.assertIn(words, text)

    def test_Replay_EveryDecision_IsIdentical(self):
        for decision in self.decisions[:20]:
            self.assertTrue(self.server.json("replay", decision["name"])["identical"])

    def test_Holds_CommitReleaseAndAfterwards(self):
        held = [s["hold"] for d in self.selected for s in d["selections"] if s["hold"]]
        self.assertGreaterEqual(len(held), 2, f"seed {SEED}")
        committed = self.server.json("commit", held[0], "--actual", "0.01")
        self.assertEqual(committed["state"], "HOLD_STATE_COMMITTED")
        self.assertEqual(committed["committed_micros"], "10000")
        released = self.server.json("release", held[1])
        self.assertEqual(released["state"], "HOLD_STATE_RELEASED")
        late = self.server.run("commit", held[1])
        self.assertEqual(late.returncode, 1)
        self.assertTrue(late.stderr)
        self.assertEqual(self.server.run("commit", "holds/0000000000ffff00").returncode, 1)
        self.assertTrue(self.server.json("budget", "verify")["consistent"])

    def test_Budget_Show_NeverAboveItsLimit(self):
        for budget in self.server.json("budget", "show")["budgets"]:
            for envelope in budget["envelopes"]:
                used = int(envelope["held_micros"]) + int(envelope["committed_micros"])
                self.assertLessEqual(used, int(envelope["limit_micros"]), envelope)
        self.assertIn("lifecycle", self.server.run("budget", "show", "lifecycle").stdout)

    def test_Customers_ShowAndTable(self):
        customer = self.server.json("customers", "show", "C5")
        self.assertEqual(customer["features"]["customer.region"]["string_value"], "West")
        self.assertEqual(customer["consents"][0]["state"], "CONSENT_STATE_GRANTED")
        for end in ("mean_low", "mean_high", "predictive_low", "predictive_high"):
            self.assertIn(f"clv_{end}", customer["features"])
        self.assertTrue(customer["model"].startswith("models/"))
        self.assertIn(customer["value_basis"], ("VALUE_BASIS_MARGIN", "VALUE_BASIS_REVENUE"))
        table = self.server.json("customers", "table")
        self.assertGreaterEqual(sum(table["everybody"].values()), 300)
        missing = self.server.run("customers", "show", "nobody")
        self.assertEqual(missing.returncode, 1)
        self.assertIn("ingest one first", missing.stderr)

    def test_Publish_BrokenRules_KeepsTheOldOnesAndLocatesTheProblem(self):
        folder = pathlib.Path(self.folder.name) / "broken"
        folder.mkdir()
        for file in (SOURCE / "rules" / "default").glob("*.yaml"):
            (folder / file.name).write_text(file.read_text().replace("eligible:", "elligible:"))
        done = self.server.run("rules", "publish", folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("campaigns.yaml:", done.stderr)
        self.assertIn("eligible", done.stderr)
        self.assertIn("stays", done.stderr)

    def test_Publish_SameRules_DryRunSaysTheirName(self):
        done = self.server.run("rules", "publish", SOURCE / "rules" / "default", "--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(self.decisions[0]["rule_set"], done.stdout)

    def test_Plugins_AreListed(self):
        names = {p["name"] for p in self.server.json("plugins")["plugins"]}
        self.assertLessEqual({"plugins/welcome", "plugins/win_back"}, names)


class Restart(unittest.TestCase):
    def test_Restart_AfterKill_NothingAcknowledgedIsMissing(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(folder)
            orders = pathlib.Path(folder) / "orders.csv"
            write_orders(orders, customers=30)
            imported = server.json("import", "events", orders, *IMPORT)
            first = server.json("decide", "C1", "--request-id", "once")
            server.stop(signal.SIGKILL)
            server.start()
            self.assertEqual(server.json("decide", "C1", "--request-id", "once"), first)
            again = server.json("import", "events", orders, *IMPORT)
            self.assertEqual(again["duplicates"], imported["accepted"])
            self.assertEqual(server.stop(), 0)


class Refusals(unittest.TestCase):
    def test_Cli_NoServer_SaysHowToStartOne(self):
        done = subprocess.run([TENURE, "--server", "127.0.0.1:1", "plugins"], capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("start tenured", done.stderr)

    def config(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "tenured.yaml"
            path.write_text(text)
            return subprocess.run([TENURED, "--config", path], capture_output=True, text=True)

    def test_Config_UnknownKey_NamesFileLineAndSuggestion(self):
        done = self.config("data_dir: data\nlisten: 127.0.0.1:0\ndurabilty: process\n")
        self.assertEqual(done.returncode, 2)
        self.assertIn("tenured.yaml:3:1", done.stderr)
        self.assertIn("durability", done.stderr)

    def test_Config_ClockOffLoopback_IsRefused(self):
        done = self.config("data_dir: data\nlisten: 0.0.0.0:0\nclock: {start: 2018-01-01}\n")
        self.assertEqual(done.returncode, 2)
        self.assertIn("loopback", done.stderr)

    def test_Config_MissingFileOrArgument_IsUsage(self):
        self.assertEqual(subprocess.run([TENURED], capture_output=True).returncode, 2)
        done = subprocess.run([TENURED, "--config", "/nonexistent.yaml"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nonexistent.yaml", done.stderr)

    def test_Start_BrokenRules_FailsWithTheirPlace(self):
        with tempfile.TemporaryDirectory() as folder:
            rules = pathlib.Path(folder) / "rules"
            rules.mkdir()
            (rules / "rules.yaml").write_text("name: shop\ncurency: USD\n")
            with self.assertRaises(AssertionError) as failed:
                Server(folder, rules=rules)
            self.assertIn("rules.yaml:2", str(failed.exception))


if __name__ == "__main__":
    unittest.main()
