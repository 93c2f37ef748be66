#!/usr/bin/env python3
"""The process itself: who reads its log or not, and when it may be told to stop."""
import contextlib
import fcntl
import os
import signal
import sqlite3
import subprocess
import time
import unittest

from server_case import ServerCase
from tenured import TENURED


class Daemon(ServerCase):
    def start(self, stderr, **options):
        """As Tenured.start, with a stderr of ours."""
        self.server.start()
        self.assertEqual(self.server.stop(), 0)
        self.server.port_file.unlink()
        self.server.process = subprocess.Popen(
            [TENURED, "--config", self.server.folder / "tenured.yaml", "--port-file", self.server.port_file],
            stderr=stderr, **options)
        return self.server.serving()

    def refused(self, times):
        for i in range(times):
            self.assertIn("unknown", self.server.run("decide", f"nobody-{i}").stderr)

    def test_a_log_that_is_closed(self):
        reader, writer = os.pipe()
        server = self.start(writer)
        os.close(writer)
        os.close(reader)
        self.refused(3)
        self.assertEqual(server.stop(), 0)

    def test_a_log_that_nobody_reads(self):
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        server = self.start(writer)
        os.close(writer)
        self.refused(40)
        self.assertEqual(server.stop(), 0)
        os.close(reader)

    def test_no_stderr_at_all(self):
        server = self.start(None, preexec_fn=lambda: os.close(2))
        self.refused(3)
        self.assertEqual(server.stop(), 0)
        with contextlib.closing(sqlite3.connect(server.journal)) as journal:
            self.assertEqual(journal.execute("PRAGMA integrity_check").fetchone(), ("ok",))

    def test_a_caller_who_writes_lines_of_the_log(self):
        self.server.start()
        self.server.run("plan", "--budget", "x\n2018-01-01T00:00:00.000+0000 error forged")
        self.server.stop()
        self.assertIn("forged", self.server.said())
        for line in self.server.said().splitlines():
            self.assertFalse(line.startswith("2018-01-01T00:00:00.000+0000 error"), line)

    def test_stop_while_it_reads_its_journal(self):
        self.server.start()
        self.assertEqual(self.server.stop(), 0)
        with contextlib.closing(sqlite3.connect(self.server.journal, isolation_level=None)) as journal:
            journal.execute("PRAGMA locking_mode = EXCLUSIVE")
            journal.execute("BEGIN EXCLUSIVE")
            self.server.spawn()
            until = time.monotonic() + 60
            while self.server.said().count("listens on") < 2 and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(0.2)
            self.server.process.send_signal(signal.SIGTERM)
            self.assertEqual(self.server.process.wait(timeout=60), 0)
        self.assertIn("stops before it has served", self.server.said())


if __name__ == "__main__":
    unittest.main()
