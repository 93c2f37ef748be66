"""A test with a server of its own, not yet started, and a folder for it."""
import pathlib
import tempfile
import unittest

import shop
from tenured import Tenured


class ServerCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.server = Tenured(self.folder / "server", rules=shop.write_rules(self.folder / "rules"))
        self.addCleanup(self.server.kill)
