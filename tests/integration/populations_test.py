#!/usr/bin/env python3
"""Members with contracts and shoppers of two countries in one base: a model for each, live."""
import csv
import datetime
import random
import re
import unittest

import shop
from server_case import ServerCase

NOW = datetime.date(2018, 1, 2)
POPULATIONS = """
attributes: [{name: plan}, {name: country}]
value:
  model: mbg_nbd
  learn_from: all
  margin_by_category: {fee: 60 %}
  populations:
    - {name: gym, when: customer.plan == "gym", model: sbg, time_unit_days: 31, horizon_days: 730,
       discount: 1 %/month}
    - {name: at, when: customer.country == "at"}
"""
CUSTOMERS = ["--customer", "Customer", "--attribute", "plan=Plan", "--attribute", "country=Country",
             "--date", "Date"]
ORDERS = ["--customer", "Customer", "--date", "Date", "--amount", "Sales",
          "--order", "Order"]


def add_months(day, months):
    month = day.month - 1 + months
    return datetime.date(day.year + month // 12, month % 12 + 1, 1)


class Base:
    """Customers and orders as rows of CSV."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.customers, self.orders, self.fees = [], [], []

    def members(self, count):
        """Each pays on the first of each month, by the calendar, and leaves with a chance of their own."""
        for i in range(count):
            leaves = self.rng.betavariate(1, 5)
            day = add_months(datetime.date(2016, 1, 1), self.rng.randrange(22))
            days = [day]
            while self.rng.random() > leaves and add_months(day, 1) <= NOW:
                day = add_months(day, 1)
                days.append(day)
            self.customers.append([f"M{i}", "gym", "de", days[0].isoformat()])
            self.fees += [[f"F{len(self.fees) + n}", f"M{i}", day.isoformat(), 30, "fee"] for n, day in enumerate(days)]

    def shoppers(self, country, count):
        for row in shop.simulated("mbg_nbd", "r=0.8,alpha=40,a=1.5,b=8.5", "--unit-days", 1, "--spend", "20,30,58",
                                  "--margin-rate", 0.3, "--start", "2016-01-01", "--weeks", 104, "--join-weeks", 86,
                                  "--customers", count, "--seed", self.rng.randrange(1, 1000)):
            customer = f"{country}{int(row['customer_id'].lstrip('C')) - 1}"
            if row["order_id"].endswith("-1"):
                self.customers.append([customer, "", country, row["date"]])
            self.orders.append([f"O{len(self.orders)}", customer, row["date"], row["amount"], row["margin"]])

    def write(self, folder):
        for name, header, rows in [
                ("customers", ["Customer", "Plan", "Country", "Date"], self.customers),
                ("fees", ["Order", "Customer", "Date", "Sales", "Category"], self.fees),
                ("orders", ["Order", "Customer", "Date", "Sales", "Profit"], self.orders)]:
            with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([header, *rows])


class Populations(ServerCase):
    def setUp(self):
        super().setUp()
        rules = self.folder / "rules" / "rules.yaml"
        self.without = rules.read_text()
        rules.write_text(self.without + POPULATIONS)
        self.rules = rules
        self.server.start()
        base = Base(seed=5)
        base.members(350)
        base.shoppers("de", 500)
        base.shoppers("at", 60)
        base.write(self.folder)
        self.server.json("import", "customers", self.folder / "customers.csv", *CUSTOMERS)
        self.server.json("import", "events", self.folder / "fees.csv", *ORDERS, "--category", "Category")
        self.server.json("import", "events", self.folder / "orders.csv", *ORDERS, "--margin", "Profit")

    def customer(self, name):
        return self.server.json("customers", "show", name)

    def test_each_population_has_its_model_live(self):
        model = self.server.json("models", "fit", "--holdout-days", "60")
        by_name = {one["name"]: one for one in model["populations"]}
        self.assertEqual(sorted(by_name), ["at", "gym", "rest"])
        self.assertEqual(by_name["gym"]["kind"], "sbg")
        self.assertEqual(by_name["gym"]["source"], "PARAMETER_SOURCE_OWN")
        self.assertAlmostEqual(by_name["gym"]["margin_rate"], 0.6, places=6)
        self.assertAlmostEqual(by_name["rest"]["margin_rate"], 0.3, places=3)
        self.assertAlmostEqual(by_name["gym"]["discount_per_year"], 1.01 ** 12 - 1, places=9)
        self.assertEqual(by_name["at"]["source"], "PARAMETER_SOURCE_BORROWED")
        self.assertRegex(by_name["at"]["text"], r"^borrowed: \d+ repeat buyers, weight of own data")
        self.assertEqual({check["population"] for check in model["holdout"]}, set(by_name))
        shown = self.server.run("models", "show").stdout
        self.assertRegex(shown, r"gym +350 +sbg +31 d +730 d")
        self.assertIn("at: borrowed: ", shown)

        member, shopper, austrian = (self.customer(name) for name in ("M0", "de0", "at0"))
        self.assertEqual([c["population"] for c in (member, shopper, austrian)], ["gym", "rest", "at"])
        self.assertIn("borrowed", austrian["population_model"])
        self.assertIn(member["features"]["p_alive"]["double_value"], (0, 1))
        self.assertTrue(0 < shopper["features"]["p_alive"]["double_value"] < 1)
        self.assertRegex(self.server.run("customers", "show", "at0").stdout, "by the model of +at, borrowed")

        decision = self.server.json("decide", "M0")["results"][0]["decision"]["name"]
        self.assertRegex(self.server.run("explain", decision).stdout, r"population +\"?gym")
        self.assertRegex(self.server.run("explain", decision).stdout, r"its model is +own: ")
        of_austrian = self.server.json("decide", "at0")["results"][0]["decision"]["name"]
        self.assertRegex(self.server.run("explain", of_austrian).stdout, r"its model is +borrowed: ")
        self.assertEqual(self.server.run("replay", decision).returncode, 0)

        drift = self.server.json("models", "drift")
        self.assertEqual([one["population"] for one in drift["populations"]], ["gym", "at", "rest"])
        for options in ([], ["--model", "active"]):
            validation = self.server.json("models", "validate", "--holdout-days", "60", *options)
            self.assertEqual(validation["kind"], "several")

        values = [self.customer(name)["features"]["clv"] for name in ("M0", "de0", "at0")]
        self.assertEqual(self.server.stop(), 0)
        self.server.start(clock="2018-01-03T16:00:00Z")
        again = [self.customer(name)["features"]["clv"] for name in ("M0", "de0", "at0")]
        for before, after in zip(values, again):
            self.assertAlmostEqual(after["double_value"], before["double_value"],
                                   delta=1e-6 + 1e-3 * before["double_value"])
        self.assertEqual(self.server.run("replay", decision).returncode, 0)

    def test_rules_and_models_in_any_order(self):
        self.rules.write_text(self.without + "value: {model: mbg_nbd}\n"
                              "attributes: [{name: plan}, {name: country}]\n")
        self.server.json("rules", "publish", self.rules.parent)
        one = self.server.json("models", "fit")
        self.assertEqual(one["populations"], [])
        self.rules.write_text(self.without + POPULATIONS)
        self.server.json("rules", "publish", self.rules.parent)
        before = self.customer("M0")
        self.assertEqual(before["population"], "gym")
        self.assertTrue(before["population_model"].startswith("pooled: "), before["population_model"])
        several = self.server.json("models", "fit", "--candidate")
        compared = self.server.run("models", "compare", several["name"]).stdout
        self.assertTrue(re.search(r"[1-9]\d* customers change tier", compared), compared)
        self.assertRegex(self.server.run("models", "list").stdout, "mbg_nbd, 3 populations +910 +candidate")
        self.server.json("models", "activate", several["name"])
        self.assertIn("own", self.customer("M0")["population_model"])
        # Another condition under the same name: its parameters are of others.
        self.rules.write_text(self.without + POPULATIONS.replace('"at"', '"de"'))
        self.server.json("rules", "publish", self.rules.parent)
        shown = self.server.run("models", "show").stdout
        self.assertRegex(shown, "at: .*; by the present rules others are in it")
        self.assertNotRegex(shown, "gym: .*; by the present rules")
        self.assertIn("at, rest is decided by other conditions", self.server.run("models", "drift").stdout)
        self.server.json("models", "fit")
        self.assertNotIn("by the present rules", self.server.run("models", "show").stdout)
        self.server.json("models", "activate", one["name"])
        self.assertTrue(self.customer("M0")["population_model"].startswith("pooled: "))


if __name__ == "__main__":
    unittest.main()
