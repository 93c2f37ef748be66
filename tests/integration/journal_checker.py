#!/usr/bin/env python3
"""Was any budget ever over its limit? Reads journal.sqlite entry by entry, in whole micros, with a
protobuf reader of its own: it shares no code with the server.

Usage: journal_checker.py JOURNAL [--self-test]. Prints what it saw; exits 1 at the first breach.
"""
import collections
import contextlib
import functools
import pathlib
import sqlite3
import sys
import tempfile

EVENT, DECISION, HOLD, PLAN, PERIOD, REDEMPTION = 1, 3, 4, 7, 8, 10  # kinds of entries
COMMITTED, RELEASED, EXPIRED, REFUNDED, REDEEMED = 1, 2, 3, 4, 5  # changes; the last of a coupon
PLACEMENTS = 16  # a hold's id is its entry's number times this, plus the placement
# Field numbers of budget, start, end and nodes.
WHERE = {PLAN: (2, 5, 6, 7), PERIOD: (1, 2, 3, 4)}

Field = collections.namedtuple("Field", "number value start end")


class Breach(Exception):
    """A rule that the money's history breaks, with the entry."""


def varint(data, at):
    value, shift = 0, 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def signed(value):
    """sint32 and sint64: zigzag."""
    return (value >> 1) ^ -(value & 1)


def fields(data, start=0, end=None):
    """Fields of one message, in order; `start` and `end` are where the value stands in `data`."""
    end = len(data) if end is None else end
    while start < end:
        tag, start = varint(data, start)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, stop = varint(data, start)
        elif wire == 2:
            length, start = varint(data, start)
            stop = start + length
            value = data[start:stop]
        elif wire in (1, 5):
            stop = start + (8 if wire == 1 else 4)
            value = data[start:stop]
        else:
            raise Breach(f"wire type {wire} is none of this journal's")
        if stop > end:
            raise Breach("a record is cut short")
        yield Field(number, value, start, stop)
        start = stop


def record(data, span=None):
    """Fields by number, each a list, empty where there is none."""
    found = collections.defaultdict(list)
    for field in fields(data, *(span or (0, None))):
        found[field.number].append(field)
    return found


def number(found, which, default=0):
    return found[which][-1].value if found[which] else default


def text(found, which):
    return found[which][-1].value.decode() if found[which] else ""


def nested(data, found, which):
    """The message in a field; without any, one without fields."""
    span = (found[which][-1].start, found[which][-1].end) if found[which] else (0, 0)
    return record(data, span)


def selections(payload):
    """(hold id, micros, node, where the micros stand) of a decision's selections."""
    for field in record(payload)[13]:
        selection = record(payload, (field.start, field.end))
        micros = selection[3][-1] if selection[3] else None
        yield number(selection, 2), signed(number(selection, 3)), text(selection, 5), micros


def coupons(payload):
    """(coupon's id, the most it is worth, when it ends) of a decision's selections."""
    for field in record(payload)[13]:
        selection = record(payload, (field.start, field.end))
        if selection[7]:
            yield number(selection, 2), signed(number(selection, 7)), signed(number(selection, 8))


class Envelope:
    def __init__(self, parent):
        self.parent, self.limit, self.held, self.committed, self.refunded = parent, 0, 0, 0, 0
        self.lowered = False  # below its use: until that fits again nothing may be held

    @property
    def used(self):
        return self.held + self.committed


