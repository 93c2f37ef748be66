"""`tenure allocate` over cells with curves, through the real binary."""
import csv
import json
import unittest

from allocate_case import BUDGETS, VALUES, AllocateCase, run


class AllocateCells(AllocateCase):
    def cells(self, text):
        """The document of a split, and the amounts as written to --out."""
        out = self.path("split.csv")
        budgets = self.path("cells.yaml", "currency: EUR\n" + text)
        done = run("--budgets", budgets, "--out", out, "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        document = json.loads(done.stdout)
        amounts = {row["cell"]: float(row["amount"]) for row in csv.DictReader(out.read_text().splitlines())}
        self.assertEqual(amounts, document["amounts"])
        self.assertEqual(run("--budgets", budgets).returncode, 0)
        return document, amounts

    def test_fixed_cells_get_their_amount(self):
        _, amounts = self.cells("total: 25\ncells:\n  a: {curve: sqrt, a: 3, fixed: 20}\n"
                                "  b: {curve: sqrt, a: 4}\n")
        self.assertEqual(amounts, {"a": 20, "b": 5})
        budgets = self.path("b.yaml", BUDGETS + "cells: {a: {curve: sqrt, a: 3, fixed: 2, max: 4}}\n")
        done = run("--budgets", budgets)
        self.assertEqual(done.returncode, 1)
        self.assertIn("`fixed` cell", done.stderr)

    def test_cells_are_split_as_the_golden_cases_say(self):
        sqrt = "cells: {a: {curve: sqrt, a: 3%s}, b: {curve: sqrt, a: 4%s}}\n"
        for text, amounts, value in (
                ("total: 3\ncells: {a: {curve: log, a: 3, b: 1}, b: {curve: log, a: 2, b: 1}, "
                 "c: {curve: log, a: 1, b: 1}}\n", (2, 1, 0), 4.682131227),
                ("total: 25\n" + sqrt % ("", ""), (9, 16), 25),
                ("total: 25\n" + sqrt % ("", ", max: 4"), (21, 4), 21.747727085),
                ("total: 25\n" + sqrt % (", min: 20", ""), (20, 5), 22.360679775),
                ("total: 25\n" + sqrt % (", min: 20, max: 20", ""), (20, 5), 22.360679775),
                ("total: 3\ncells: {a: {curve: hill, a: 9, k: 1, n: 1}, b: {curve: hill, a: 4, k: 1, n: 1}}\n",
                 (2, 1), 8),
                ("total: 15\ncells: {a: {curve: linear, pieces: [[10, 2], [99, 1]]}, "
                 "b: {curve: linear, pieces: [[10, 2], [99, 1]]}}\n", (10, 5), 30)):
            with self.subTest(text=text):
                document, split = self.cells(text)
                self.assertAlmostEqual(document["achieved"], value, 8)
                self.assertEqual(document["status"], "OPTIMAL")
                for given, wanted in zip(split.values(), amounts):
                    self.assertAlmostEqual(given, wanted, 5)

    def test_cells_of_a_segment_share_its_limit_and_have_its_price(self):
        document, amounts = self.cells(
            "total: 100\nsegments: {s: 25, t: {}}\ncells:\n  a: {segment: s, curve: sqrt, a: 3}\n"
            "  b: {segment: s, curve: sqrt, a: 4}\n  c: {segment: t, curve: sqrt, a: 5}\n")
        self.assertAlmostEqual(document["achieved"], 68.301270189, 8)
        self.assertAlmostEqual(document["prices"]["total"], 0.288675, 6)
        self.assertAlmostEqual(document["prices"]["segments/s"], 0.211325, 6)
        self.assertAlmostEqual(document["spend"]["segments/s"], 25, 5)
        self.assertAlmostEqual(amounts["c"], 75, 5)

    def test_cells_tell_the_gap_of_s_shaped_curves_and_what_is_left(self):
        hill = "cells: {a: {curve: hill, a: 1, k: 1, n: 2}, b: {curve: hill, a: 1, k: 1, n: 2}}\n"
        document, _ = self.cells("total: 1.5\n" + hill)
        self.assertAlmostEqual(document["achieved"], 0.72, 8)
        self.assertAlmostEqual(document["gap"], 0.04, 8)
        self.assertEqual(document["status"], "CERTIFIED")
        document, _ = self.cells("total: 9\ncells: {a: {curve: sqrt, a: 1, max: 4}}\n")
        self.assertEqual(document["unspent"], {"total": {"amount": 5, "reason": "ALL_AT_MAX"}})
        document, _ = self.cells("total: 9\ncells: {a: {curve: linear, pieces: [[4, 1]]}}\n")
        self.assertEqual(document["unspent"], {"total": {"amount": 5, "reason": "NO_POSITIVE_SLOPE"}})

    def test_cells_that_are_wrong_name_place_and_remedy(self):
        cell = "cells:\n  a: {curve: %s}\n"
        for text, words in ((cell % "cubic, a: 1", [":4:14:", "log, sqrt, exp, hill or linear"]),
                            ("cells:\n  a: 5\n", [":4:6:", "needs `curve`"]),
                            (cell % "log, a: 1", [":4:6:", "'a' needs `b`"]),
                            (cell % "log, a: .nan, b: 1", [":4:22:", "finite number"]),
                            (cell % "log, a: -1, b: 1", [":4:6:", "a must be finite and >= 0"]),
                            (cell % "sqrt, a: 1, b: 1", [":4:26:", "unknown key `b`", "a sqrt curve has a"]),
                            (cell % "sqrt, a: 1, min: 3, max: 2", [":4:6:", "`min` is above `max`"]),
                            (cell % "sqrt, a: 1, segment: s", [":4:6:", "'s'", "segments"]),
                            (cell % "linear, pieces: [1]", [":4:31:", "[10, 2]"]),
                            (cell % "linear, pieces: [[1, 1], [2, 3]]", [":4:6:", "slopes that fall"]),
                            (cell % "sqrt, a: 1, campaign: k", [":4:6:", "'k'", "campaigns"]),
                            (cell % "sqrt, a: 1, channel: k", [":4:6:", "'k'", "channels"]),
                            ("segments: {s: {}, t: {}}\ncampaigns: {k: {min: 1}}\ncells:\n"
                             "  a: {curve: sqrt, a: 1, segment: s, campaign: k}\n"
                             "  b: {curve: sqrt, a: 1, segment: t, campaign: k}\n", [":4:22:", "several segments"]),
                            (cell % "sqrt, a: 1" + "offers: {k: {max_count: 1}}\n", [":5:9:", "`offers`"]),
                            (cell % "sqrt, a: 1" + "offers_per_customer: 2\n", [":5:22:", "`offers_per_customer`"])):
            with self.subTest(text=text):
                budgets = self.path("cells.yaml", BUDGETS + text)
                done = run("--budgets", budgets)
                self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
                for word in words:
                    self.assertIn(word, done.stderr)
        budgets = self.path("cells.yaml", BUDGETS + cell % "sqrt, a: 1, min: 11")
        done = run("--budgets", budgets, "--json")
        document = json.loads(done.stdout)
        self.assertEqual((done.returncode, document["status"]), (1, "INFEASIBLE"))
        self.assertEqual(document["conflict"], {"node": "total", "floors": 11, "cap": 10, "shortfall": 1})
        self.assertIn("1.00 short", done.stderr)

    def test_what_is_invalid_has_its_field_path_in_json(self):
        cell = "cells:\n  a: {curve: %s}\n"
        for text, field in ((cell % "sqrt, a: 1, min: 3, max: 2", "cells.a"),
                            (cell % "log, a: .nan, b: 1", "cells.a.a"),
                            (cell % "log, a: -1, b: 1", "cells.a"),
                            (cell % "sqrt, a: 1, min: -3", "cells.a.min"),
                            (cell % "sqrt, a: 1, bogus: 3", "cells.a.bogus"),
                            (cell % "linear, pieces: [[1, 2], 1]", "cells.a.pieces[1]"),
                            (cell % "sqrt, a: 1" + "  a: {curve: sqrt, a: 1}\n", "cells.a"),
                            ("segments: {s: {min: 3, max: 2}}\n", "segments.s"),
                            ("bogus: 1\n", "bogus")):
            with self.subTest(text=text):
                done = run("--budgets", self.path("cells.yaml", BUDGETS + text), "--json")
                document = json.loads(done.stdout)
                self.assertEqual((done.returncode, document["status"], document["field"]), (1, "INVALID", field))
                self.assertIn(document["error"]["message"], done.stderr)
        done = run(*self.files(VALUES + "zoe,new,mail,x,1\n", BUDGETS), "--json")
        self.assertEqual(json.loads(done.stdout)["status"], "INVALID")
        self.assertIn("column `cost`", json.loads(done.stdout)["field"])

    def test_cells_of_campaigns_in_segments_and_of_channels(self):
        text = ("total: 100\nsegments: {s: 20}\ncampaigns: {k: 4}\ncells:\n"
                "  a: {segment: s, campaign: k, curve: sqrt, a: 3}\n  b: {segment: s, curve: sqrt, a: 4}\n"
                "  c: {curve: sqrt, a: 5}\n")
        document, amounts = self.cells(text)
        for cell, amount in (("a", 4), ("b", 16), ("c", 80)):
            self.assertAlmostEqual(amounts[cell], amount, 5)
        self.assertEqual(document["status"], "OPTIMAL")
        self.assertAlmostEqual(document["prices"]["campaigns/k"], 0.25, 6)
        self.assertAlmostEqual(document["prices"]["segments/s"], 0.5 - document["prices"]["total"], 6)
        self.assertAlmostEqual(document["spend"]["segments/s"], 20, 5)
        # A channel across segments, and a campaign that is in more than one of them.
        across = ("total: 100\nsegments: {s: 95, t: %d}\n%s\ncells:\n  a: {segment: s, %s: k, curve: sqrt, a: 3}\n"
                  "  b: {segment: t, %s: k, curve: sqrt, a: 4}\n  c: {segment: t, curve: sqrt, a: 5}\n")
        for kind in ("campaign", "channel"):
            document, amounts = self.cells(across % (95, f"{kind}s: {{k: {{max: 25}}}}", kind, kind))
            self.assertAlmostEqual(document["achieved"], 68.301270189, 7)
            self.assertAlmostEqual(document["prices"][f"{kind}s/k"], 0.211325, 6)
            self.assertAlmostEqual(document["spend"][f"{kind}s/k"], 25, 5)
            # Total, segment and the limit across all bind.
            document, amounts = self.cells(across % (90, f"{kind}s: {{k: {{max: 25}}}}", kind, kind))
            for cell, amount in (("a", 10), ("b", 15), ("c", 75)):
                self.assertAlmostEqual(amounts[cell], amount, 4)
            self.assertLess(document["gap"], 1e-7)

    def test_a_segments_minimum_is_reserved_for_its_cells(self):
        document, amounts = self.cells("total: 25\nsegments: {s: {min: 20}}\ncells:\n"
                                       "  a: {segment: s, curve: sqrt, a: 3}\n  b: {curve: sqrt, a: 4}\n")
        self.assertAlmostEqual(amounts["a"], 20, 5)
        self.assertAlmostEqual(amounts["b"], 5, 5)
        self.assertLess(document["prices"]["segments/s"], 0)

    def test_a_campaigns_minimum_is_reserved_for_its_cells_in_one_segment(self):
        document, amounts = self.cells("total: 25\nsegments: {s: {}}\ncampaigns: {k: {min: 20}}\ncells:\n"
                                       "  a: {segment: s, campaign: k, curve: sqrt, a: 3}\n"
                                       "  b: {segment: s, curve: sqrt, a: 4}\n")
        self.assertAlmostEqual(amounts["a"], 20, 5)
        self.assertAlmostEqual(amounts["b"], 5, 5)
        self.assertAlmostEqual(document["achieved"], 22.360679775, 6)
        self.assertLess(document["prices"]["campaigns/k"], 0)
        self.assertLess(document["gap"], 1e-9)

    def test_floors_that_reserve_all_are_spent_by_their_own_cells(self):
        line = "{curve: linear, pieces: [[%d, %d]], segment: %s}"
        document, amounts = self.cells(
            "total: 10\nsegments: {s: {min: 6}, t: {min: 4}}\ncells:\n"
            f"  a: {line % (20, 2, 's')}\n  b: {line % (20, 1, 't')}\n")
        self.assertEqual((amounts, document["achieved"]), ({"a": 6, "b": 4}, 16))
        self.assertEqual(document["prices"], {"total": 2, "segments/s": 0, "segments/t": -1})
        document, amounts = self.cells(
            "total: 100\nsegments: {s: {min: 60}, t: {}}\ncells:\n"
            f"  a: {line % (50, 2, 's')}\n  b: {line % (50, 2, 's')}\n  c: {line % (99, 9, 't')}\n")
        self.assertEqual((amounts, document["achieved"]), ({"a": 50, "b": 10, "c": 40}, 480))
        # Nothing of theirs is worth it: what is left is reserved.
        document, amounts = self.cells("total: 10\nsegments: {s: {min: 6}}\ncells:\n"
                                       f"  a: {line % (2, 2, 's')}\n  b: {{curve: sqrt, a: 1}}\n")
        self.assertEqual(amounts, {"a": 2, "b": 4})
        self.assertEqual(document["unspent"], {"total": {"amount": 4, "reason": "RESERVED"}})

    def test_prices_are_what_one_more_unit_brings(self):
        document, _ = self.cells("total: 10\ncells: {a: {curve: sqrt, a: 3}}\n")
        self.assertAlmostEqual(document["prices"]["total"], 3 / (2 * 10 ** 0.5), 9)
        budgets = self.path("cells.yaml", "currency: EUR\ntotal: 9\ncells: {a: {curve: log, a: 3, b: 1}}\n")
        done = run("--budgets", budgets, "--frontier", "0,1,2,5", "--json")
        prices = [point["price"] for point in json.loads(done.stdout)["frontier"]]
        for price, wanted in zip(prices, (3, 1.5, 1, 0.5)):
            self.assertAlmostEqual(price, wanted, 9)
        # Where a curve begins with an infinite slope there is no number.
        text = ("total: 9\nchannels: {k: 0}\ncells: {a: {curve: sqrt, a: 3, channel: k}, "
                "b: {curve: log, a: 3, b: 1}}\n")
        document, _ = self.cells(text)
        self.assertEqual((document["prices"]["channels/k"], document["unbounded"]), (None, ["channels/k"]))
        self.assertAlmostEqual(document["prices"]["total"], 0.3, 9)
        budgets = self.path("cells.yaml", "currency: EUR\n" + text)
        self.assertRegex(run("--budgets", budgets).stdout, r"channels/k +0\.00 +0\.00 +unbounded\n")

    def test_seconds_stop_a_split_and_threads_are_refused(self):
        many = "total: 2000\nchannels: {%s}\ncells:\n" % ", ".join(f"k{i}: {20 + i}" for i in range(28))
        many += "".join(f"  c{i}: {{curve: sqrt, a: {1 + i % 17}, channel: k{i % 28}, campaign: m{i % 5}, "
                        f"segment: s{i % 3}}}\n" for i in range(3000))
        many += "campaigns: {%s}\nsegments: {s0: {}, s1: {}, s2: {}}\n" % ", ".join(
            f"m{i}: {110 + i}" for i in range(5))
        budgets = self.path("cells.yaml", "currency: EUR\n" + many)
        done = run("--budgets", budgets, "--seconds", "0.001", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertTrue(document["stopped"])
        self.assertGreaterEqual(document["upper_bound"], document["achieved"])
        self.assertGreater(document["seconds"], 0)
        self.assertIn("stopped by --seconds", run("--budgets", budgets, "--seconds", "0.001").stdout)
        document, _ = self.cells("total: 25\ncells: {a: {curve: sqrt, a: 3}}\n")
        self.assertFalse(document["stopped"])
        done = run("--budgets", self.path("b.yaml", BUDGETS + "cells: {a: {curve: sqrt, a: 3}}\n"), "--threads", "2")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("--threads: cells are split in one thread", done.stderr)


if __name__ == "__main__":
    unittest.main()
