"""Rows measured by the benchmark programs themselves: no server, no network."""
import json
import re

from row import NotMeasured, Row, google, run


def evaluate(build, _folder):
    result = json.loads(run(build / "bin" / "evaluate_bench"))
    rows = []
    for size, target in (("1", 15), ("1000", 2)):
        r = result[size]
        batch = f"evaluate, 200 campaigns × 3, 30 past stage, batch of {int(size):,}"
        rows.append(Row(batch, f"{r['reused_us']:.1f} µs CPU a decision", f"its 30 policies' calls alone, {r['policies_us']:.1f} µs",
                        r["reused_us"] / r["policies_us"], f"≤ {target} µs", r["reused_us"] <= target))
        rows.append(Row("  the same into fresh records, as served", f"{r['fresh_us']:.1f} µs CPU a decision",
                        f"into reused ones, {r['reused_us']:.1f} µs", r["fresh_us"] / r["reused_us"]))
    one, many = result["1"]["reused_allocations"], result["1000"]["reused_allocations"]
    rows.append(Row("  allocations a decision, batch of 1,000", f"{many:.3f}", f"batch of 1, {one:.0f}",
                    many / one if one else None, "do not grow", many <= one))
    return rows


def condition(build, _folder):
    found = google(build / "bin" / "expression_bench", "/1000", 0.1)
    ours, loop = found["Condition/1000"]["ns_a_row"], found["HandWrittenLoop/1000"]["ns_a_row"]
    ns = 1e9 if ours < 1e-3 else 1  # the counter is in seconds in some releases of the library
    return [Row("condition of three comparisons, 1,000 rows", f"{ours * ns:.2f} ns CPU a row",
                f"loop written by hand, {loop * ns:.2f} ns", ours / loop, "≤ 5 ns", ours * ns <= 5)]


def ingest(build, _folder):
    text = run(build / "bench" / "ingest_bench", 100_000)
    match = re.match(r"engine (\d+) events/s; sqlite3 shell from SQL text (\d+) rows/s, ratio ([\d.]+); "
                     r"by INSERT … SELECT (\d+) rows/s, ratio ([\d.]+)", text)
    if not match:
        raise NotMeasured(f"ingest_bench printed {text!r}")
    ours, shell, _, copy, _ = map(float, match.groups())
    return [Row("durable event ingest in process", f"{ours:,.0f} events/s", f"sqlite3 shell, SQL text, {shell:,.0f} rows/s",
                ours / shell, "≥ 0.4", ours / shell >= 0.4),
            Row("  against copying the same rows", f"{ours:,.0f} events/s", f"sqlite3 INSERT … SELECT, {copy:,.0f} rows/s",
                ours / copy)]


def event(build, _folder):
    """The statistics, P(alive), tier and stage of a customer are current after each."""
    found = google(build / "bin" / "customers_bench", "^(AppendOnly|Fold.*)$", 0.3)
    append, fold, stages, model, warm, cold, several, bg, mbg, pareto = (
        1e6 / next(each["items_per_second"] for name, each in found.items() if name.split("/")[0] == wanted)
        for wanted in ("AppendOnly", "FoldOnly", "FoldWithStages", "FoldWithModel", "FoldWithModelWarm", "FoldWithModelCold", "FoldWithPopulations",
                       "FoldWithShippedRulesBg", "FoldWithShippedRulesMbg", "FoldWithShippedRulesPareto"))
    baseline = f"a hash table, an append, two sums, {append:.2f} µs"
    return [Row("one event: statistics alone", f"{fold:.2f} µs CPU", baseline, fold / append, "≤ 1 µs", fold <= 1),
            Row("one event: and stages", f"{stages:.2f} µs CPU", baseline, stages / append, "≤ 1 µs", stages <= 1),
            Row("one event: stages by P(alive), and the tier", f"{model:.2f} µs CPU", baseline, model / append, "≤ 1 µs", model <= 1),
            *(Row(f"one event: the shipped rules, {name}", f"{time:.2f} µs CPU", baseline, time / append, "≤ 1 µs", time <= 1)
              for name, time in (("BG/NBD", bg), ("MBG/NBD", mbg), ("Pareto/NBD", pareto))),
            Row("the same, each by the model of one of three populations", f"{several:.2f} µs CPU", "one model for all, "
                f"{model:.2f} µs", several / model, "", None),
            Row("the same, 4,000 customers", f"{warm:.2f} µs CPU", baseline, warm / append, "", None),
            Row("the same, 400,000 customers", f"{cold:.2f} µs CPU", baseline, cold / append, "", None)]


def memory(build, _folder):
    found = google(build / "bin" / "customers_bench", "Memory")
    size = found["Memory"]["bytes_per_customer"]
    plain = 5 * (8 + 8)  # an instant and an amount a purchase
    return [Row("memory of a customer with 5 purchases", f"{size:.0f} bytes", f"5 instants and amounts alone, {plain} bytes",
                size / plain, "≤ 400 bytes", size <= 400)]