class Checker:
    def __init__(self):
        self.envelopes = {}  # (budget, start of the period, path)
        self.periods = {}  # budget -> (start, end), opened last
        self.holds = {}  # id -> [envelope's key, held, committed, state, refunded, customer, coupon]
        self.coupons = {}  # id -> [most micros, end, whether redeemed]
        self.customer_limits = {}  # (budget, start) -> micros
        self.used_by = collections.Counter()  # (budget, start, customer) -> micros
        self.events = collections.Counter()  # (source, event id)
        self.decisions = {}  # seq -> (request id, customer, {hold id: micros})
        self.settled = {}  # (hold id, change) -> (request id, actual micros); the last refund
        self.answered = collections.defaultdict(list)  # request id -> (change, hold or coupon, micros)
        self.entries = self.movements = self.peak = self.lowerings = self.carried = 0
        self.rolls = []  # budget, what its last period left, what was carried over
        self.last_seq = self.last_at = 0

    def read(self, path):
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as journal:
            rows = journal.execute("SELECT seq, kind, customer, at_us, payload FROM journal ORDER BY seq")
            for row in rows:
                try:
                    self.entry(*row)
                except Breach as breach:
                    raise Breach(f"entry {row[0]}: {breach}") from None
        return self

    def entry(self, seq, kind, customer, at_us, payload):
        if seq != self.last_seq + 1:
            raise Breach(f"follows entry {self.last_seq}")
        if at_us < self.last_at:
            raise Breach("time runs backwards")
        self.last_seq, self.last_at, self.entries = seq, at_us, self.entries + 1
        if kind == EVENT:
            event = record(payload)
            self.events[text(event, 1), text(event, 2)] += 1
        elif kind == DECISION:
            self.decision(seq, customer, at_us, payload)
        elif kind == HOLD:
            self.settle(at_us, payload)
        elif kind == REDEMPTION:
            self.redeem(seq, customer, at_us, payload)
        elif kind in (PLAN, PERIOD):
            self.open(kind, payload)

    def open(self, kind, payload):
        """A period opens, or its limits change; what is no longer named may hold nothing."""
        found = record(payload)
        at_budget, at_start, at_end, at_nodes = WHERE[kind]
        budget = text(found, at_budget)
        start, end = signed(number(found, at_start)), signed(number(found, at_end))
        last = self.periods.get(budget)
        if kind == PERIOD:
            carried = signed(number(found, 5))
            if last is not None and last[0] != start:
                self.carry(budget, last[0], carried)
            limit = found[6]
            self.customer_limits[budget, start] = signed(limit[-1].value) if limit else None
        self.periods[budget] = (start, end)
        for (b, s, _), envelope in self.envelopes.items():
            if (b, s) == (budget, start):
                envelope.limit = 0
        paths = []
        for field in found[at_nodes]:
            node = record(payload, (field.start, field.end))
            path, parent = text(node, 1), signed(number(node, 2))
            key = (budget, start, path)
            above = (budget, start, paths[parent]) if parent >= 0 else None
            self.envelopes.setdefault(key, Envelope(above)).limit = signed(number(node, 3))
            paths.append(path)
        for (b, s, path), envelope in self.envelopes.items():
            if (b, s) != (budget, start):
                continue
            was, envelope.lowered = envelope.lowered, envelope.used > envelope.limit
            self.lowerings += envelope.lowered and not was

    def carry(self, budget, last_start, carried):
        """No more than the period before has left at that moment, what it holds not counted."""
        root = self.envelopes[budget, last_start, budget]
        left = max(0, root.limit - root.used)
        if carried not in (0, left):
            raise Breach(f"{budget} carries {carried} over, {left} are left")
        self.carried += carried
        self.rolls.append((budget, left, carried))

    def place(self, hold_id, customer, at_us, path, micros, coupon):
        budget = path.split("/")[0]
        start, end = self.periods.get(budget, (0, 0))
        key = (budget, start, path)
        if key not in self.envelopes or not start <= at_us < end:
            raise Breach(f"holds on {path} outside an open period")
        if hold_id in self.holds or micros < 0:
            raise Breach(f"hold {hold_id} of {micros} is there already, or negative")
        self.holds[hold_id] = [key, micros, 0, "held", 0, customer, coupon]
        self.move(hold_id, micros, 0, 0)
        above = key
        while above is not None:
            envelope = self.envelopes[above]
            if envelope.used > envelope.limit:
                raise Breach(f"{above[2]} is over its limit: {envelope.used} of {envelope.limit} micros")
            self.peak += 0 < envelope.used == envelope.limit
            above = envelope.parent
        limit, used = self.customer_limits.get((budget, start)), self.used_by[budget, start, customer]
        if limit is not None and used > limit:
            raise Breach(f"customer {customer} is over the limit in {budget}: {used} of {limit} micros")

    def redeem(self, seq, customer, at_us, payload):
        found = record(payload)
        coupon_id, micros = number(found, 1), signed(number(found, 2))
        coupon = self.coupons.get(coupon_id)
        if coupon is None or coupon[2] or at_us >= coupon[1] or not 0 <= micros <= coupon[0]:
            raise Breach(f"coupon {coupon_id} is redeemed over {micros}, but it is {coupon}")
        coupon[2] = True
        self.place(seq * PLACEMENTS, customer, at_us, text(found, 4), micros, coupon_id)
        request = nested(payload, found, 5)
        self.answered[text(request, 2)].append((REDEEMED, coupon_id, micros))

    def decision(self, seq, customer, at_us, payload):
        found = record(payload)
        request = nested(payload, found, 1)
        held = {}
        for hold_id, micros, path, _ in selections(payload):
            if hold_id == 0:
                continue
            self.place(hold_id, customer, at_us, path, micros, None)
            held[hold_id] = micros
        for coupon_id, most, end in coupons(payload):
            if coupon_id:
                self.coupons[coupon_id] = [most, end, False]
        self.decisions[seq] = (text(request, 2), text(found, 2), held)

    def settle(self, at_us, payload):
        found = record(payload)
        hold_id, change = number(found, 1), number(found, 2)
        actual = signed(number(found, 3))
        hold = self.holds.get(hold_id)
        before = {REFUNDED: ("committed", "refunded")}.get(change, ("held",))
        if hold is None or hold[3] not in before:
            raise Breach(f"hold {hold_id} is settled, but it is {hold[3] if hold else 'not there'}")
        _, micros, committed, _, refunded, _, coupon = hold
        if change not in (COMMITTED, RELEASED, EXPIRED, REFUNDED):
            raise Breach(f"hold {hold_id} changes in an unknown way, {change}")
        request = nested(payload, found, 4)
        self.settled[hold_id, change] = (text(request, 2), actual)
        if text(request, 2):
            self.answered[text(request, 2)].append((change, hold_id, actual))
        if change == REFUNDED:
            if not 0 < actual <= committed - refunded:
                raise Breach(f"hold {hold_id} gives back {actual} of {committed - refunded}")
            hold[4] += actual
            hold[3] = "refunded" if hold[4] == committed else "committed"
            self.move(hold_id, 0, -actual, actual)
            given_back = hold[3] == "refunded"
        else:
            # An expiry says what was held, for those who read the journal.
            actual = 0 if change == EXPIRED else actual
            if not 0 <= actual <= (micros if change == COMMITTED else 0):
                raise Breach(f"hold {hold_id} of {micros} spends {actual}")
            hold[2:4] = [actual, {COMMITTED: "committed", RELEASED: "released", EXPIRED: "expired"}[change]]
            self.move(hold_id, -micros, actual, 0)
            given_back = change != COMMITTED
        if given_back and coupon is not None:
            self.coupons[coupon][2] = False
        if change == RELEASED and hold_id in self.coupons:  # never sent
            self.coupons[hold_id][1] = min(self.coupons[hold_id][1], at_us)

    def move(self, hold_id, held, committed, refunded):
        self.movements += 1
        key, customer = self.holds[hold_id][0], self.holds[hold_id][5]
        self.used_by[key[0], key[1], customer] += held + committed
        while key is not None:
            envelope = self.envelopes[key]
            envelope.held += held
            envelope.committed += committed
            envelope.refunded += refunded
            if envelope.held < 0 or envelope.committed < 0:
                raise Breach(f"{key[2]} gives back what it never had")
            # Only a lowered limit may lie below what is used.
            envelope.lowered = envelope.lowered and envelope.used > envelope.limit
            if envelope.used > envelope.limit and not envelope.lowered:
                raise Breach(f"{key[2]} is over its limit: {envelope.used} of {envelope.limit} micros")
            key = envelope.parent

    def balances(self):
        """Of the periods opened last: path -> (limit, held, committed)."""
        return {path: (envelope.limit, envelope.held, envelope.committed)
                for (budget, start, path), envelope in self.envelopes.items()
                if self.periods[budget][0] == start}


