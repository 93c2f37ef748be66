#!/usr/bin/env python3
"""Nothing acknowledged is lost and no budget is ever over its limit: eight client processes decide,
settle, redeem, refund and send events at once while limits change and the server is killed at seeded
moments.

Usage: kill_test.py [--kills 20] [--threads 1] [--seconds 10] [--seed SEED]
`--threads`: clients a process; more than one go at full speed.
"""
import argparse
import collections
import datetime
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import threading
import time

import journal_checker
import shop
from tenured import LOAD_CLIENT, Tenured

CLIENTS, CUSTOMERS = 8, 1000
# Entries: another snapshot is begun as soon as one is written, so that kills land in the writes too.
SNAPSHOT_EVERY = 1
# Server time goes on by a fixed step at every restart. All steps together stay under the 24 hours
# for which replies are kept, and cross the end of January, when the budgets' next period opens.
START = datetime.datetime(2018, 1, 31, 16)
ALL_STEPS = datetime.timedelta(hours=20)
PERIOD_END = datetime.datetime(2018, 2, 1)
# How much faster than ours the server's clock goes under load, so that holds expire meanwhile.
RATE = 60


def instant(time_):
    return time_.strftime("%Y-%m-%dT%H:%M:%SZ")


class Limits(threading.Thread):
    """Puts other limits in force, as fast as they are taken, also below what is used."""

    def __init__(self, server, folder, seed):
        super().__init__()
        self.server, self.folder, self.rng = server, folder, random.Random(seed)
        self.ended = threading.Event()
        self.one_at_a_time = threading.Lock()
        self.changed, self.refused = 0, []

    def run(self):
        while not self.ended.wait(0.02):
            with self.one_at_a_time:
                self.put(self.rng.choice(shop.LIMITS))

    def put(self, limits):
        rules = shop.write_rules(self.folder, shop.rules_with(*limits, rules=shop.SHORT_HOLDS))
        try:
            done = self.server.run("rules", "publish", rules)
        except FileNotFoundError:  # killed, and not yet serving again
            return False
        self.changed += done.returncode == 0
        if done.returncode != 0:
            self.refused.append(done.stderr)
        return done.returncode == 0

    def end(self):
        self.ended.set()
        self.join()


