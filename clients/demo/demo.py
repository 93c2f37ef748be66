#!/usr/bin/env python3
"""`./dev demo`: Tenure at its main job, by its own commands: real orders, then a shop with known truth."""
import argparse
import csv
import json
import pathlib
import re
import signal
import sys
import time

import report
import superstore
from product import Failed, Server, dim, run, show

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "rules" / "default"
CLOCK = "2018-01-02T15:00:00Z"  # ten in the morning in the shop's zone: no quiet hours
BUDGET = "lifecycle"
HOLDOUT_DAYS = 365
# Act two: MBG/NBD near CDNOW's figures (weeks), baskets near Superstore's.
SHOP = {"customers": 20_000, "seed": 2018, "weeks": 104, "start": "2016-01-05", "model": "mbg_nbd",
        "params": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, "spend": {"p": 6.25, "q": 3.74, "v": 154.4},
        "margin_rate": 0.3, "budget_times": 2}
BATCH = 1_000


def equals(values):
    return ",".join(f"{name}={value}" for name, value in values.items())


def choose_ten(results):
    """Ten customers, as varied as they come: stage by stage, each time an answer not seen yet."""
    by_stage = {}
    for result in results:
        decision = result["decision"]
        picks = [f"{s['campaign']}/{s['offer']}" for s in decision["selections"]]
        answer = " ".join(picks) or re.sub(r"[-\d.]+", "#", decision["why"])
        by_stage.setdefault(decision["stage"], {}).setdefault((not picks, answer), decision["customer"])
    chosen = []
    queues = [[answers[key] for key in sorted(answers)] for _, answers in
              sorted(by_stage.items(), key=lambda item: report.STAGES.index(item[0]) if item[0] in report.STAGES else 99)]
    while len(chosen) < 10 and any(queues):
        for queue in queues:
            if queue and len(chosen) < 10:
                chosen.append(queue.pop(0).removeprefix("customers/"))
    return chosen


def most_telling(results):
    """The decision whose candidates ended in the most ways."""
    def ways(result):
        kinds = set()
        for candidate in result["decision"]["candidates"]:
            kind = next(k for k in candidate if k in ("selected", "lost", "filtered", "held_out", "deferred", "error"))
            kinds.add((kind, candidate[kind].get("gate", "")))
        return len(result["decision"]["selections"]) > 0, len(kinds), len(result["decision"]["candidates"])
    return max(results, key=ways)["decision"]


def fit(server, holdout_days, truth=None):
    report.section("The value model", "What was fitted, how sure it is, and whether to believe it.")
    model = server.tenure(["models", "fit", "--request-id", "fit", "--holdout-days", str(holdout_days)],
                          f"models fit --holdout-days {holdout_days}")
    report.model(model, truth)
    return model


def plan_and_stages(server, segments):
    report.section("Where everybody stands", "Customers by value tier" + (" and segment" if segments else "") + " (down) and lifecycle stage (across).")
    report.stages(server.tenure(["customers", "table"]), segments)
    report.section("The plan of the month", "Who gets the money: the split over segments that is worth most.")
    report.plan(server.tenure(["plan", "--budget", BUDGET, "--request-id", "plan"], f"plan --budget {BUDGET}"), brief=not segments)


def decide(server, customers, count):
    report.section(f"{count} decisions", "Each is recorded, its money is held, and one line says why.")
    look = server.tenure(["decide", *customers, "--request-id", "look", "--dry-run"],
                         f"decide --dry-run …      # {len(customers)} customers, of whom {count} unlike each other follow")
    chosen = choose_ten(look["results"])[:count]
    answer = server.tenure(["decide", *chosen, "--request-id", "decide", "--full"], "decide " + " ".join(chosen))
    report.decisions(answer["results"])
    return answer["results"]


def explain_and_settle(server, results):
    telling = most_telling(results)
    name = telling["name"]
    report.section("One decision explained", "Every campaign has exactly one outcome, in words and figures.")
    explained = server.tenure(["explain", name])
    report.explanation(explained["decision"])
    replay = server.tenure(["replay", name])
    report.say("Replayed from the record: " + ("identical, bit for bit." if replay["identical"] else "DIFFERENT."), "  ")
    report.section("The ledger", "Every hold on every envelope above it; one is spent, one given back, all is proven.")
    holds = [s for result in results for s in result["decision"]["selections"] if s["hold"]]
    if len(holds) >= 2:
        actual = f"{int(holds[0]['hold_micros']) / 1e6:.2f}"
        server.tenure(["commit", holds[0]["hold"], "--actual", actual, "--request-id", "commit"],
                      f"commit {holds[0]['hold']} --actual {actual}")
        server.tenure(["release", holds[1]["hold"], "--request-id", "release"],
                      f"release {holds[1]['hold']}")
    report.ledger(server.tenure(["budget", "show"]))
    proof = server.tenure(["budget", "verify"])
    report.say("Verified: " + proof["summary"], "  ")