def flipped(place):
    """As large as the bytes allow, and even: zigzag's sign stays plus."""
    return b"\xFE" * (place.end - 1 - place.start) + b"\x7E"


def too_large(place, limit):
    return place is not None and signed(varint(flipped(place), 0)[0]) > limit


def flip(path, kind, where):
    """Alters the first amount that `where` finds among the entries of `kind`; returns the entry."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as journal:
        rows = journal.execute("SELECT seq, payload FROM journal WHERE kind = ? ORDER BY seq", (kind,))
        for seq, payload in rows:
            place = where(payload)
            if place is None:
                continue
            altered = payload[:place.start] + flipped(place) + payload[place.end:]
            journal.execute("UPDATE journal SET payload = ? WHERE seq = ?", (altered, seq))
            return seq
    return None


def held_amount(good, payload):
    """Where a hold stands that would be over every limit."""
    most = max(envelope.limit for envelope in good.envelopes.values())
    return next((place for hold, _, _, place in selections(payload) if hold and too_large(place, most)), None)


def committed_amount(good, payload):
    """Where a commit stands that would be more than was held."""
    found = record(payload)
    if number(found, 2) != COMMITTED or not found[3]:
        return None
    place = found[3][-1]
    return place if too_large(place, good.holds[number(found, 1)][1]) else None


def self_test(journal):
    """Flips one amount in a copy of a good journal; the checker must see it, at that entry or at
    the first one that relies on it. Returns what it says of each."""
    said = []
    good = Checker().read(journal)
    for what, kind, where in (("a hold", DECISION, held_amount), ("a commit", HOLD, committed_amount)):
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / "journal.sqlite"
            with contextlib.closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as source, \
                    contextlib.closing(sqlite3.connect(copy)) as target:
                source.backup(target)
            seq = flip(copy, kind, functools.partial(where, good))
            if seq is None:
                raise Breach(f"no amount of {what} in this journal to flip: the load was too light")
            try:
                Checker().read(copy)
            except Breach as breach:
                said.append(f"{what} of entry {seq} flipped: {breach}")
                continue
            raise Breach(f"{what} of entry {seq} was altered and nobody saw it")
    return said


def main(arguments):
    if not arguments or arguments[1:] not in ([], ["--self-test"]):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        if arguments[1:]:
            print("\n".join(self_test(arguments[0])))
        checker = Checker().read(arguments[0])
    except Breach as breach:
        print(f"{arguments[0]}: {breach}", file=sys.stderr)
        return 1
    print(f"{checker.entries} entries, {checker.movements} movements of {len(checker.holds)} holds; "
          f"no envelope over its limit, {checker.peak} times one was exactly full")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
