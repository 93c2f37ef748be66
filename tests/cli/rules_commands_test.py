"""tenure rules check and test on folders, with the shipped policies."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["TENURE_SOURCE_DIR"])
TENURE = pathlib.Path(os.environ["TENURE_BINARY_DIR"]) / "bin" / "tenure"
HEAD = "name: shop\ncurrency: USD\nzone: UTC\n"


class Rules(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name) / "rules"

    def defaults(self, file, old, new):
        """The shipped rules, with one text for another."""
        shutil.copytree(SOURCE / "rules" / "default", self.folder)
        path = self.folder / file
        self.assertIn(old, path.read_text())
        path.write_text(path.read_text().replace(old, new, 1))

    def one_file(self, text):
        self.folder.mkdir()
        (self.folder / "rules.yaml").write_text(text)

    def check(self):
        done = subprocess.run([TENURE, "rules", "check", self.folder, "--json"], capture_output=True,
                              text=True)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout)

    def refused(self, words):
        report = self.check()
        self.assertFalse(report["ok"])
        errors = [p["message"] for p in report["problems"] if p["severity"] == "error"]
        self.assertTrue(any(words in message for message in errors), errors)

    def test_Check_ShippedRules_AreGood(self):
        shutil.copytree(SOURCE / "rules" / "default", self.folder)
        self.assertEqual(self.check()["problems"], [])

    def test_Check_ParametersThatThePolicyRefuses_AreErrorsInItsWords(self):
        self.defaults("campaigns.yaml", "plugin: welcome", "plugin: welcome\n    params: {uplift: 0.9}")
        self.refused("the plugin \"welcome\" refuses these parameters with these offers")

    def test_Check_NoTracks_IsAnErrorNotACrash(self):
        self.one_file(HEAD + "tracks: []\n")
        self.refused("the rules need at least one track")
        done = subprocess.run([TENURE, "rules", "test", self.folder], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, done.stderr)

    def test_Check_ConditionThatAlwaysFails_IsAnError(self):
        self.one_file(HEAD + "tracks: [{id: t, stages: [{id: s, enter: true}]}]\n"
                             "segments:\n  - {id: a, when: \"now - duration('7d') > timestamp('2018-01-01')\"}\n")
        self.refused("this fails for everybody")


if __name__ == "__main__":
    unittest.main()
