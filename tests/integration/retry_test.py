#!/usr/bin/env python3
"""A retry by request_id gets what the first try got, whatever has happened since."""
import concurrent.futures
import unittest

import shop
from server_case import ServerCase

CUSTOMERS, SEED = 120, 3


class Retry(ServerCase):
    def setUp(self):
        super().setUp()
        self.server.start()
        self.orders(CUSTOMERS, "orders.csv")
        self.server.json("models", "fit", "--request-id", "first")

    def orders(self, customers, name):
        self.server.json("import", "events",
                         shop.write_orders(self.folder / name, customers, SEED), *shop.IMPORT)

    def plan(self, budget, request_id):
        return self.server.json("plan", "--budget", budget, "--request-id", request_id)

    def test_a_plan_after_another_budgets_plan(self):
        first = self.plan("tiny", "r")
        self.assertEqual(first["budget"], "budgets/tiny")
        self.assertEqual(self.plan("notes", "s")["budget"], "budgets/notes")
        self.assertEqual(self.plan("tiny", "r"), first)

    def test_each_budget_has_its_plan(self):
        plans = {budget: self.plan(budget, budget) for budget in ("tiny", "notes")}
        for budget, plan in plans.items():
            self.assertEqual(self.server.json("plan", "show", "--budget", budget),
                             {**plan, "in_force": True})
        self.assertEqual(self.server.json("plan", "show")["name"], plans["notes"]["name"])
        decision = self.server.json("decide", "hot")["results"][0]["decision"]
        self.assertEqual(sorted(decision["plans"]), sorted(plan["name"] for plan in plans.values()))
        self.assertIn("no plan of budgets/none is in force",
                      self.server.run("plan", "show", "--budget", "none").stderr)

    def test_two_plans_at_once(self):
        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            asked = [(budget, threads.submit(self.plan, budget, f"{budget}-{i}"))
                     for i in range(10) for budget in ("tiny", "notes")]
            for budget, plan in asked:
                self.assertEqual(plan.result()["budget"], f"budgets/{budget}")

    def test_a_plan_that_could_not_be_made_again(self):
        first = self.plan("tiny", "r")
        rules = self.folder / "rules" / "rules.yaml"
        without = shop.RULES.replace("  - {id: tiny, period: month, limit: 20, split: optimal, unplanned: 0, "
                                     "segments: [{id: everybody}]}\n", "").replace("    budget: tiny\n", "")
        self.assertNotIn("tiny", without)
        rules.write_text(without)
        self.server.json("rules", "publish", rules.parent)
        self.assertIn("no budget \"tiny\"", self.server.run("plan", "--budget", "tiny").stderr)
        self.assertEqual(self.plan("tiny", "r"), first)
        other = self.server.run("plan", "--budget", "notes", "--request-id", "r")
        self.assertIn("another `budget`", other.stderr)
        self.server.stop()
        self.server.start()
        self.assertEqual(self.plan("tiny", "r"), first)

    def test_a_model_after_another(self):
        first = self.server.json("models", "fit", "--request-id", "r")
        self.orders(CUSTOMERS + 40, "more.csv")
        other = self.server.json("models", "fit", "--request-id", "s")
        self.assertNotEqual(other["name"], first["name"])
        # The version that it was, which the other has replaced.
        self.assertEqual(self.server.json("models", "fit", "--request-id", "r"), first | {"in_force": False})
        self.assertEqual(self.server.json("models", "show"), other)


if __name__ == "__main__":
    unittest.main()
