#!/usr/bin/env python3
"""The journal's checker on journals written by hand: what is right passes, each single breach is seen."""
import contextlib
import pathlib
import sqlite3
import tempfile
import unittest

from journal_checker import (COMMITTED, DECISION, EXPIRED, HOLD, PERIOD, PLACEMENTS, REDEMPTION, REFUNDED, RELEASED,
                             Breach, Checker)

END = 1000


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, value):
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def signed(number, value):
    return field(number, value << 1 if value >= 0 else (-value << 1) - 1)


def request(id_):
    return field(2, id_.encode())


class Journal:
    """One campaign `c` in segment `s` of budget `b`; entries by number, from 1 on."""

    def __init__(self):
        self.entries = []

    def add(self, kind, payload, customer=0, at=10):
        self.entries.append((len(self.entries) + 1, kind, customer, at, payload))
        return len(self.entries)

    def period(self, limit, at=10, start=0, carried=0, per_customer=None):
        nodes = b"".join(field(4, field(1, path) + signed(2, parent) + signed(3, limit))
                         for parent, path in ((-1, b"b"), (0, b"b/s"), (1, b"b/s/c")))
        limits = signed(6, per_customer) if per_customer is not None else b""
        return self.add(PERIOD, field(1, b"b") + signed(2, start) + signed(3, start + END) + nodes +
                        signed(5, carried) + limits, at=at)

    def hold(self, micros, coupon=0, customer=1, at=10, until=500):
        """Returns the hold's id, which is the coupon's."""
        id_ = (len(self.entries) + 1) * PLACEMENTS
        selection = field(2, id_) + signed(3, micros) + field(5, b"b/s/c")
        if coupon:
            selection += signed(7, coupon) + signed(8, until)
        self.add(DECISION, field(1, request(f"d{id_}")) + field(2, b"c1") + field(13, selection), customer, at)
        return id_

    def redeem(self, coupon, micros, customer=1, at=10):
        seq = self.add(REDEMPTION, field(1, coupon) + signed(2, micros) + field(4, b"b/s/c") +
                       field(5, request(f"r{len(self.entries)}")), customer, at)
        return seq * PLACEMENTS

    def settle(self, hold, change, micros=0, at=10):
        self.add(HOLD, field(1, hold) + field(2, change) + signed(3, micros) +
                 field(4, request(f"s{len(self.entries)}")), 1, at)

    def check(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "journal.sqlite"
            with contextlib.closing(sqlite3.connect(path)) as database:
                database.execute("CREATE TABLE journal (seq, kind, customer, at_us, payload)")
                database.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?)", self.entries)
                database.commit()
            return Checker().read(path)


