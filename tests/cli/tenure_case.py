"""A test with a folder of its own that runs the real `tenure`."""
import os
import pathlib
import subprocess

from folder_case import FolderCase

TENURE = pathlib.Path(os.environ["TENURE_BINARY_DIR"]) / "bin" / "tenure"


def run(*arguments):
    return subprocess.run([TENURE, *map(str, arguments)], capture_output=True, text=True)


class TenureCase(FolderCase):
    def ok(self, *arguments):
        """Its standard output."""
        done = run(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refused(self, code, words, *arguments):
        """Its standard error."""
        done = run(*arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        return done.stderr
