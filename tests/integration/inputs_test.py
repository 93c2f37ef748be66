#!/usr/bin/env python3
"""Bad input, bad files and bad disks: each gets an error that names the place and the remedy, and
the server goes on."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import journal_checker
import shop
from tenured import PROBE, TENURE, TENURED, Tenured

SEED, CUSTOMERS = 7, 40
SERVING, NOT_SERVING = "1", "2"


def filled(folder, **options):
    """A serving shop with customers and a model."""
    return fill_shop(Tenured(folder / "server", rules=shop.write_rules(folder / "rules"), **options), folder)


def fill_shop(server, folder):
    server.start()
    orders = shop.write_orders(folder / "orders.csv", CUSTOMERS, SEED)
    server.json("import", "events", orders, *shop.IMPORT)
    server.json("models", "fit")
    return server


def probe(server, *arguments):
    done = subprocess.run([PROBE, server.address, *map(str, arguments)], capture_output=True, text=True,
                          check=True)
    return done.stdout.strip("\n").split("\t")


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


class Input(Folder):
    """What callers and marketing get wrong, against one server."""

    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.server = filled(pathlib.Path(cls.shared.name))

    @classmethod
    def tearDownClass(cls):
        # Nothing of all this has hurt it.
        try:
            assert cls.server.json("budget", "verify")["consistent"]
            assert cls.server.stop() == 0
        finally:
            cls.server.kill()
            cls.shared.cleanup()

    def refused(self, *arguments):
        done = self.server.run(*arguments)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done.stderr

    def orders(self, text):
        path = self.folder / "orders.csv"
        path.write_text(text)
        return ["import", "events", path, "--customer", "Customer", "--date", "Date", "--amount", "Sales"]

    def rules(self, old, new):
        """The place and the errors of rules in which `old` is mistaken for `new`."""
        folder = self.folder / "rules"
        folder.mkdir()
        text = shop.RULES.replace(old, new, 1)
        self.assertNotEqual(text, shop.RULES)
        (folder / "rules.yaml").write_text(text)
        line = 1 + text[:text.index(new)].count("\n")
        said = self.refused("rules", "publish", folder)
        self.assertIn(f"rules.yaml:{line}:", said)
        self.assertIn("stays", said)
        return said

    def test_Import_MissingColumn_NamesItAndWhatThereIs(self):
        said = self.refused(*self.orders("Kunde,Date,Sales\nX1,2017-05-01,10\n"))
        for word in ("orders.csv", "Customer", "Kunde"):
            self.assertIn(word, said)

    def test_Import_MalformedDate_NamesLineColumnAndFormat(self):
        said = self.refused(*self.orders("Customer,Date,Sales\nX1,2017-05-01,10\nX1,31/05/2017,10\n"))
        for word in ("line 3", "`Date`", "31/05/2017", "--date-format"):
            self.assertIn(word, said)

    def test_Rules_UnknownPlugin_NamesTheLineAndThePluginsThereAre(self):
        said = self.rules("plugin: upsell", "plugin: upsel")
        self.assertIn("upsel", said)
        self.assertIn('did you mean "upsell"', said)

    def test_Rules_WrongParameterType_NamesTheLineAndTheParameter(self):
        said = self.rules("params: {uplift: 4.0", "params: {uplift: high")
        self.assertIn("uplift", said)
        self.assertIn("number", said)

    def test_Rules_UnknownName_SuggestsTheNearest(self):
        said = self.rules("when: purchases >= 4", "when: purchaces >= 4")
        self.assertIn("purchaces", said)
        self.assertIn("did you mean 'purchases'", said)

    def test_Decide_UnknownCustomer_SaysIngestFirst(self):
        said = self.refused("decide", "nobody")
        self.assertIn("customers/nobody", said)
        self.assertIn("send an event", said)
        self.assertEqual(probe(self.server, "decide", "customers/nobody", "r-nobody", 10_000)[:2],
                         ["5", "CUSTOMER_NOT_FOUND"])

    def test_Decide_ExpiredDeadline_TheRetryGetsTheOneDecision(self):
        self.server.process.send_signal(signal.SIGSTOP)
        try:
            late = probe(self.server, "decide", "customers/hot", "r-late", 200)
        finally:
            self.server.process.send_signal(signal.SIGCONT)
        self.assertEqual(late[0], "4", late)
        first = probe(self.server, "decide", "customers/hot", "r-late", 10_000)
        again = probe(self.server, "decide", "customers/hot", "r-late", 10_000)
        self.assertEqual(first[0], "0", first)
        self.assertEqual(first, again)

    def test_Start_SecondServerOnTheSameFolder_NamesTheFirst(self):
        second = Tenured(self.folder / "second", data=self.server.data)
        second.spawn()
        self.assertEqual(second.process.wait(timeout=60), 1)
        self.assertIn(str(self.server.data), second.said())
        self.assertIn(f"process {self.server.process.pid}", second.said())
        self.assertIn("stop it", second.said())


class Files(Folder):
    """What is wrong with the server's own files."""

    def test_Start_CorruptSnapshot_IsFoldedFromTheJournalAndSaysSo(self):
        server = filled(self.folder)
        self.addCleanup(server.kill)
        decided = server.json("decide", "hot", "--request-id", "r")
        self.assertEqual(server.stop(), 0)
        (snapshot,) = server.data.glob("snapshot-*")
        altered = bytearray(snapshot.read_bytes())
        altered[len(altered) // 2] ^= 1
        snapshot.write_bytes(altered)
        server.start()
        self.assertIn("snapshot can't be used", server.said())
        self.assertIn(f"{snapshot.name}: is cut short or altered", server.said())
        self.assertIn("full fold of", server.said())
        self.assertEqual(server.json("decide", "hot", "--request-id", "r"), decided)
        self.assertTrue(server.json("budget", "verify")["consistent"])

    def test_Start_UnknownKeyInTheConfiguration_NamesLineAndSuggestion(self):
        config = self.folder / "tenured.yaml"
        config.write_text("data_dir: data\nlisten: 127.0.0.1:0\nplugin: there\n")
        done = subprocess.run([TENURED, "--config", config], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("tenured.yaml:3:1", done.stderr)
        self.assertIn('did you mean "plugins"', done.stderr)

    def test_Start_WithoutItsRulesFolder_NamesTheKeyAndLeavesNothingBehind(self):
        config = self.folder / "tenured.yaml"
        config.write_text("listen: 127.0.0.1:0\ndata_dir: data\nrules: there\n")
        done = subprocess.run([TENURED, "--config", config], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("tenured.yaml:3:8: `rules`: there is no folder", done.stderr)
        self.assertNotIn("answered: \n", done.stderr)
        self.assertFalse((self.folder / "data").exists())

    def test_Cli_NoServer_SaysHowToStartOne(self):
        done = subprocess.run([TENURE, "--server", "127.0.0.1:1", "decide", "hot"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("start tenured", done.stderr)


@contextlib.contextmanager
def small_disk(folder, size):
    folder.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True,
        check=False).returncode == 0
    if not mounted:
        raise unittest.SkipTest("mounting a small disk needs root and the right to mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def take_all(folder):
    """Takes every last byte of the disk; returns the file to delete."""
    ballast = folder / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size) == size:
                    pass
    return ballast


class Disk(Folder):
    def test_FullDisk_RefusesWritesReadsOnAndLosesNothing(self):
        with small_disk(self.folder / "disk", "6m") as disk:
            server = Tenured(self.folder / "server", rules=shop.write_rules(self.folder / "rules"),
                             data=disk / "data")
            try:
                self.full(fill_shop(server, self.folder), disk)
            finally:
                server.kill()

    def becomes(self, server, health):
        """Health is told a moment after the caller."""
        until = time.monotonic() + 10
        while probe(server, "health", "") != [health]:
            self.assertLess(time.monotonic(), until, f"health never became {health}")
            time.sleep(0.05)

    def full(self, server, disk):
        decided = probe(server, "decide", "customers/hot", "before", 10_000)
        self.assertEqual(decided[0], "0", decided)
        ballast = take_all(disk)
        refused = None
        acknowledged = {"before": decided}
        for i in range(200):  # the journal's last page may have room for some
            answer = probe(server, "decide", "customers/hot", f"full-{i}", 10_000)
            if answer[0] != "0":
                refused = answer
                break
            acknowledged[f"full-{i}"] = answer
        self.assertIsNotNone(refused, f"{len(acknowledged)} decisions fitted on a full disk")
        self.assertEqual(refused[:2], ["14", "JOURNAL_UNAVAILABLE"], refused)
        self.assertIn("disk", refused[2])
        self.becomes(server, NOT_SERVING)
        self.assertEqual(probe(server, "health", "tenure.v1.reads"), [SERVING])
        self.assertEqual(server.run("explain", decided[2]).returncode, 0)
        lost = server.run("import", "events", self.folder / "orders.csv", *shop.IMPORT, "--source", "again")
        self.assertEqual(lost.returncode, 1, lost.stdout)
        self.assertIn("disk", lost.stderr)
        ballast.unlink()
        acknowledged["after"] = probe(server, "decide", "customers/hot", "after", 10_000)
        self.assertEqual(acknowledged["after"][0], "0", acknowledged["after"])
        self.becomes(server, SERVING)
        server.kill()
        server.start()
        for request_id, answer in acknowledged.items():
            self.assertEqual(probe(server, "decide", "customers/hot", request_id, 10_000), answer)
        self.assertTrue(server.json("budget", "verify")["consistent"])
        self.assertEqual(server.stop(), 0)
        recorded = journal_checker.Checker().read(server.journal)
        requests = [request for request, _, _ in recorded.decisions.values()]
        self.assertEqual(sorted(requests), sorted(acknowledged))


if __name__ == "__main__":
    if shutil.which("mount") is None:
        print("no mount program: the case of the full disk will be skipped")
    unittest.main(verbosity=2)