class JournalCheckerTest(unittest.TestCase):
    def setUp(self):
        self.journal = Journal()

    def assertBreach(self, said):
        with self.assertRaisesRegex(Breach, f"entry {len(self.journal.entries)}: .*{said}"):
            self.journal.check()

    def test_right_history(self):
        j = self.journal
        j.period(100)
        spent, released, expired = j.hold(40), j.hold(30), j.hold(30)
        j.settle(spent, COMMITTED, 25)
        j.settle(released, RELEASED)
        j.settle(expired, EXPIRED, 30)
        j.settle(spent, REFUNDED, 5)
        j.settle(spent, REFUNDED, 20)
        again = j.hold(100)
        checker = j.check()
        self.assertEqual(checker.balances()["b"], (100, 100, 0))
        self.assertEqual(checker.envelopes["b", 0, "b"].refunded, 25)
        self.assertEqual(checker.peak, 6)
        self.assertEqual(checker.holds[again][3], "held")
        self.assertEqual(checker.answered["s7"], [(REFUNDED, spent, 5)])

    def test_over_the_limit_by_one(self):
        self.journal.period(100)
        self.journal.hold(60)
        self.journal.hold(41)
        self.assertBreach("over its limit: 101 of 100")

    def test_commit_of_more_than_held(self):
        self.journal.period(100)
        self.journal.settle(self.journal.hold(10), COMMITTED, 11)
        self.assertBreach("spends 11")

    def test_settled_twice(self):
        self.journal.period(100)
        hold = self.journal.hold(10)
        self.journal.settle(hold, RELEASED)
        self.journal.settle(hold, RELEASED)
        self.assertBreach("it is released")

    def test_refund_of_more_than_is_left(self):
        self.journal.period(100)
        hold = self.journal.hold(10)
        self.journal.settle(hold, COMMITTED, 8)
        self.journal.settle(hold, REFUNDED, 5)
        self.journal.settle(hold, REFUNDED, 4)
        self.assertBreach("gives back 4 of 3")

    def test_refund_of_what_is_only_held(self):
        self.journal.period(100)
        self.journal.settle(self.journal.hold(10), REFUNDED, 1)
        self.assertBreach("it is held")

    def test_lowered_limit_lets_stand_and_blocks(self):
        self.journal.period(100)
        hold = self.journal.hold(90)
        self.journal.period(50)
        self.assertEqual(self.journal.check().lowerings, 3)
        self.journal.hold(0)
        self.assertBreach("over its limit: 90 of 50")
        self.journal.entries.pop()
        self.journal.settle(hold, COMMITTED, 50)
        self.journal.check()
        self.journal.hold(1)
        self.assertBreach("over its limit: 51 of 50")

    def test_customer_over_the_own_limit(self):
        self.journal.period(100, per_customer=20)
        self.journal.hold(15, customer=1)
        self.journal.hold(15, customer=2)
        self.journal.hold(6, customer=1)
        self.assertBreach("customer 1 is over the limit in b: 21 of 20")

    def test_coupon_is_redeemed_once_until_it_is_given_back(self):
        j = self.journal
        j.period(100)
        coupon = j.hold(1, coupon=9)
        first = j.redeem(coupon, 9)
        j.settle(first, RELEASED)
        second = j.redeem(coupon, 9)
        j.settle(second, COMMITTED, 4)
        j.settle(second, REFUNDED, 4)
        third = j.redeem(coupon, 5)
        self.assertEqual(j.check().balances()["b"], (100, 6, 0))
        j.redeem(coupon, 1)
        self.assertBreach("is redeemed over 1")
        j.entries.pop()
        j.settle(third, COMMITTED, 4)
        j.settle(third, REFUNDED, 3)
        j.redeem(coupon, 1)
        self.assertBreach("is redeemed over 1")

    def test_coupon_worth_less_over_or_never_sent(self):
        for coupon, how in ((dict(coupon=9), dict(micros=10)), (dict(coupon=9, until=20), dict(micros=1, at=20))):
            self.setUp()
            self.journal.period(100)
            self.journal.redeem(self.journal.hold(1, **coupon), **how)
            self.assertBreach("is redeemed over")
        self.setUp()
        self.journal.period(100)
        coupon = self.journal.hold(1, coupon=9)
        self.journal.settle(coupon, RELEASED)
        self.journal.redeem(coupon, 1)
        self.assertBreach("is redeemed over")

    def test_redemption_without_room(self):
        self.journal.period(100)
        coupon = self.journal.hold(1, coupon=50)
        self.journal.hold(50)
        self.journal.redeem(coupon, 50)
        self.assertBreach("over its limit: 101 of 100")

    def test_next_period_carries_what_is_left(self):
        self.journal.period(100)
        self.journal.settle(self.journal.hold(30), COMMITTED, 20)
        self.journal.hold(40)
        self.journal.period(140, at=END, start=END, carried=40)
        self.assertEqual(self.journal.check().carried, 40)
        self.journal.entries.pop()
        self.journal.period(141, at=END, start=END, carried=41)
        self.assertBreach("carries 41 over, 40 are left")

    def test_refund_goes_to_the_original_period(self):
        self.journal.period(100)
        hold = self.journal.hold(30)
        self.journal.settle(hold, COMMITTED, 30)
        self.journal.period(100, at=END, start=END)
        self.journal.settle(hold, REFUNDED, 10, at=END)
        checker = self.journal.check()
        self.assertEqual(checker.envelopes["b", 0, "b"].committed, 20)
        self.assertEqual(checker.balances()["b"], (100, 0, 0))

    def test_gap_and_time_running_backwards(self):
        self.journal.period(100, at=20)
        self.journal.hold(1, at=19)
        self.assertBreach("time runs backwards")
        self.journal.entries[1] = (3, *self.journal.entries[1][1:])
        with self.assertRaisesRegex(Breach, "follows entry 1"):
            self.journal.check()


if __name__ == "__main__":
    unittest.main()
