"""A shop made for the tests: rules with a budget that is nearly empty, and a file of orders."""
import csv
import subprocess

from tenured import TENURE

# A coupon is 10.00: two of them empty `tiny`. Notes are many small holds on `notes`, where cards
# hold their discount when they are redeemed. All are worth more than they cost to nearly everybody,
# so that all clients want the same last cents.
RULES = """
name: shop
currency: EUR
zone: UTC
placements: 3
tracks:
  - id: lifecycle
    stages: [{id: any, enter: purchases >= 0}]
budgets:
  - {id: tiny, period: month, limit: 20, split: optimal, unplanned: 0, segments: [{id: everybody}]}
  - id: notes
    period: month
    limit: 30
    per_customer: 6
    carry_over: unspent
    split: optimal
    unplanned: 5
    segments:
      - {id: regulars, when: purchases >= 4}
      - {id: others}
campaigns:
  - id: coupon
    channel: email
    plugin: upsell
    priority: 2
    params: {uplift: 4.0, uplift_low: 3.0, uplift_high: 5.0}
    offers: [{id: ten, discount: 9.99, contact_cost: 0.01, valid_days: 2}]
    budget: tiny
  - id: note
    channel: email
    plugin: upsell
    priority: 1
    params: {uplift: 4.0, uplift_low: 3.0, uplift_high: 5.0}
    offers: [{id: note, discount: 0.05, contact_cost: 0.01, valid_days: 2}]
    budget: notes
  - id: card
    channel: email
    plugin: upsell
    priority: 1
    params: {uplift: 4.0, uplift_low: 3.0, uplift_high: 5.0}
    offers: [{id: card, discount: 0.50, contact_cost: 0.01, valid_days: 2, reserve: at_redemption}]
    budget: notes
"""
# Limits that a storm puts in force one after the other, also below what is used.
LIMITS = [(20, 30), (12, 18), (20, 24), (8, 30), (20, 30)]


# More than the plan has shared out: so much is left at the period's end whatever clients do.
LEFT_OVER = (20, 40)


def rules_with(tiny, notes, rules=RULES):
    return (rules.replace("limit: 20,", f"limit: {tiny},")
            .replace("limit: 30\n", f"limit: {notes}\n"))


# What a card holds expires within a minute, while clients still ask to commit it.
SHORT_HOLDS = RULES.replace("  - id: card\n", "  - id: card\n    hold: 1m\n")


IMPORT = ["--customer", "Customer", "--date", "Date", "--amount", "Sales", "--margin", "Profit",
          "--order", "Order", "--consent", "email=granted"]


def write_rules(folder, rules=RULES):
    folder.mkdir(exist_ok=True)
    (folder / "rules.yaml").write_text(rules)
    return folder


def simulated(model, params, *options):
    """Orders of customers whose truth is known, as `tenure simulate` makes them: a row each."""
    drawn = subprocess.run([TENURE, "simulate", "--model", model, "--params", params, *map(str, options)],
                           capture_output=True, text=True, check=True).stdout
    return csv.DictReader(drawn.splitlines())


def write_orders(path, customers, seed):
    """`hot` and so many others, who buy at rates of their own in the two years before 2018."""
    names = {}
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Order", "Customer", "Date", "Sales", "Profit"])
        for row in simulated("nbd", "r=5,alpha=60", "--spend", "20,30,870", "--margin-rate", 0.3, "--start", "2015-12-02",
                             "--weeks", 107, "--join-weeks", 86, "--customers", customers + 1, "--seed", seed):
            customer = names.setdefault(row["customer_id"], f"C{len(names) - 1}" if names else "hot")
            writer.writerow([row["order_id"], customer, row["date"], row["amount"], row["margin"]])
    return path