def act_one(build, folder):
    """Real orders; returns the server, still up, and the customers' ids."""
    print("ACT ONE: real orders")
    path = superstore.fetch(folder)
    facts = superstore.facts(path)
    report.say(f"The public Superstore orders: {facts['lines']:,} lines are {facts['orders']:,} orders of "
               f"{facts['customers']} customers, {facts['first']} to {facts['last']}. An order is one purchase. The file "
               f"knows no permissions: that all may be written to, by e-mail and post, is assumed.")
    server = Server(build / "bin", folder / "real", RULES, CLOCK)
    show(f"tenured --config {server.config.name}      # rules/default, clock at {CLOCK}")
    try:
        server.start()
        imported = server.tenure(
            ["import", "events", str(path), "--customer", "Customer ID", "--order", "Order ID", "--date", "Order Date",
             "--amount", "Sales", "--margin", "Profit", "--category", "Category", "--attribute", "segment=Segment",
             "--attribute", "region=Region", "--consent", "email=granted", "--consent", "post=granted"],
            "import events superstore.csv --order 'Order ID' --amount Sales --margin Profit …")
        report.say(f"{imported['accepted']:,} events accepted: orders, attributes and permissions; "
                   f"{imported['rejected']} rejected.", "  ")
        model = fit(server, HOLDOUT_DAYS)
        honest(model, facts)
        plan_and_stages(server, segments=True)
        customers = sorted(set(ids(path, "Customer ID")))
        results = decide(server, customers[:BATCH], 10)
        explain_and_settle(server, results)
    except BaseException:
        server.stop()
        raise
    return server, customers


def ids(path, column):
    with open(path, encoding="utf-8", newline="") as file:
        return [row[column] for row in csv.DictReader(file)]


def honest(model, facts):
    unidentified = [f["kind"] for f in model["fits"] if f["verdict"] == "FIT_VERDICT_NOT_IDENTIFIED"]
    points = superstore.smallest_uplift(facts["customers"], facts["p0"])
    text = "Honestly: "
    if unidentified:
        text += (f"these orders do not show that anybody ever left ({', '.join(unidentified)}: NOT_IDENTIFIED), so silence "
                 f"is measured against each customer's own rhythm. ")
    text += (f"{facts['losing']} of {facts['repeaters']} repeat customers bring a mean profit of nothing or less, so spend is "
             f"modelled on sales, times a margin rate of {model['margin_rate'] * 100:.1f} % "
             f"({model['margin_rate_source']}). {facts['customers']} customers can't measure what a message does: half "
             f"against half would show an effect of {points * 100:.1f} points on the {facts['p0'] * 100:.1f} % who buy in "
             f"28 days; the assumed +5 % is {facts['p0'] * 5:.1f}.")
    report.say(text, "  ")


def scaled_rules(folder):
    """rules/default with the budget of a larger shop."""
    target = folder / "rules"
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(RULES.glob("*.yaml")):
        text = file.read_text()
        if file.name == "rules.yaml":
            head, budgets = text.split("\nbudgets:\n", 1)
            budgets = re.sub(r"\b(limit|unplanned|min|max): (\d+)",
                             lambda m: f"{m[1]}: {int(m[2]) * SHOP['budget_times']}", budgets)
            text = head + "\nbudgets:\n" + budgets
        (target / file.name).write_text(text)
    return target


