"""What the demo prints: plain tables for a person, at most 100 columns."""
import textwrap

WIDTH = 98
STAGES = ["prospect", "lead", "new", "repeat", "engaged", "loyal", "reactivated", "at_risk", "dormant", "lost"]


def section(title, sentence):
    print(f"\n── {title} " + "─" * (WIDTH - len(title) - 4))
    say(sentence)


def say(text, indent=""):
    print(textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  " if indent else ""))


def table(header, rows, left=1):
    """Columns as wide as they need; the first `left` to the left, the others to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        cells = [cell.ljust(width) if i < left else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        print("  " + "  ".join(cells).rstrip())


def money(micros):
    return f"{int(micros) / 1e6:,.2f}"


def short(value, digits):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{digits}g}"


def model(fitted, truth=None):
    """The models tried, their parameters with standard errors, and the verdict; truth beside it."""
    rows = []
    for fit in fitted["fits"]:
        told = []
        for parameter in fit["parameters"]:
            error = parameter.get("standard_error")
            text = f"{parameter['name']} {short(parameter['estimate'], 3)}" + (f" ± {short(error, 2)}" if error is not None else "")
            if truth is not None and fit["kind"] in truth["models"]:
                text += f" (true {truth[parameter['name']]:g})"
            told.append(text)
        rows.append((fit["kind"], f"{fit['log_likelihood']:,.3f}", fit["verdict"].removeprefix("FIT_VERDICT_"), told))
    print(f"  {'model':<12}{'log-likelihood':>15}  {'verdict':<15} parameters ± standard error")
    for kind, likelihood, verdict, told in rows:
        lead = f"  {kind:<12}{likelihood:>15}  {verdict:<15} "
        lines = textwrap.wrap(",  ".join(told), WIDTH - len(lead))
        print(lead + ("\n" + " " * len(lead)).join(lines))
    notes = {}
    for fit in fitted["fits"]:
        if fit["note"]:
            notes.setdefault(fit["note"], []).append(fit["kind"])
    for note, kinds in notes.items():
        say(f"{', '.join(kinds)}: {note}.", "  ")
    say(f"Chosen: {fitted['chosen_kind']}: {fitted['why']}", "  ")
    if fitted["fallback"]:
        say(f"Fallback: {fitted['fallback']}", "  ")
    for check in fitted["holdout"]:
        if check["kind"] != fitted["chosen_kind"]:
            continue
        off = check["expected"] / check["actual"] - 1 if check["actual"] else None
        say(f"Holdout: fitted without the last {check['days']:.0f} days, it expects {check['expected']:,.0f} "
            f"repeat purchases in them; there were {check['actual']:,.0f} "
            f"({'' if off is None else f'{off * 100:+.0f} %, '}mean absolute error "
            f"{check['mean_absolute_error']:.2f} a customer)."
            + (" The model knows no trend, and this shop has one." if off is not None and abs(off) > 0.15 else ""), "  ")


def stages(counts, segments):
    """Customers by segment and tier down, lifecycle stage across."""
    counts = {group: stages for group, stages in counts.items() if segments or not group.startswith("segment")}
    seen = [stage for stage in STAGES if stage in counts["everybody"]]
    seen += sorted(set(counts["everybody"]) - set(STAGES))
    groups = sorted(counts, key=lambda group: (group != "everybody", group.startswith("tier"), group))
    table(["customers", *seen, "all"],
          [[group, *[counts[group].get(stage, 0) or "·" for stage in seen], sum(counts[group].values())]
           for group in groups])


def plan(made, brief=False):
    """Per segment what it got, at what price, and how good the whole is at most."""
    report = made["report"]
    rows = []
    for segment in report["segments"]:
        rows.append([segment["id"], f"{segment['customers']:.0f}", f"{segment['offers']:.0f}",
                     f"{float(segment['limit']):,.2f}", f"{float(segment['spend']):,.2f}", f"{segment['value']:,.2f}", f"{segment['price']:.3f}"])
    spent = sum(float(segment["spend"]) for segment in report["segments"])
    root = made["envelopes"][0]
    rows.append(["all", f"{sum(s['customers'] for s in report['segments']):.0f}",
                 f"{sum(s['offers'] for s in report['segments']):.0f}", money(root["limit_micros"]), f"{spent:.2f}",
                 money(made["achieved_micros"]), ""])
    table(["segment", "customers", "offers", "limit", "held", "net value", "price"], rows)
    unplanned = [e for e in made["envelopes"] if e["path"].endswith("/unplanned")]
    kept = f", {money(unplanned[0]['limit_micros'])} of it kept for customers yet to come" if unplanned else ""
    if not brief:
        say(f"The limit is {money(root['limit_micros'])} {made['currency_code']} a month{kept}. A price is what "
            "one more unit of money would earn there; an offer goes out where it earns more than its price.", "  ")
    say(f"Proof: worth {money(made['achieved_micros'])}, and no plan is worth more than "
        f"{money(made['upper_bound_micros'])} by these estimates: a gap of {made['gap']:.1e}. Values are {report['basis']} by "
        f"{made['model'][:19]}; their standard error is {report['value_stderr']:,.0f} "
        f"({report['value_low']:,.0f} to {report['value_high']:,.0f}); {report['assumed_share'] * 100:.0f} % of it rests on assumed effects. "
        f"{report['held_out']:.0f} customers are held out and get nothing.", "  ")
    if not brief:
        say("Assumed: " + "; ".join(report["assumptions"]) + ".", "  ")


def decisions(results):
    """One line of why each."""
    rows = []
    for result in results:
        decision = result["decision"]
        rows.append([decision["customer"].removeprefix("customers/"), decision["stage"], decision["tier"],
                     decision["why"]])
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for row in rows:
        lead = "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)) + "  "
        lines = textwrap.wrap(row[3], WIDTH - len(lead))
        print(lead + ("\n" + " " * len(lead)).join(lines))


def explanation(decision):
    """Every campaign and offer with its one outcome."""
    names = ["/".join(part for part in (c["campaign"], c["offer"]) if part) for c in decision["candidates"]]
    width = max(len(name) for name in names)
    for name, candidate in zip(names, decision["candidates"]):
        lines = textwrap.wrap(candidate["sentence"], WIDTH - width - 4)
        print(f"  {name.ljust(width)}  " + ("\n" + " " * (width + 4)).join(lines))


def ledger(budgets):
    rows = []
    for envelope in budgets["budgets"][0]["envelopes"]:
        used = int(envelope["held_micros"]) + int(envelope["committed_micros"])
        depth = envelope["path"].count("/")
        if depth > 1 or depth == 1 and used == 0:
            continue  # campaigns below their segment, and what nobody has used
        rows.append([envelope["path"], *[money(envelope[key + "_micros"])
                                         for key in ("limit", "held", "committed", "available")]])
    table(["envelope", "limit", "held", "committed", "available"], rows)


def strategies(judged):
    order = {name: i for i, name in enumerate(
        ["nothing", "lowest p_alive", "random", "top clv", "plan", "bayes oracle"])}
    rows = [[s["name"], f"{s['value']:,.2f}", f"{s['expected_cost']:,.2f}", f"{float(s['held']):,.2f}",
             f"{s['offers']:,}", "-" if s["score"] is None else f"{s['score'] * 100:.1f} %"]
            for s in sorted(judged["strategies"], key=lambda s: order.get(s["name"], 99))]
    table(["strategy", "true net value", "true cost", "held", "offers", "score"], rows)
