"""Where files are written: through links, into pipes and devices, or not at all."""
import os
import subprocess
import threading
import unittest

from tenure_case import TENURE, TenureCase, run

ROWS = "customer,frequency,recency,T\na,2,30,38\nb,0,0,38\n"
SCORE = ("score", "--model", "mbg_nbd", "--params", "r=0.5,alpha=6,a=0.9,b=1.6", "--unit", "day")


class Outputs(TenureCase):
    def setUp(self):
        super().setUp()
        self.rows = self.path("rows.csv", ROWS)
        self.wanted = self.ok(*SCORE, self.rows)
        self.budgets = self.path("cells.yaml", "currency: EUR\ntotal: 5\ncells: {a: {curve: sqrt, a: 3}}\n")

    def commands(self, to):
        """One that writes rows as they come, one that writes a file at once."""
        return [(*SCORE, self.rows, "--output", to), ("allocate", "--budgets", self.budgets, "--out", to)]

    def test_a_link_stays_one(self):
        for command in self.commands(os.path.join(self.folder, "link.csv")):
            target = self.path("target.csv", "old\n")
            link = os.path.join(self.folder, "link.csv")
            if not os.path.islink(link):
                os.symlink("target.csv", link)
            self.ok(*command)
            self.assertTrue(os.path.islink(link), command)
            with open(target) as file:
                self.assertGreater(len(file.read()), 10)
            self.assertEqual([name for name in os.listdir(self.folder) if name.endswith(".tmp")], [])

    def test_a_pipe_gets_the_rows(self):
        pipe = os.path.join(self.folder, "pipe")
        for command in self.commands(pipe):
            os.mkfifo(pipe)
            got = []

            def read():
                with open(pipe) as file:
                    got.append(file.read())

            reader = threading.Thread(target=read, daemon=True)
            reader.start()
            done = subprocess.run([TENURE, *map(str, command)], capture_output=True, text=True, timeout=60)
            reader.join(timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertGreater(len(got[0]), 10)
            os.remove(pipe)  # which it still is
        self.assertFalse(os.path.exists(pipe))

    def test_a_full_device_is_an_error_and_stays_a_device(self):
        # By a link, so that no device is lost should it be replaced.
        full = os.path.join(self.folder, "full")
        os.symlink("/dev/full", full)
        for command in self.commands(full):
            done = run(*command)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("can't write", done.stderr)
            self.assertEqual(os.readlink(full), "/dev/full")

    def test_a_folder_is_refused(self):
        for command in self.commands(self.folder):
            self.assertIn("can't write", self.refused(1, [str(self.folder)], *command))


if __name__ == "__main__":
    unittest.main()