def act_two(build, folder):
    print("\n\nACT TWO: a shop with churn, whose truth is known")
    orders, truth = folder / "orders.csv", folder / "truth.csv"
    spend = ",".join(str(value) for value in SHOP["spend"].values())
    command = ["--model", SHOP["model"], "--params", equals(SHOP["params"]), "--spend", spend, "--customers",
               str(SHOP["customers"]), "--seed", str(SHOP["seed"]), "--weeks", str(SHOP["weeks"]), "--join-weeks",
               str(SHOP["weeks"]), "--start", SHOP["start"], "--margin-rate", str(SHOP["margin_rate"])]
    folder.mkdir(parents=True, exist_ok=True)
    show(f"tenure simulate --model {SHOP['model']} --params {equals(SHOP['params'])} --spend {spend} \\")
    print(dim(f"    --customers {SHOP['customers']} --seed {SHOP['seed']} --weeks {SHOP['weeks']} …"))
    made = json.loads(run([str(build / "bin" / "tenure"), "--json", "simulate", *command, "--output", str(orders),
                           "--truth", str(truth)]))
    report.say(f"{made['customers']:,} customers with {made['purchases']:,} orders in {SHOP['weeks']} weeks; "
               f"{made['alive_at_end']:,} are still there at the end, which nobody is told. Seed {made['seed']}. "
               f"The same rules, with {SHOP['budget_times']} times the budget for 25 times the customers: money is short.")
    rules = scaled_rules(folder)
    server = Server(build / "bin", folder / "simulated", rules, CLOCK)
    try:
        server.start()
        imported = server.tenure(
            ["import", "events", str(orders), "--customer", "customer_id", "--order", "order_id", "--date", "date",
             "--amount", "amount", "--margin", "margin", "--consent", "email=granted", "--consent", "post=granted"],
            "import events orders.csv …")
        report.say(f"{imported['accepted']:,} events accepted.", "  ")
        fit(server, 182, {"models": {SHOP["model"], "gamma_gamma"}, **SHOP["params"], **SHOP["spend"]})
        plan_and_stages(server, segments=False)
        results = decide(server, sorted(set(ids(orders, "customer_id")))[:BATCH], 5)
        explain_and_settle(server, results)
    finally:
        server.stop()
    judge(build, orders, truth, rules)


def judge(build, orders, truth, rules):
    report.section("What it earns", "Each way of spending the same budget, judged by the truth that only the simulator knows.")
    command = ["--orders", str(orders), "--truth", str(truth), "--rules", str(rules), "--at", CLOCK, "--budget", BUDGET,
               "--model", SHOP["model"], "--params", equals({**SHOP["params"], **SHOP["spend"]}), "--margin-rate",
               str(SHOP["margin_rate"])]
    show("tenure-demo-judge --orders orders.csv --truth truth.csv …")
    judged = json.loads(run([str(build / "bin" / "tenure-demo-judge"), *command]))
    report.strategies(judged)
    plan = next(s for s in judged["strategies"] if s["name"] == "plan")
    report.say("Score: (value − nothing) / (oracle − nothing). The Bayes oracle plans with the parameters the shop was made "
               "with, from the same orders; the rules of thumb go down their list until the money is gone, each with the "
               "kind of offer that suits it best. The effects of offers are the assumed ones, for all alike. The oracle knows "
               "the parameters, not the fates: what lies between it and the plan is small enough to be luck. "
               f"The plan claimed {plan['claimed']:,.2f} and is worth {plan['value']:,.2f}.", "  ")


def keep(server, customers):
    address = f"127.0.0.1:{server.port}"
    print(f"\nThe server with the real orders is up at {address}; its clock stands at {CLOCK}. To call it:")
    print(f"  export TENURE_SERVER={address} PATH={server.binaries.resolve()}:$PATH")
    print(f"  tenure decide {customers[1]}          # then: tenure explain decisions/…")
    print("  tenure budget show; tenure customers table; tenure plan show; tenure --help")
    print(f"  grpcurl -plaintext -d '{{\"request_id\": \"a\", \"customer\": \"customers/{customers[1]}\"}}' {address} \\")
    print("    tenure.v1.DecisionService/Decide")
    print(f"  kill {server.process.pid}          # stops it")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, type=pathlib.Path, help="build folder, such as build/release")
    parser.add_argument("--keep", action="store_true", help="leave the server with the real orders up")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.stdout.reconfigure(line_buffering=True)
    folder = options.build.resolve() / "demo"
    server, up = None, False
    try:
        began = time.monotonic()
        server, customers = act_one(options.build, folder)
        between = time.monotonic()
        act_two(options.build, folder)
        ended = time.monotonic()
        if options.keep:
            keep(server, customers)
            up = True
    except Failed as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: interrupted; its servers are stopped", file=sys.stderr)
        return 130
    finally:
        if server is not None and not up:
            server.stop()
    print(dim(f"\nact one {between - began:.1f} s, act two {ended - between:.1f} s"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
