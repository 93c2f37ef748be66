#!/usr/bin/env python3
"""A paced budget on a real server: the day's cap, its words, and both again after kill -9."""
import unittest

import shop
from server_case import ServerCase

CUSTOMERS, SEED = 40, 3


class Pacing(ServerCase):
    def setUp(self):
        super().setUp()
        rules = self.folder / "rules" / "rules.yaml"
        # One coupon of 10.00 a day, of the two that the month has.
        paced = shop.RULES.replace("id: tiny, period: month,", "id: tiny, pacing: {shape: even, day_max: 12}, period: month,")
        self.assertIn("pacing", paced)
        rules.write_text(paced)
        self.server.start()
        self.server.json("import", "events", shop.write_orders(self.folder / "orders.csv", CUSTOMERS, SEED), *shop.IMPORT)
        self.server.json("models", "fit")

    def coupon(self, customer):
        """How the coupon ended: its name in the answer, and the words."""
        decision = self.server.json("decide", customer, "--full")["results"][0]["decision"]
        found = [c for c in decision["candidates"] if c["campaign"] == "coupon"]
        for outcome in ("selected", "paced", "filtered", "lost"):
            if outcome in found[0]:
                return outcome, found[0][outcome].get("detail", ""), decision["name"]
        self.fail(found)

    def test_the_days_cap_outlives_the_server(self):
        self.assertEqual(self.coupon("hot")[0], "selected")
        outcome, words, decision = self.coupon("C1")
        self.assertEqual(outcome, "paced")
        self.assertIn("tiny has used 10.00 of 12.00 today, this takes 10.00; until 2018-01-04T00:00:00Z", words)
        shown = self.server.json("budget", "show", "tiny")["pacing"]
        self.assertEqual((shown["day_max_micros"], shown["day_used_micros"]), ("12000000", "10000000"))
        self.assertEqual(shown["day_end_time"], "2018-01-04T00:00:00Z")
        # The period that runs is the same in its history.
        listed = self.server.json("budget", "show", "tiny")
        self.assertEqual(self.server.json("budget", "history", "tiny")["periods"], [listed])
        text = self.server.run("budget", "show", "tiny").stdout
        self.assertIn("paced: ", text)
        self.assertIn("today: 10.00 of 12.00 used, until 2018-01-04T00:00:00Z", text)
        self.assertNotIn("paced: ", self.server.run("budget", "show", "notes").stdout)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.server.json("budget", "show", "tiny")["pacing"], shown)
        self.assertEqual(self.coupon("C1")[:2], (outcome, words))
        self.assertIn(words, self.server.run("explain", decision).stdout)
        self.assertEqual(self.server.run("replay", decision).returncode, 0)
        self.assertEqual(self.server.run("budget", "verify").returncode, 0)
        self.server.kill()
        self.server.start(clock="2018-01-04T00:00:01Z")
        self.assertEqual(self.coupon("C1")[0], "selected")


if __name__ == "__main__":
    unittest.main()