class Test:
    def __init__(self, folder, seed, kills, threads, seconds):
        self.folder, self.seed, self.kills = pathlib.Path(folder), seed, kills
        self.threads, self.pause = threads, seconds / kills
        self.rng = random.Random(seed)
        self.server = Tenured(self.folder / "server", rules=shop.write_rules(self.folder / "rules", shop.SHORT_HOLDS),
                              extra=f"snapshot_every: {SNAPSHOT_EVERY}\n")
        self.logs = [self.folder / f"client{c}.log" for c in range(CLIENTS)]
        self.stop_file = self.folder / "stop"
        self.clients = []
        self.limits = Limits(self.server, self.folder / "limits", seed)
        self.now = START
        self.began = time.monotonic()

    def say(self, line):
        print(f"[{time.monotonic() - self.began:5.1f} s] {line}", flush=True)

    def prepare(self):
        self.server.start(clock=instant(self.now))
        orders = shop.write_orders(self.folder / "orders.csv", CUSTOMERS, self.seed)
        imported = self.server.json("import", "events", orders, *shop.IMPORT)
        assert imported["rejected"] == 0, imported
        model = self.server.json("models", "fit")
        self.server.json("rules", "publish", self.folder / "rules")
        for budget in ("tiny", "notes"):
            self.server.json("plan", "--budget", budget)
        # From here on every start is a snapshot and the entries behind it.
        assert self.server.stop() == 0
        (snapshot,) = self.server.data.glob("snapshot-*")
        self.first_snapshot = int(snapshot.name.removeprefix("snapshot-"))
        self.starts_before_load = len(self.server.said())
        self.say(f"{imported['accepted']} events imported, {model['chosen_kind']} fitted, published, planned")

    def load(self):
        self.server.spawn(clock=instant(self.now), rate=RATE)
        for c, log in enumerate(self.logs):
            command = [LOAD_CLIENT, self.server.port_file, self.seed * 100 + c, c, CUSTOMERS, log, self.stop_file,
                       self.threads]
            self.clients.append(subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True))
        self.limits.start()
        unserved = 0
        for _ in range(self.kills):
            step = ALL_STEPS / self.kills
            if self.now < PERIOD_END <= self.now + step:
                self.end_period_with_money_left(step)
                continue
            # One in five dies while it still reads its journal.
            if self.rng.random() < 0.2:
                time.sleep(self.rng.uniform(0, 0.1))
                unserved += not self.server.port_file.exists()
            else:
                self.server.serving()
                time.sleep(self.rng.uniform(0.1, 1.9) * self.pause)
            assert self.server.process.poll() is None, "the server ended by itself:\n" + self.server.said()
            self.restart(step)
        self.server.serving()
        time.sleep(self.pause)
        self.limits.end()
        self.server.json("rules", "publish", self.folder / "rules")
        self.stop_file.touch()
        retries = 0
        for client in self.clients:
            out, _ = client.communicate(timeout=120)
            assert client.returncode == 0, f"a client ended with {client.returncode}: {out}"
            retries += int(out.split()[2])
        self.say(f"{self.kills} kills, {unserved} of them before the server served; {retries} retries by clients; "
                 f"limits changed {self.limits.changed} times, {len(self.limits.refused)} times cut by a kill")
        assert self.limits.changed > 0, self.limits.refused
        # From here on its clock stands still, and nothing expires while it is compared.
        assert self.server.stop() == 0
        self.now += datetime.timedelta(hours=1)
        self.server.start(clock=instant(self.now), rate=0)

    def restart(self, step):
        self.server.kill()
        self.now += step
        self.server.spawn(clock=instant(self.now), rate=RATE)

    def end_period_with_money_left(self, step):
        self.server.serving()
        time.sleep(self.pause)
        with self.limits.one_at_a_time:
            assert self.limits.put(shop.LEFT_OVER), self.limits.refused
            self.restart(step)
            self.server.serving()

    def recoveries(self):
        """Every start after a kill came from a whole snapshot, most from one written under load."""
        said = self.server.said()[self.starts_before_load:]
        came_from = re.findall(r"Recovered from (.*)\.", said)
        cut = re.findall(r"Removed (\d+) bytes of a snapshot whose write was cut short", said)
        snapshots = [int(seq) for seq in re.findall(r"Recovered from snapshot-(\d+) ", said)]
        newer = [seq for seq in snapshots if seq > self.first_snapshot]
        self.say(f"{len(snapshots)} of {len(came_from)} starts recovered from a snapshot, {len(newer)} of them from "
                 f"{len(set(newer))} snapshots written under load; {len(cut)} writes of a snapshot cut by a kill, "
                 f"at {', '.join(cut) or 'no'} bytes")
        assert "snapshot can't be used" not in said, said
        assert len(snapshots) == len(came_from) > self.kills / 2, came_from
        assert len(newer) > self.kills / 4, came_from
        assert snapshots == sorted(snapshots), f"an older snapshot after a newer one: {snapshots}"

    def acknowledged(self):
        """(kind, id) -> (what was asked, amount, reply), the same reply each time it was given."""
        lines, late = {}, 0
        for log in self.logs:
            for line in log.read_text().splitlines():
                kind, id_, target, amount, reply = line.split("\t")
                assert kind != "error", f"{log.name}: {line}"
                if kind == "late":
                    late += 1
                    continue
                if kind == "event":
                    assert reply in (b"1".hex(), b"2".hex()), f"{log.name}: {line}"
                    reply = ""
                said = (target, amount, reply)
                assert lines.setdefault((kind, id_), said) == said, f"{kind} {id_} has two answers"
        counts = collections.Counter(kind for kind, _ in lines)
        self.say(f"acknowledged: {dict(counts)}; {late} refused: settled by another client before, or no room")
        assert all(counts[kind] > 0 for kind in ("event", "decide", "commit", "release", "refund", "redeem")), counts
        return lines

    def ask_again(self):
        """Every acknowledged call once more, and GetDecision: the same bytes."""
        halves = [self.logs[::2], self.logs[1::2]]
        checks = [subprocess.Popen(list(map(str, [LOAD_CLIENT, "--verify", self.server.port_file, *half])),
                                   stdout=subprocess.PIPE, text=True) for half in halves]
        for check in checks:
            out, _ = check.communicate(timeout=400)
            assert check.returncode == 0, out
            self.say(out.strip())

    def in_journal(self, checker, lines):
        """Every acknowledgement has its one entry."""
        again = [event for event, times in checker.events.items() if times > 1]
        assert not again, f"events recorded twice: {again[:5]}"
        requests = collections.Counter(request for request, _, _ in checker.decisions.values() if request)
        changes = {"commit": journal_checker.COMMITTED, "release": journal_checker.RELEASED,
                   "refund": journal_checker.REFUNDED, "redeem": journal_checker.REDEEMED}
        for (kind, id_), (target, amount, _) in lines.items():
            if kind == "event":
                assert checker.events["load", id_] == 1, f"event {id_} is missing"
            elif kind == "decide":
                assert requests[id_] == 1, f"decision {id_} is recorded {requests[id_]} times"
            else:
                expected = [(changes[kind], int(target.partition("/")[2], 16), int(amount or 0))]
                assert checker.answered[id_] == expected, f"{kind} {id_}: {checker.answered[id_]}"

    def balances(self):
        return {e["path"]: tuple(int(e[k]) for k in ("limit_micros", "held_micros", "committed_micros"))
                for budget in self.server.json("budget", "show")["budgets"] for e in budget["envelopes"]}

    def verified(self):
        verdict = self.server.json("budget", "verify")
        assert verdict["consistent"], verdict
        return verdict["summary"]

    def check(self):
        lines = self.acknowledged()
        self.ask_again()
        self.say("VerifyLedger: " + self.verified())
        balances = self.balances()
        self.server.kill()
        checker = journal_checker.Checker().read(self.server.journal)
        self.in_journal(checker, lines)
        assert checker.balances() == balances, f"{checker.balances()}\nserver: {balances}"
        assert checker.peak > 0, "no envelope was ever full: the load was too light"
        rolls = [(left, carried) for budget, left, carried in checker.rolls if budget == "notes"]
        assert rolls and all(left == carried > 0 for left, carried in rolls), rolls
        expired = sum(1 for _, change in checker.settled if change == journal_checker.EXPIRED)
        assert expired > self.kills, f"only {expired} holds expired under load"
        assert checker.lowerings > 0, "no limit was lowered below its use"
        assert len({start for _, start, _ in checker.envelopes}) == 2, "no second period opened"
        self.say(f"independent checker: {checker.entries} entries, {checker.movements} movements, never "
                 f"over a limit, {checker.peak} times exactly full, {checker.lowerings} limits lowered below their use, "
                 f"{len(checker.coupons)} coupons, {expired} holds expired, {checker.carried} micros carried over, the same balances as the server")
        for line in journal_checker.self_test(self.server.journal):
            self.say("self-test: " + line)
        return balances

    def check_folds(self, balances):
        """The same state from the whole journal as from a snapshot; later the open holds expire."""
        for snapshot in self.server.data.glob("snapshot-*"):
            snapshot.unlink()
        self.server.start(clock=instant(self.now), rate=0)
        assert self.balances() == balances, "the full fold is another than snapshot and rest"
        assert self.server.stop() == 0
        self.server.start(clock=instant(self.now + datetime.timedelta(days=3)), rate=0)
        open_ = {path: held for path, (_, held, _) in self.balances().items() if held}
        assert not open_, f"held after all has expired: {open_}"
        self.verified()
        assert self.server.stop() == 0
        checker = journal_checker.Checker().read(self.server.journal)
        expired = sum(1 for _, change in checker.settled if change == journal_checker.EXPIRED)
        self.say(f"full fold agrees; three days later {expired} holds have expired and nothing is held")

    def run(self):
        self.prepare()
        self.load()
        self.recoveries()
        self.check_folds(self.check())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=20180131)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.kills} kills, {CLIENTS} x {arguments.threads} clients", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        test = Test(folder, arguments.seed, arguments.kills, arguments.threads, arguments.seconds)
        try:
            test.run()
        except (AssertionError, journal_checker.Breach) as failure:
            print(f"FAILED with seed {arguments.seed}: {failure}", file=sys.stderr)
            said = [line for line in test.server.said().splitlines() if "HOLD_SETTLED" not in line]
            print("\n".join(said[-30:]), file=sys.stderr)
            return 1
        finally:
            test.server.kill()
            test.limits.ended.set()
            for client in test.clients:
                client.kill()
                client.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
