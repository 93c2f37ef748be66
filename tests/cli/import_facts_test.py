"""What files tell of customers, brought to a real tenured."""
import csv
import pathlib
import tempfile
import unittest

from real_server import Server


class Facts(unittest.TestCase):
    """Permissions and attributes by file: what was said last is what holds."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = Server(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.folder.cleanup()

    def write(self, name, text):
        path = pathlib.Path(self.folder.name) / name
        path.write_text(text)
        return path

    def bring(self, path, *more):
        return self.server.json("import", "customers", path, "--customer", "Customer", "--consent",
                                "email=@Email", *more)

    def state(self, customer):
        consents = self.server.json("customers", "show", customer)["consents"]
        return consents[0]["state"].removeprefix("CONSENT_STATE_")

    def test_Import_RevokedGrantedRevokedByDate_EndsRevoked(self):
        for day, state in enumerate(["revoked", "granted", "revoked"], start=2):
            path = self.write(f"dated{day}.csv", f"Customer,Date,Email\nD,2017-05-0{day},{state}\n")
            self.assertEqual(self.bring(path, "--date", "Date")["accepted"], 1)
            self.assertEqual(self.state("D"), state.upper())
        again = self.bring(path, "--date", "Date")
        self.assertEqual((again["accepted"], again["duplicates"]), (0, 1))

    def test_Import_RevokedGrantedRevokedInOneFile_EndsRevoked(self):
        path = self.write("one.csv", "Customer,Date,Email\nO,2017-05-01,revoked\nO,2017-05-02,granted\n"
                                     "O,2017-05-03,revoked\n")
        self.assertEqual(self.bring(path, "--date", "Date")["accepted"], 3)
        self.assertEqual(self.state("O"), "REVOKED")

    def test_Import_UndatedFilesOfDifferentContent_EachHolds(self):
        for n, state in enumerate(["revoked", "granted", "revoked"]):
            path = self.write(f"undated{n}.csv", f"Customer,Email,Note\nU,{state},{n}\n")
            self.assertEqual(self.bring(path)["accepted"], 1)
            self.assertEqual(self.state("U"), state.upper())

    def test_Import_SameUndatedFileAgain_IsToldAnewByAnImportId(self):
        revoked = self.write("r.csv", "Customer,Email\nI,revoked\n")
        granted = self.write("g.csv", "Customer,Email\nI,granted\n")
        self.bring(revoked)
        self.bring(granted)
        done = self.server.run("import", "customers", revoked, "--customer", "Customer", "--consent",
                               "email=@Email")
        self.assertIn("--import-id", done.stderr)
        self.assertEqual(self.state("I"), "GRANTED")
        self.assertEqual(self.bring(revoked, "--import-id", "second")["accepted"], 1)
        self.assertEqual(self.state("I"), "REVOKED")

    def test_Import_StandardInputWithoutDate_AsksForAnImportId(self):
        done = self.server.run("import", "customers", "-", "--customer", "Customer")
        self.assertEqual(done.returncode, 1)

    def orders(self, name, text, *expected):
        path = self.write(name, "Order,Customer,Date,Sales,Email\n" + text)
        done = self.server.run("import", "events", path, "--customer", "Customer", "--date", "Date",
                               "--amount", "Sales", "--order", "Order", "--consent", "email=@Email",
                               "--json")
        for words in expected:
            self.assertIn(words, done.stdout + done.stderr)
        return done

    def revenue(self, customer):
        shown = self.server.json("customers", "show", customer)
        return shown["features"]["revenue_total"]["double_value"]

    def test_Import_OrderWithABadRow_IsAddedWholeAfterMending(self):
        good = "K1,K,2017-05-01,10,granted\n"
        bad = self.orders("bad.csv", good + "K2,K,2017-05-02,20,granted\nK2,K,2017-05-02,ten,granted\n",
                          "order `K2` of customer `K` is not sent, since line 4", "line 4 column `Sales`")
        self.assertEqual(bad.returncode, 1)
        self.assertEqual(self.revenue("K"), 10)
        mended = self.orders("bad.csv", good + "K2,K,2017-05-02,20,granted\nK2,K,2017-05-02,10,granted\n")
        self.assertEqual(mended.returncode, 0, mended.stderr)
        self.assertEqual(self.revenue("K"), 40)

    def test_Import_RowWithoutOrderOrCustomer_KeepsBackWhatItMayBelongTo(self):
        self.orders("half.csv", "L1,L,2017-05-01,10,granted\n,L,2017-05-01,5,granted\nM1,M,2017-05-01,7,granted\n"
                                "N1,N,2017-05-01,8,granted\nN1,,2017-05-01,8,granted\n",
                    "order `L1` of customer `L` is not sent, since line 3",
                    "order `N1` of customer `N` is not sent, since line 6")
        self.assertEqual(self.revenue("M"), 7)
        self.assertEqual(self.server.run("customers", "show", "L").returncode, 1)
        self.assertEqual(self.server.run("customers", "show", "N").returncode, 1)

    def test_Import_RowWithNeitherOrderNorCustomer_SendsNothing(self):
        self.orders("neither.csv", "P1,P,2017-05-01,10,granted\n,,2017-05-01,5,granted\n",
                    "line 3: has neither order nor customer")
        self.assertEqual(self.server.run("customers", "show", "P").returncode, 1)

    def test_Import_OrderWhoseSecondRowRevokes_Revokes(self):
        self.orders("q.csv", "Q1,Q,2017-05-01,10,granted\nQ1,Q,2017-05-01,10,revoked\n")
        self.assertEqual(self.state("Q"), "REVOKED")

    def test_Import_AttributeThereAndBack_EndsAsSaidLast(self):
        for n, region in enumerate(["West", "East", "West"]):
            path = self.write(f"region{n}.csv", f"Customer,Region,Note\nA,{region},{n}\n")
            self.server.json("import", "customers", path, "--customer", "Customer", "--attribute",
                             "Region")
            shown = self.server.json("customers", "show", "A")
            self.assertEqual(shown["features"]["customer.region"]["string_value"], region)


if __name__ == "__main__":
    unittest.main()
