"""`tenure allocate` at its edges: huge amounts, targets that are exact sums, money left over, what is refused."""
import csv
import json
import os
import random
import unittest

from allocate_case import BUDGETS, HEADER, VALUES, AllocateCase, run

MOST = 2**63 - 1  # micros


def decimal(micros):
    return f"{micros // 10**6}.{micros % 10**6:06d}"


class AllocateEdges(AllocateCase):
    def answer(self, *arguments):
        done = run(*arguments, "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def test_costs_near_the_end_of_int64_are_planned(self):
        values = HEADER + "".join(f"{name},s,x,{cost},1\n" for name, cost in
                                  (("a", "9223372036854.775807"), ("b", "9223372036854.775807"), ("c", "1")))
        document, chosen = self.solve(values, f"currency: EUR\ntotal: {decimal(MOST - 1)}\n")
        self.assertEqual(([row["customer"] for row in chosen], document["status"]), (["c"], "OPTIMAL"))
        document, chosen = self.solve(HEADER + "".join(f"c{i},s,x,9000000000000,{i + 1}\n" for i in range(3)),
                                      "currency: EUR\ntotal: 5000000000000\n")
        self.assertEqual((chosen, document["proven"], document["upper_bound"]), ([], True, 0))
        for seed in range(30):
            rng = random.Random(seed)
            total = rng.choice([5 * 10**18, 9 * 10**18, MOST - 1])
            rows = [(f"c{c}", o, rng.choice([total // 2, total // 3, rng.randint(0, total), MOST - 1]), rng.randint(1, 9))
                    for c in range(4) for o in range(2)]
            plans = [(0, 0)]
            for c in range(4):
                plans += [(cost + row[2], value + row[3]) for cost, value in plans
                          for row in rows[2 * c:2 * c + 2] if cost + row[2] <= total]
            with self.subTest(seed=seed):
                document, _ = self.solve(HEADER + "".join(f"{c},s,o{o},{decimal(cost)},{value}\n" for c, o, cost, value in rows),
                                         f"currency: EUR\ntotal: {decimal(total)}\n")
                self.assertEqual((document["achieved"], document["proven"]), (max(value for _, value in plans), True))

    def test_the_largest_amount_there_is_is_refused(self):
        for budgets, place in ((f"currency: EUR\ntotal: {decimal(MOST)}\n", ":2:8:"),
                               (BUDGETS + f"segments: {{loyal: {decimal(MOST)}}}\n", ":3:19:")):
            self.refused([place, "below 9223372036854.775807", "larger unit"], budgets=budgets)

    def test_minima_beyond_int64_are_short_by_their_true_sum(self):
        budgets = "currency: EUR\ntotal: 9200000000000\nsegments: {a: {min: 9e12}, b: {min: 9e12}}\n".replace("9e12", "9" + "0" * 12)
        self.refused(["sum to 18000000000000.00", "8800000000000.00 short"], values=HEADER, budgets=budgets)

    def test_a_target_that_sums_miss_by_rounding_is_reached(self):
        files = self.files(HEADER + "a,s,x,1,0.1\nb,s,x,1,0.7\n", "currency: EUR\ntotal: 2\n")
        self.assertEqual(self.answer(*files, "--target", "0.8")["least_total"], 2)
        done = run(*files, "--target", "0.80000001")
        self.assertIn("a value of 0.80000001 is out of reach: 2.00 brings 0.8, and nothing brings more than 0.8;", done.stderr)
        rows = ("c0,a,o0,1.44,3.91\nc0,a,o1,1.74,3.57\nc0,a,o2,2.02,3.94\nc1,b,o0,2.14,-0.05\nc1,b,o1,2.76,0.35\n"
                "c1,b,o2,1.19,2.4\nc2,a,o0,1.31,-0.1\nc2,a,o1,2.71,1.18\nc2,a,o2,2.06,3.5\nc3,b,o0,0.73,1.34\n"
                "c3,b,o1,1.45,2.8\nc3,b,o2,1.01,-0.22\nc4,a,o0,0.32,0.73\nc4,a,o1,2.74,1.81\nc4,a,o2,2.54,3.86\n")
        files = self.files(HEADER + rows, "currency: EUR\ntotal: 15\nsegments: {a: {max: 4}, b: {}}\n")
        for target in ("7.44", "7.4399999"):
            self.assertAlmostEqual(self.answer(*files, "--target", target)["least_total"], 3.21, 5)

    def test_a_target_that_time_was_too_short_for_is_refused(self):
        rows = "".join(f"c{i},s{i % 7},o{j},{1 + (i * 31 + j * 17) % 300 / 100:.2f},{(i * 37 + j * 101) % 977 / 100:.2f}\n"
                       for i in range(4000) for j in range(4))
        files = self.files(HEADER + rows, "currency: EUR\ntotal: 5000\n")
        moment, = self.answer(*files, "--frontier", "5000", "--seconds", "0.000001")["frontier"]
        whole, = self.answer(*files, "--frontier", "5000")["frontier"]
        self.assertTrue(moment["stopped"])
        self.assertLess(moment["achieved"], whole["achieved"])
        out = self.path("chosen.csv")
        target = repr((moment["achieved"] + whole["achieved"]) / 2)
        done = run(*files, "--target", target, "--seconds", "0.000001", "--json", "--out", out)
        self.assertEqual((done.returncode, os.path.exists(out)), (1, False), done.stderr)
        self.assertIn("no plan found is worth", done.stderr)
        self.assertIn("allow more seconds", done.stderr)
        self.assertGreaterEqual(self.answer(*files, "--target", target)["achieved"], float(target))
        # What the first moment's plan is worth, a moment reaches.
        least = self.answer(*files, "--target", repr(0.9 * moment["achieved"]), "--seconds", "0.000001", "--out", out)
        self.assertGreaterEqual(least["achieved"], 0.9 * moment["achieved"])
        self.assertTrue(os.path.exists(out))

    def test_many_customers_leave_no_money_that_fits(self):
        rng = random.Random(5)
        offers = {}
        for c in range(55_000):
            segment = rng.randrange(5)
            offers[f"c{c:06d}"] = [(f"s{segment}", f"o{m}", rng.randint(5, 4000),
                                    round(rng.lognormvariate(1, 1) * rng.random() - .3, 6)) for m in range(3)]
        files = self.files(HEADER + "".join(f"{c},{s},{o},{cost / 100:.2f},{value!r}\n"
                                            for c, its in offers.items() for s, o, cost, value in its),
                           "currency: EUR\ntotal: 600000\nsegments: {s0: {max: 90000}, s1: {}, s2: {}, s3: {}, s4: {}}\n")
        out = self.path("chosen.csv")
        document = self.answer(*files, "--out", out)
        chosen = {row["customer"]: row["offer"] for row in csv.DictReader(out.read_text().splitlines())}
        left = 60_000_000 - round(100 * document["spend"]["total"])
        own = 9_000_000 - round(100 * document["spend"]["segments/s0"])
        for customer, its in offers.items():
            cost, value = next(((c, v) for _, o, c, v in its if o == chosen.get(customer)), (0, 0))
            room = min(left, own) if its[0][0] == "s0" else left
            for _, offer, more, worth in its:
                self.assertFalse(worth > value and more - cost <= room,
                                 f"{customer} could have {offer}: {left} cents are left")
        if left > 0:
            self.assertEqual(document["unspent"]["total"]["reason"], "GRANULARITY")

    def invalid(self, field, values=VALUES, budgets=BUDGETS):
        done = run(*self.files(values, budgets), "--json")
        document = json.loads(done.stdout)
        self.assertEqual((done.returncode, document["status"]), (1, "INVALID"), document)
        self.assertEqual(document["field"].replace(str(self.folder) + "/", ""), field)
        self.assertEqual(document["error"]["code"], "INVALID_ARGUMENT")
        self.assertIn(document["error"]["message"], done.stderr)

    def test_what_is_missing_is_invalid_by_its_field(self):
        self.invalid("values.csv column `value`", values=VALUES.replace("value", "worth", 1))
        self.invalid("values.csv column `channel`", budgets=BUDGETS + "channels: {email: 1}\n")
        self.invalid("values.csv line 1", values="")
        self.invalid("values.csv line 3", values=HEADER + "ann,loyal,ten,1,2\nann,loyal\n")
        self.invalid("currency", budgets="total: 5\n")
        self.invalid("total", budgets="currency: EUR\n")
        self.invalid("currency", budgets="")
        self.invalid("offers.tne", budgets=BUDGETS + "offers: {tne: {max_count: 1}}\n")
        self.invalid("total", budgets=f"currency: EUR\ntotal: {decimal(MOST)}\n")

    def test_another_currency_is_refused_by_line(self):
        values = "customer,segment,offer,cost,value,currency\nann,s,x,1,2,EUR\nben,s,x,1,2,USD\n"
        self.refused(["values.csv line 3 column `currency`", "'USD'", "budgets.yaml, EUR"], values=values)
        self.invalid("values.csv line 3 column `currency`", values=values)
        self.assertEqual(self.solve(values.replace("USD", "EUR"), BUDGETS)[0]["chosen"], 2)

    def test_a_minimum_that_nobody_can_use_is_told(self):
        files = self.files(HEADER + "ann,loyal,ten,5,9\n", BUDGETS + "segments: {loyal: {}, zzz: {min: 7}}\n")
        done = run(*files, "--json")
        self.assertEqual(done.returncode, 0)
        self.assertIn("segments.zzz.min keeps 7.00", done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document["unspent"]["total"], {"amount": 10, "reason": "RESERVED"})
        self.assertEqual(len(document["warnings"]), 1)
        done = run(*self.files(HEADER, BUDGETS + "segments: {zzz: {min: 10}}\n"), "--json")
        self.assertEqual(json.loads(done.stdout)["unspent"]["total"], {"amount": 10, "reason": "RESERVED"})

    def test_limits_across_say_why_they_are_not_used_up(self):
        values = "customer,segment,offer,cost,value,channel\na,s,x,2,5,post\nb,s,y,3,4,post\n"
        files = self.files(values, BUDGETS + "channels: {post: 4}\noffers: {x: {max_count: 3}}\n")
        document = self.answer(*files)
        self.assertEqual(document["unspent"]["channels/post"], {"reason": "GRANULARITY", "amount": 2})
        self.assertEqual(document["unspent"]["offers/x"], {"reason": "ALL_AT_MAX", "amount": 2})
        self.assertEqual((document["reasons"]["channels/post"]["chosen"], document["reasons"]["offers/x"]["chosen"]), (1, 1))
        self.assertEqual(document["reasons"]["channels/post"]["best_unfunded"]["customer"], "b")
        post = next(line for line in run(*files).stdout.splitlines() if line.startswith("channels/post"))
        self.assertTrue(post.endswith("GRANULARITY"), post)
        self.assertRegex(run(*files).stdout, r"(?m)^channels/post .* y for b$")

    def test_a_margin_is_not_told_as_what_one_unit_buys(self):
        document, chosen = self.solve(HEADER + "".join(f"c{i},s,coupon,10,{80 + i}\n" for i in range(3)),
                                      "currency: EUR\ntotal: 100\nsegments: {s: 5}\n")
        self.assertEqual((chosen, document["reasons"]["segments/s"]["one_more_unit"]), ([], 0))
        self.assertEqual(document["unspent"]["segments/s"]["reason"], "GRANULARITY")
        text = run(*self.files(VALUES, BUDGETS)).stdout
        self.assertIn("a unit at the margin", text)
        self.assertNotIn("one more unit", text)


if __name__ == "__main__":
    unittest.main()
