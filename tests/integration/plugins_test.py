#!/usr/bin/env python3
"""What a bad plugin does to a server: one that never returns, and one that crashes."""
import os
import pathlib
import re
import shutil
import signal
import tempfile
import unittest

from tenured import BUILD, Tenured

RULES = """
name: shop
currency: USD
zone: UTC
tracks:
  - id: lifecycle
    stages:
      - {{id: active, enter: purchases >= 1, exit: purchases < 1}}
campaigns:
  - id: partner
    title: From a partner
    class: service
    channel: email
    plugin: {plugin}
    params: {params}
    offers:
      - {{id: card, title: A card, contact_cost: 0.10}}
"""
ORDERS = "customer,date,amount\n" + "".join(f"c{i},2018-01-02,20\n" for i in range(4))
IMPORT = ["--customer", "customer", "--date", "date", "--amount", "amount", "--consent", "email=granted"]


class Plugins(unittest.TestCase):
    def serve(self, plugin, file, params="{}", more=""):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        folder = pathlib.Path(folder.name)
        (folder / "plugins").mkdir()
        shutil.copy(BUILD / "lib/tenure" / file, folder / "plugins")
        (folder / "rules").mkdir()
        (folder / "rules/rules.yaml").write_text(RULES.format(plugin=plugin, params=params) + more)
        (folder / "orders.csv").write_text(ORDERS)
        server = Tenured(folder / "server", rules=folder / "rules", extra=f"plugins: {folder / 'plugins'}\n")
        self.addCleanup(server.kill)
        server.start()
        imported = server.json("import", "events", folder / "orders.csv", *IMPORT)
        self.assertEqual(imported["rejected"], 0, imported)
        return server

    def test_NeverReturns_DecisionsGoOnAndTheStopIsBounded(self):
        server = self.serve("stuck", "stuck-plugin/stuck.so", "{ms: 60000}")
        decided = server.json("decide", "c0", "c1", "--request-id", "first")
        for result in decided["results"]:
            self.assertIn("decision", result, decided)
        name = decided["results"][0]["decision"]["name"]
        explained = server.run("explain", name).stdout
        self.assertRegex(explained, r"plugin stuck 1\.0\.0: stuck since 2018-01-03T16:.*restart the server")
        self.assertRegex(server.said(), r"error The plugin stuck 1\.0\.0 \(.*/stuck\.so\) is stuck")
        self.assertTrue(server.json("budget", "verify")["consistent"])
        again = server.json("decide", "c2", "c3", "--request-id", "second")
        self.assertEqual(server.stop(), 1)
        self.assertIn("stuck in a plugin", server.said())
        server.start()
        self.assertEqual(server.json("decide", "c0", "c1", "--request-id", "first"), decided)
        self.assertEqual(server.json("decide", "c2", "c3", "--request-id", "second"), again)
        # A repetition is evaluated before the sequencer knows it as one, so the plugin was asked again.
        self.assertEqual(server.stop(), 1)

    def test_Crashes_TheLastLineNamesThePlugin(self):
        server = self.serve("crash", "test-plugins/crashes_in_propose.so")
        self.assertNotEqual(server.run("decide", "c0").returncode, 0)
        self.assertEqual(server.process.wait(timeout=60), -signal.SIGSEGV)
        last = server.said().rstrip().splitlines()[-1]
        self.assertTrue(re.match(r"fatal: SIGSEGV: the plugin crash \(.*/crashes_in_propose\.so\) was running, in propose",
                                 last), last)

    def test_AnswersNothingButNan_ThePlanSaysSo(self):
        budget = "    budget: lifecycle\nbudgets:\n  - id: lifecycle\n    period: month\n    limit: 100\n" \
                 "    unplanned: 0\n    segments:\n      - {id: everybody}\n"
        server = self.serve("fixture", "test-plugins/nan_value.so", more=budget)
        orders = server.folder / "more.csv"
        self.assertEqual(server.run("simulate", "--model", "mbg_nbd", "--params", "r=0.8,alpha=6,a=0.9,b=3",
                                    "--customers", 300, "--start", "2016-01-01", "--output", orders).returncode, 0)
        server.json("import", "events", orders, "--customer", "customer_id", "--date", "date", "--amount", "amount",
                    "--consent", "email=granted")
        server.json("models", "fit")
        plan = server.run("plan")
        self.assertEqual(plan.returncode, 0, plan.stderr)
        self.assertRegex(plan.stdout, r"NOT VALUED: \d+ offers of campaign partner: plugin fixture .*NaN")
        self.assertRegex(server.said(), r"warning plugin fixture 1\.2\.3, row \d+, offer 'card': a number is NaN")


if __name__ == "__main__":
    os.environ.pop("TENURE_SERVER", None)
    unittest.main(verbosity=2)