def propose(build, _folder):
    found = google(build / "bench" / "plugin_host_bench", "welcome")
    one, many = (found[f"Propose/welcome/{size}"]["cpu_time"] / size for size in (1, 1000))
    return [Row("policy, batch of 1,000, two offers", f"{many:.0f} ns CPU a row", f"batch of 1, {one:.0f} ns", many / one)]


def fit(build, _folder):
    found = google(build / "bin" / "clv_bench", "BM_FitBgNbd|BM_FitParetoNbd|BM_Compute", 0.1)
    small, large, days = (found[f"BM_FitBgNbd/rows:{rows}/whole_days:{days}"] for rows, days in ((2357, 0), (1000000, 0), (1000000, 1)))
    few, million = found["BM_FitParetoNbd/rows:2357/whole_days:1"], found["BM_FitParetoNbd/rows:1000000/whole_days:1"]
    bg, pareto = (1e6 / found[f"BM_Compute/{model}"]["items_per_second"] for model in (1, 3))
    return [Row("BG/NBD fit, 2,357 rows", f"{small['cpu_time']:.2f} ms CPU", "one plain pass over its rows", small["plain_passes"],
                "≤ 5 ms", small["cpu_time"] <= 5),
            Row("BG/NBD fit, 1,000,000 rows, all distinct", f"{large['cpu_time']:.0f} ms CPU",
                "one plain pass over its rows", large["plain_passes"], "ratio ≤ 15", large["plain_passes"] <= 15),
            Row(f"BG/NBD fit, 1,000,000 whole-day rows, {days['distinct_rows']:,.0f} distinct", f"{days['cpu_time']:.0f} ms CPU",
                "one plain pass over its rows", days["plain_passes"], "ratio ≤ 7.5", days["plain_passes"] <= 7.5),
            Row("Pareto/NBD fit, 2,357 rows", f"{few['cpu_time']:.1f} ms CPU", "one plain pass over its rows", few["plain_passes"],
                "≤ 20 ms", few["cpu_time"] <= 20),
            Row("Pareto/NBD fit, 1,000,000 whole-day rows", f"{million['cpu_time'] / 1e3:.2f} s CPU",
                "one plain pass over its rows", million["plain_passes"], "≤ 3 s", million["cpu_time"] <= 3e3),
            Row("all features of a customer, intervals included, Pareto/NBD", f"{pareto:.1f} µs CPU",
                f"the same, BG/NBD, {bg:.1f} µs", pareto / bg)]


def simulation(build, _folder):
    found = google(build / "bin" / "simulate_bench", "BM_Simulate", 0.2)
    rows = []
    for number, what in enumerate(("", ", season", ", 26 campaigns", ", a covariate")):
        case = found[f"BM_Simulate/{number}"]
        # Of processor time: items_per_second is.
        per_second = case["items_per_second"]
        rows.append(Row(f"tenure simulate, orders to CSV{what}", f"{per_second / 1e6:.1f} M transactions/s CPU",
                        "one fwrite of the same bytes", case["fwrites"], "≥ 1 M/s", per_second >= 1e6))
    return rows


GAP_OF_COUNTED = {10_000: 1e-3, 100_000: 1e-4, 1_000_000: 2e-5}


def counted(text):
    """Rows of the instances in which each offer is limited in number."""
    return [Row(f"allocation, {int(customers):,} customers, each offer limited in number", f"gap {float(gap):.2g}, {float(seconds):.2f} s",
                "its target", float(gap) / GAP_OF_COUNTED[int(customers)], f"gap ≤ {GAP_OF_COUNTED[int(customers)]:g}",
                float(gap) <= GAP_OF_COUNTED[int(customers)])
            for customers, gap, seconds in re.findall(r"(\d+) customers, offers limited in number: gap ([\d.e+-]+), ([\d.]+) s", text)]


def clp(text, target=None):
    found = re.search(r"(\d+) customers: Clp's dual simplex ([\d.]+) s, this ([\d.]+) s.*: (\d+) x; bounds differ by ([\d.e+-]+)", text)
    if not found:
        return []
    customers, its, ours, ratio, apart = map(float, found.groups())
    return [Row(f"allocation, {int(customers):,} customers by Clp", f"{its:.2f} s, bounds {apart:.1g} apart", f"the planner, {ours:.4f} s", ratio,
                "≥ 1,000 with 100,000 customers", None if target is None else ratio >= target)]


