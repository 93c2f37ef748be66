#!/usr/bin/env python3
"""`tenure budget`, `redeem` and `refund`: what they show, as tables and as JSON, over two periods."""
import unittest

import shop
from server_case import ServerCase

CUSTOMERS, SEED = 60, 5
JANUARY, FEBRUARY = "2018-01-16T12:00:00Z", "2018-02-08T00:00:00Z"


def micros(envelope, key):
    return int(envelope[f"{key}_micros"])


class Budget(ServerCase):
    def setUp(self):
        super().setUp()
        self.server.start(clock=JANUARY, rate=0)
        self.server.json("import", "events", shop.write_orders(self.folder / "orders.csv", CUSTOMERS, SEED),
                         *shop.IMPORT)
        self.server.json("models", "fit")
        for budget in ("tiny", "notes"):
            self.server.json("plan", "--budget", budget)
        results = self.server.json("decide", *[f"C{c}" for c in range(CUSTOMERS)])["results"]
        self.selections = [s for r in results for s in r["decision"]["selections"]]

    def held_by(self, campaign):
        return [s for s in self.selections if s["campaign"] == campaign]

    def envelopes(self, budget):
        return {e["path"]: e for e in self.server.json("budget", "show", budget)["envelopes"]}

    def table(self, *arguments):
        done = self.server.run("budget", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_show_has_every_envelope_and_parents_are_sums(self):
        envelopes = self.envelopes("notes")
        self.assertLessEqual({"notes", "notes/regulars", "notes/others", "notes/unplanned", "notes/regulars/note",
                              "notes/regulars/card"}, set(envelopes))
        for path, envelope in envelopes.items():
            used = micros(envelope, "held") + micros(envelope, "committed")
            self.assertEqual(micros(envelope, "available"), max(0, micros(envelope, "limit") - used))
            below = [e for p, e in envelopes.items() if p.rpartition("/")[0] == path]
            if below:
                self.assertEqual(micros(envelope, "held"), sum(micros(e, "held") for e in below))
        text = self.table("show", "notes")
        for word in ("limit", "held", "committed", "refunded", "left", "pace", "notes/regulars/note"):
            self.assertIn(word, text)

    def test_commit_of_less_and_a_refund_move_the_figures(self):
        coupon = self.held_by("coupon")[0]
        before = self.envelopes("tiny")["tiny"]
        self.server.json("commit", coupon["hold"], "--actual", "4.50")
        refunded = self.server.json("refund", coupon["hold"], "--amount", "1.25")
        self.assertEqual((refunded["state"], refunded["refunded_micros"]), ("HOLD_STATE_COMMITTED", "1250000"))
        after = self.envelopes("tiny")["tiny"]
        self.assertEqual(micros(before, "held") - micros(after, "held"), micros(coupon, "hold"))
        self.assertEqual((micros(after, "committed"), micros(after, "refunded")), (3_250_000, 1_250_000))
        self.assertIn("3.25", self.table("show", "tiny"))
        self.assertIn("1.25", self.table("list"))
        rest = self.server.json("refund", coupon["hold"], "--amount", "3.25")
        self.assertEqual(rest["state"], "HOLD_STATE_REFUNDED")
        more = self.server.run("refund", coupon["hold"], "--amount", "0.01")
        self.assertEqual(more.returncode, 1)
        self.assertIn("0.00 left to refund", more.stderr)

    def test_redeem_holds_once_and_says_why_not_again(self):
        card = self.held_by("card")[0]
        self.assertEqual(card["coupon_micros"], "500000")
        held = self.server.json("redeem", card["coupon"], "--amount", "0.40", "--request-id", "r")
        self.assertEqual((held["state"], held["held_micros"], held["coupon"]),
                         ("HOLD_STATE_HELD", "400000", card["coupon"]))
        self.assertEqual(self.server.json("redeem", card["coupon"], "--amount", "0.40", "--request-id", "r"), held)
        again = self.server.run("redeem", card["coupon"], "--amount", "0.40")
        self.assertEqual(again.returncode, 1)
        self.assertIn("being redeemed", again.stderr)
        other = self.server.run("redeem", card["coupon"], "--amount", "0.30", "--request-id", "r")
        self.assertIn("another `amount_micros`", other.stderr)
        self.server.json("release", held["name"])
        self.server.json("redeem", card["coupon"], "--amount", "0.50")

    def test_forecast_goes_by_the_period(self):
        coupon = self.held_by("coupon")[0]
        self.server.json("commit", coupon["hold"], "--actual", "6")
        root = self.envelopes("tiny")["tiny"]
        # Half of January is over.
        self.assertEqual(micros(root, "target"), micros(root, "limit") // 2)
        used = micros(root, "held") + micros(root, "committed")
        self.assertAlmostEqual(micros(root, "projected"), 2 * used, delta=2)
        text = self.table("forecast", "tiny")
        for word in ("used", "end over limit", "follow the curve"):
            self.assertIn(word, text)
        self.assertEqual(self.server.json("budget", "forecast", "tiny"), self.server.json("budget", "show", "tiny"))

    def test_history_lists_periods_newest_first_with_what_was_carried(self):
        self.server.json("commit", self.held_by("note")[0]["hold"])
        self.assertEqual(self.server.stop(), 0)
        self.server.start(clock=FEBRUARY, rate=0)
        self.server.json("decide", "C1")
        periods = self.server.json("budget", "history", "notes")["periods"]
        self.assertEqual([p["start_time"] for p in periods], ["2018-02-01T00:00:00Z", "2018-01-01T00:00:00Z"])
        february, january = (p["envelopes"][0] for p in periods)
        spent = micros(january, "committed")
        self.assertEqual(spent, 60_000)
        # Everything that was held had expired before the month ended.
        self.assertEqual(micros(february, "limit"), 30_000_000 + 30_000_000 - spent)
        self.assertEqual(micros(january, "projected"), spent)
        text = self.table("history", "notes")
        self.assertLess(text.index("2018-02-01"), text.index("2018-01-01"))
        self.assertEqual(len(self.server.json("budget", "history", "tiny")["periods"]), 2)
        unknown = self.server.run("budget", "history", "none")
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("never had a period", unknown.stderr)

    def test_every_command_has_every_figure_by_segment_and_campaign(self):
        note, card = self.held_by("note")[0], self.held_by("card")[0]
        self.server.json("commit", note["hold"], "--actual", "0.05")
        self.server.json("refund", note["hold"], "--amount", "0.02")
        self.server.json("redeem", card["coupon"], "--amount", "0.50")
        shown = self.envelopes("notes")
        used = [path for path, e in shown.items() if micros(e, "held") + micros(e, "committed") > 0]
        self.assertTrue(any(path.count("/") == 2 for path in used), used)
        for command in (["list"], ["show"], ["show", "notes"], ["forecast"], ["history", "notes"]):
            lines = self.table(*command).splitlines()
            header = next(line for line in lines if line.startswith("envelope"))
            for word in ("limit", "held", "committed", "refunded", "left", "over", "target", "pace", "projected end"):
                self.assertIn(f" {word}", header, command)
            rows = {line.split()[0]: line.split() for line in lines}
            for path in used:
                envelope = shown[path]
                for key in ("limit", "held", "committed", "refunded", "available", "target", "projected"):
                    self.assertIn(f"{micros(envelope, key) / 1e6:.2f}", rows[path], (command, path, key))
                self.assertIn(f"{100 * envelope['pace']:.0f}", rows[path], (command, path))

    def test_json_of_every_command_has_the_same_envelopes(self):
        shown = self.server.json("budget", "show", "notes")["envelopes"]
        for envelope in shown:
            used, target = micros(envelope, "held") + micros(envelope, "committed"), micros(envelope, "target")
            if target:
                self.assertAlmostEqual(envelope["pace"], used / target, places=9)
            else:
                self.assertNotIn("pace", envelope)
        self.assertEqual(self.server.json("budget", "list")["budgets"][0]["envelopes"], shown)
        self.assertEqual(self.server.json("budget", "forecast")["budgets"][0]["envelopes"], shown)
        self.assertEqual(self.server.json("budget", "history", "notes")["periods"][0]["envelopes"], shown)

    def test_depth_says_how_far_down_a_table_goes(self):
        for command in (["list"], ["show", "notes"], ["forecast", "notes"], ["history", "notes"]):
            for depth, deepest in (("budget", 0), ("segment", 1), ("campaign", 2)):
                lines = self.table(*command, "--depth", depth).splitlines()
                paths = [line.split()[0] for line in lines if line.split()[0].partition("/")[0] == "notes"]
                self.assertEqual(max(path.count("/") for path in paths), deepest, (command, depth))
        self.assertEqual(self.server.run("budget", "list", "--depth", "tree").returncode, 2)

    def test_list_has_a_row_a_budget(self):
        listed = self.server.json("budget", "list")["budgets"]
        self.assertEqual([b["name"] for b in listed], ["budgets/notes", "budgets/tiny"])
        lines = self.table("list").splitlines()
        self.assertTrue(any(line.split()[0] == "tiny" for line in lines), lines)
        self.assertTrue(any(line.split()[0] == "notes" for line in lines), lines)

    def test_verify_says_what_it_has_compared(self):
        text = self.table("verify")
        for word in ("holds", "committed", "refunded", "envelopes"):
            self.assertIn(word, text)
        self.assertTrue(self.server.json("budget", "verify")["consistent"])


if __name__ == "__main__":
    unittest.main()