def allocation(build, _folder):
    text = run(build / "bin" / "planner_bench")
    gaps = {int(n): tuple(map(float, figures)) for n, *figures in re.findall(
        r"(\d+) customers, packed: .*\n  1 thread\(s\): gap ([\d.e+-]+), ([\d.]+) s, ([\d.]+) x one read.*memory ([\d.]+)", text)}
    few = re.search(r"200 customers: (\d+) of (\d+) proven", text)
    if len(gaps) != 5 or not few:
        raise NotMeasured(f"planner_bench printed {text!r}")
    rows = [Row("allocation, 200 customers × 8 offers", f"{few[1]} of {few[2]} instances", "proven optimal",
                int(few[1]) / int(few[2]), "all", few[1] == few[2])]
    for customers, target in ((1_000, 5e-4), (10_000, 3e-5), (100_000, 5e-7), (1_000_000, 1e-6), (10_000_000, 1e-6)):
        gap, seconds, reads, memory = gaps[customers]
        rows.append(Row(f"allocation, {customers:,} customers × 8 offers", f"gap {gap:.2g}, {seconds:.4f} s",
                        "its target", gap / target, f"gap ≤ {target:g}", gap <= target))
        if customers >= 1_000_000:
            rows.append(Row("  its time on one core", f"{seconds:.4f} s", "one read of its input", reads, "ratio ≤ 10", reads <= 10))
            rows.append(Row("  its memory", "peak of the process", "its packed input", memory, "ratio ≤ 1.2", memory <= 1.2))
    rows.append(Row("  10,000,000 customers in all", f"{seconds:.3f} s", "its target", seconds / 6, "< 6 s", seconds < 6))
    rows += counted(text)
    for cells, gap, ms in re.findall(r"(\d+) cells, concave: gap ([\d.e+-]+), ([\d.]+) ms", text):
        target = {20: 0.05, 10_000: 5}[int(cells)]
        rows.append(Row(f"allocation, {int(cells):,} cells with curves", f"gap {float(gap):.1e}, {float(ms):.3f} ms", "its target",
                        float(ms) / target, f"≤ {target} ms, gap ≤ 1e-12", float(ms) <= target and float(gap) <= 1e-12))
    return rows + clp(text)


def slow_allocation(build, _folder):
    """What takes minutes; only with --slow."""
    text = run(build / "bin" / "planner_bench", "--slow", timeout=1200)
    return counted(text) + clp(text, target=1000)


def plan(build, _folder):
    """A million customers, twenty campaigns that all are eligible for; two threads."""
    rows = []
    for arrivals, name in ((0, "a plan end to end, 1,000,000 customers × 20 campaigns"), (2, "  with two arrivals a week and a cap")):
        r = json.loads(run(build / "bin" / "plan_bench", 1_000_000, 2, arrivals))
        rows.append(Row(name, f"{r['seconds']:.1f} s, {r['cpu_seconds']:.1f} s CPU", f"the policies' calls alone, {r['policies_cpu_seconds']:.2f} s CPU",
                        r["cpu_seconds"] / r["policies_cpu_seconds"], "≤ 15 s", r["seconds"] <= 15))
    mix = r["mix_cpu_seconds"]
    rows.append(Row("  whether their mix has moved, asked once an hour", f"{1e3 * mix:.0f} ms CPU beside decisions",
                    f"that plan, {r['cpu_seconds']:.1f} s CPU", mix / r["cpu_seconds"], "≤ 0.03", mix / r["cpu_seconds"] <= 0.03))
    return rows


def pacing(build, _folder):
    text = run(build / "bin" / "pacing_bench", 1_000_000)
    found = {}
    for line in text.splitlines():
        match = re.match(r"\s*(.+?)\s+([\d.]+) % of the hindsight optimum, spent\s+[\d.]+ %, overspent (\d+), ([\d.]+) s", line)
        if match:
            found[match[1]] = float(match[2]), int(match[3]), float(match[4])
    if not found:
        raise NotMeasured(f"pacing_bench printed {text!r}")
    published = {"no pacing": "21 %", "planned price, never corrected": "99.999 %",
                 "planned price 0.7 times too low, never corrected": "80.9 %",
                 "drift: values fall to a quarter": "loses 10–14 %"}
    baseline = found["planned price, never corrected"][0]
    rows = [Row("pacing, 1,000,000 arrivals: share of the hindsight optimum", f"{found['no pacing'][0]:.2f} % unpaced",
                "the right price from the start", found["no pacing"][0] / baseline, "prototype: 21 %")]
    for name, (share, _, seconds) in list(found.items())[1:]:
        promised = re.match(r"corrected, (right|learned) forecast", name) is not None
        rows.append(Row(f"  {name}", f"{share:.3f} %, {seconds * 1e3:.0f} ns an arrival", "the right price from the start",
                        share / baseline, "≥ 99.5 %" if promised else
                        f"prototype: {published[name]}" if name in published else "",
                        share >= 99.5 if promised else None))
    overspent = max(micros for _, micros, _ in found.values())
    rows.append(Row("  most overspent in any of them", f"{overspent} micros", target="0", reached=overspent == 0))
    return rows
