"""tenure summarize through the real binary: forms of files, what is dropped and reported, what is refused."""
import csv
import json
import math
import os
import pathlib
import random
import subprocess
import unittest

from folder_case import FolderCase

TENURE = os.path.join(os.environ["TENURE_BINARY_DIR"], "bin", "tenure")
SHARED = pathlib.Path(
    os.environ.get("TENURE_SHARED_DIR", os.path.join(os.environ["TENURE_SOURCE_DIR"], "..", "shared"))
) / "data" / "cdnow"
BASIC = ("--customer", "c", "--date", "d")
PAID = (*BASIC, "--amount", "m")


class Summarize(FolderCase):
    def run_it(self, *arguments, text=None):
        return subprocess.run([TENURE, "summarize", *map(str, arguments)], input=text, capture_output=True, text=True)

    def ok(self, text, *arguments):
        """Rows by customer, and the report."""
        path = self.path("in.csv", text)
        done = self.run_it(path, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.said = done.stderr
        rows = {row["customer"]: row for row in csv.DictReader(done.stdout.splitlines())}
        done = self.run_it(path, *arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        for row in document["customers"]:
            for name, value in row.items():
                text = rows[row["customer"]][name]
                self.assertEqual(value if isinstance(value, str) else float(value),
                                 text if isinstance(value, str) else float(text))
        self.assertEqual(len(document["customers"]), len(rows))
        return rows, document["report"]

    def refused(self, code, words, text, *arguments):
        path = self.path("in.csv", text)
        output = self.path("out.csv")
        done = self.run_it(path, *arguments, "--output", output)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual([f.name for f in self.folder.iterdir()], ["in.csv"])

    def test_unsorted_same_day_and_quoted(self):
        rows, report = self.ok(
            'when,who,"how, much"\n2018-01-20,b,5\n2018-01-11,"a ""x""",10\n2018-01-01,"a ""x""",99\n'
            '2018-01-11T18:00:00Z,"a ""x""",20\n', "--customer", "who", "--date", "when", "--amount", "how, much",
            "--observation-end", "2018-01-31")
        self.assertEqual(rows['a "x"'], {"customer": 'a "x"', "frequency": "1", "recency": "10", "T": "30",
                                         "monetary_value": "30", "log_intervals": "2.302585092994046"})
        self.assertEqual(rows["b"], {"customer": "b", "frequency": "0", "recency": "0", "T": "11",
                                     "monetary_value": "0", "log_intervals": "0"})
        self.assertEqual((report["rows"], report["customers"], report["purchases"]), (4, 2, 4))
        self.assertEqual((report["first_day"], report["last_day"]), ("2018-01-01", "2018-01-20"))
        self.assertIn("4 rows", self.said)
        self.assertIn("kept 2 customers with 4 purchases", self.said)

    def test_cdnow_is_reproduced_exactly(self):
        if not SHARED.exists():
            self.skipTest("the shared data folder is absent: set TENURE_SHARED_DIR")
        summary = self.path("s.csv")
        for source in (SHARED / "transactions.csv", "-"):
            done = self.run_it(source, "--customer", "sample_id", "--date", "date", "--amount", "dollar_value",
                               "--unit", "week", "--observation-end", "1997-09-30", "--holdout", "1998-06-30",
                               "--output", summary, "--json", text=(SHARED / "transactions.csv").read_text())
            self.assertEqual(done.returncode, 0, done.stderr)
            report = json.loads(done.stdout)["report"]
            with open(SHARED / "summary.csv") as wanted, open(summary) as given:
                wanted = {row["customer"]: row for row in csv.DictReader(wanted)}
                given = {row["customer"]: row for row in csv.DictReader(given)}
            self.assertEqual(wanted.keys(), given.keys())
            for customer, row in wanted.items():
                for column in ("frequency", "recency", "T", "holdout_frequency"):
                    self.assertEqual(float(row[column]), float(given[customer][column]), (customer, column))
                self.assertAlmostEqual(float(row["monetary_value"]), float(given[customer]["monetary_value"]), 6)
            self.assertEqual(report["rows"], 6919)
            self.assertEqual(report["customers"], 2357)
            self.assertEqual(sum(int(row["holdout_frequency"]) for row in given.values()), 1882)

    def test_weeks_are_days_over_seven_and_other_units_are_numbers_of_days(self):
        text = "c,d\na,2018-01-01\na,2018-01-11\na,2018-01-13\nb,2018-01-31\n"
        for unit, days in (("day", 1), ("week", 7), ("30.4375", 30.4375)):
            rows, report = self.ok(text, *BASIC, "--unit", unit)
            self.assertEqual(float(rows["a"]["recency"]), 12 / days)
            self.assertEqual(float(rows["a"]["T"]), 30 / days)
            self.assertAlmostEqual(float(rows["a"]["log_intervals"]), math.log(10 / days) + math.log(2 / days), 12)
            self.assertEqual(report["unit_days"], days)
        for unit in ("fortnight", "0", "-7", "nan", "1e9"):
            self.refused(2, ["--unit", unit], text, *BASIC, "--unit", unit)

    def test_an_end_later_than_the_records_is_warned_of(self):
        text = "c,d\na,1998-01-01\na,1998-06-30\n"
        _, report = self.ok(text, *BASIC, "--observation-end", "2098-06-30")
        self.assertIn("warning: the last purchase is of 1998-06-30, but the observation ends on 2098-06-30", self.said)
        self.assertEqual(len(report["warnings"]), 1)
        self.assertIn("observation ends on 2098-06-30", report["warnings"][0])
        _, report = self.ok(text, *BASIC, "--observation-end", "1998-03-31", "--holdout", "1998-07-31")
        self.assertIn("holdout ends on 1998-07-31", report["warnings"][0])
        _, report = self.ok(text, *BASIC, "--observation-end", "1998-06-30")
        self.assertEqual((report["warnings"], "warning" in self.said), ([], False))

    def test_blanks_around_customers_are_warned_of(self):
        text = "c,d\na,2018-01-01\n a,2018-01-02\na ,2018-01-03\nb c,2018-01-04\n"
        rows, report = self.ok(text, *BASIC)
        self.assertEqual(len(rows), 4)
        self.assertIn("warning: 2 rows have blanks around the customer, the first on line 3", self.said)
        self.assertIn("2 rows have blanks", report["warnings"][0])
        self.refused(1, ["line 3 column `c`", "blanks around it"], text, *BASIC, "--strict")

    def test_form_of_dates_is_found_out_and_said(self):
        for dates, form in ((("03/01/2018", "25/01/2018"), "dd/mm/yyyy"), (("01/03/2018", "01/25/2018"), "mm/dd/yyyy"),
                            (("3.1.2018", "25.1.2018"), "dd.mm.yyyy"), (("20180103", "20180125"), "yyyymmdd"),
                            (("1514937600", "1516838400"), "Unix seconds"),
                            (("2018-01-03 10:00", "2018-01-25T23:59:59Z"), "yyyy-mm-dd")):
            rows, report = self.ok("c,d\n" + "".join(f"a,{date}\n" for date in dates), *BASIC)
            self.assertEqual(rows["a"]["recency"], "22", form)
            self.assertEqual(report["dates"]["form"], form)
            told = form in ("dd/mm/yyyy", "mm/dd/yyyy")
            self.assertEqual("warning: dates read as " + form + ", since line 3" in self.said, told)
            self.assertEqual(report["dates"]["told_by_line"], 3 if told else None)

    def test_digits_that_are_no_unix_time_are_refused(self):
        self.refused(1, ["line 3 column `d`", "`2020`"], "c,d\na,1514937600\na,2020\n", *BASIC)
        self.refused(1, ["line 3 column `d`", "`1514937600`"], "c,d\na,1514937600000\na,1514937600\n", *BASIC)

    def test_day_and_month_that_no_row_tells_apart_are_refused_until_stated(self):
        text = "c,d,m\na,03/01/2018,5\na,04/02/2018,5\n"
        self.refused(1, ["line 2 column `d`", "dd/mm/yyyy or mm/dd/yyyy", "--date-format"], text, *PAID)
        rows, _ = self.ok(text, *PAID, "--date-format", "%d/%m/%Y")
        self.assertEqual(rows["a"]["recency"], "32")
        rows, _ = self.ok(text, *PAID, "--date-format", "%m/%d/%Y")
        self.assertEqual(rows["a"]["recency"], "32")
        self.refused(1, ["line 4 column `d`", "13/13/2018"], text + "a,13/13/2018,5\n", *PAID)
        # Told late: what came before is read by it, errors there name their own line.
        self.refused(1, ["line 2 column `m`", "`x`"], "c,d,m\na,03/01/2018,x\na,25/02/2018,5\n", *PAID)
        self.refused(1, ["line 4 column `d`", "as `25/02/2018` shows"],
                     "c,d,m\na,03/01/2018,1\na,25/02/2018,5\na,02/25/2018,5\n", *PAID)

    def test_stated_format_is_followed(self):
        rows, report = self.ok("c,d\na,3 Jan 2018\na,25 Jan 2018\n", *BASIC, "--date-format", "%d %b %Y")
        self.assertEqual(rows["a"]["recency"], "22")
        self.assertEqual(report["dates"]["form"], "%d %b %Y")
        self.refused(1, ["line 2 column `d`", "does not follow --date-format %d %b %Y"], "c,d\na,2018-01-03\n", *BASIC,
                     "--date-format", "%d %b %Y")

    def test_zone_says_which_day_it_was(self):
        text = "c,d\na,2018-01-03T23:30:00Z\na,2018-01-04T12:00:00Z\nb,2018-01-09\n"
        self.assertEqual(self.ok(text, *BASIC)[0]["a"]["frequency"], "1")
        rows, report = self.ok(text, *BASIC, "--zone", "Europe/Berlin")
        self.assertEqual(rows["a"]["frequency"], "0")
        self.assertEqual(report["zone"], "Europe/Berlin")
        self.refused(1, ["Middle/Earth", "IANA"], text, *BASIC, "--zone", "Middle/Earth")

    def test_decimal_comma_and_separator_are_stated(self):
        text = "c;d;m\na;2018-01-01;5\na;2018-01-02;1.234,50\n"
        rows, _ = self.ok(text, *PAID, "--separator", ";", "--decimal", "comma")
        self.assertEqual(rows["a"]["monetary_value"], "1234.5")
        self.refused(1, ["line 3 column `m`", "1.234,50"], text, *PAID, "--separator", ";")
        self.refused(1, ["no column `c`", "c;d;m", "separator"], text, *PAID)

    def test_refunds_are_no_purchases_and_reported(self):
        text = "c,d,m\na,2018-01-01,50\na,2018-01-06,50\na,2018-01-09,-25\nb,2018-01-02,-7\n"
        rows, report = self.ok(text, *PAID)
        self.assertEqual({k: rows["a"][k] for k in ("frequency", "recency", "monetary_value", "kept")},
                         {"frequency": "1", "recency": "5", "monetary_value": "50", "kept": "0.75"})
        self.assertNotIn("b", rows)
        self.assertEqual(report["refunds"], {"rule": "net", "count": 2, "amount": 32})
        self.assertEqual(report["dropped"]["customers_without_purchase"], 1)
        self.assertIn("2 refunds, 32.00", self.said)
        rows, report = self.ok(text, *PAID, "--refunds", "drop")
        self.assertNotIn("kept", rows["a"])
        self.assertEqual(report["refunds"]["count"], 2)
        self.refused(1, ["line 4 column `m`", "`-25` is a refund", "--refunds net"], text, *PAID, "--refunds", "refuse")
        self.refused(1, ["line 4 column `m`", "order `2` of customer `a`", "a refund", "--refunds net"], text.replace("c,", "o,c,").replace("a,", "1,a,")
                     .replace("1,a,2018-01-09", "2,a,2018-01-09").replace("b,", "3,b,"), *PAID, "--order", "o",
                     "--refunds", "refuse")

    def test_discounts_are_taken_off(self):
        text = "c,d,m,off\na,2018-01-01,9,\na,2018-01-02,50,12.5\na,2018-01-03,-50,-12.5\n"
        rows, report = self.ok(text, *PAID, "--discount", "off")
        self.assertEqual(rows["a"]["monetary_value"], "37.5")
        self.assertEqual(report["refunds"]["amount"], 37.5)
        for off in ("-3", "51", "x"):
            self.refused(1, ["line 2 column `off`", f"`{off}`"], f"c,d,m,off\na,2018-01-02,50,{off}\n", *PAID,
                         "--discount", "off")
        self.refused(2, ["--discount needs --amount"], text, *BASIC, "--discount", "off")

    def test_discounts_as_rates_say_what_they_are(self):
        head = "c,d,m,off\na,2018-01-01,9,\n"
        for kind, ten, third in (("fraction", "0.10", "0.3333"), ("percent", "10 %", "33.33"), ("percent", "10%", "33.33 %")):
            rows, report = self.ok(f"{head}a,2018-01-02,50,{ten}\na,2018-01-03,20,{third}\na,2018-01-04,-50,{ten}\n", *PAID,
                                   "--discount", "off", "--discount-is", kind)
            self.assertAlmostEqual(float(rows["a"]["monetary_value"]), (45 + 20 * 0.6667) / 2, 9)
            self.assertEqual(report["refunds"]["amount"], 45)
        for kind, rates in (("fraction", ("10", "-0.1", "x", "10 %", "nan")), ("percent", ("101", "-1 %", "x", "%"))):
            for rate in rates:
                self.refused(1, ["line 3 column `off`"], f"{head}a,2018-01-02,50,{rate}\n", *PAID, "--discount", "off",
                             "--discount-is", kind)
        self.refused(2, ["--discount-is needs --discount"], head, *PAID, "--discount-is", "percent")
        self.refused(1, ["--discount-is says fraction or percent"], f"{head}a,2018-01-02,50,51\n", *PAID, "--discount", "off")

    def test_rows_of_an_order_are_one_purchase(self):
        text = ("c,o,d,m\na,1,2018-01-01,5\na,2,2018-01-08,10\na,2,2018-01-07,20\na,2,2018-01-09,-3\n"
                "b,2,2018-01-03,4\nb,3,2018-01-05,0\n")
        rows, report = self.ok(text, *PAID, "--order", "o")
        self.assertEqual((rows["a"]["frequency"], rows["a"]["recency"], rows["a"]["monetary_value"]), ("1", "6", "27"))
        self.assertEqual((report["orders"], report["orders_of_several_customers"]), (4, 1))
        self.assertEqual((report["free_purchases"], report["refunds"]["count"]), (1, 0))
        self.assertIn("1 order ids belong to several customers", self.said)
        self.refused(1, ["1 order ids belong to several customers"], text, *PAID, "--order", "o", "--strict")
        self.refused(1, ["line 2 column `o`", "is empty"], "c,o,d\na,,2018-01-01\n", *BASIC, "--order", "o")

    def test_rows_without_a_customer_are_counted_or_refused(self):
        text = "c,d\na,2018-01-01\n,2018-01-02\n,2018-01-03\n"
        rows, report = self.ok(text, *BASIC)
        self.assertEqual(list(rows), ["a"])
        self.assertEqual(report["dropped"]["rows_without_customer"], 2)
        self.assertEqual(report["dropped"]["first_line_without_customer"], 3)
        self.assertIn("dropped 2 rows without a customer, the first on line 3", self.said)
        self.refused(1, ["line 3 column `c`", "is empty"], text, *BASIC, "--strict")
        self.refused(1, ["has no purchase with a customer"], "c,d\n,2018-01-01\n", *BASIC)
        self.refused(1, ["no rows below its header"], "c,d\n", *BASIC)
        _, report = self.ok("c,d\na,2018-01-01\n   ,2018-01-02\n", *BASIC)
        self.assertEqual(report["dropped"]["rows_without_customer"], 1)

    def test_carried_columns_and_cohort_are_of_the_first_purchase(self):
        text = 'c,d,kind,from\na,2018-02-05,late,web\na,2018-01-31T09:00:00Z,"a, b",\na,2018-01-31T12:00:00Z,noon,app\n'
        rows, _ = self.ok(text, *BASIC, "--carry", "kind", "--cohort", "--carry", "from")
        self.assertEqual((rows["a"]["cohort"], rows["a"]["kind"], rows["a"]["from"]), ("2018-01", "a, b", ""))
        done = self.run_it(*BASIC, "--carry", "kind", self.path("in.csv", text))  # the file is no second column
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_holdout_and_what_is_after_it(self):
        text = "c,d,m\na,2018-01-01,1\na,2018-01-10,1\na,2018-01-15,2\na,2018-01-15,3\na,2018-02-15,9\nb,2018-01-12,1\n"
        rows, report = self.ok(text, *PAID, "--observation-end", "2018-01-10", "--holdout", "2018-01-31")
        self.assertEqual((rows["a"]["holdout_frequency"], rows["a"]["holdout_spend"]), ("1", "5"))
        self.assertEqual(list(rows), ["a"])
        self.assertEqual(report["dropped"]["purchases_after_the_end"], 1)
        self.assertEqual(report["holdout_purchases"], 3)
        self.refused(2, ["--holdout needs --observation-end"], text, *PAID, "--holdout", "2018-01-31")
        self.refused(1, ["--holdout must be after"], text, *PAID, "--observation-end", "2018-01-10", "--holdout",
                     "2018-01-10")
        self.refused(1, ["--observation-end", "is no date"], text, *PAID, "--observation-end", "10/01/2018")
        self.refused(1, ["no purchase up to 2017-12-31"], text, *PAID, "--observation-end", "2017-12-31")

    def test_column_carried_by_the_name_of_another_is_refused(self):
        for name in ("T", "customer", "monetary_value", "kept", "log_intervals"):
            text = f"c,d,{name}\na,2018-01-01,1\n"
            self.refused(1, [f"--carry {name}"], text, *BASIC, "--carry", name)
        self.refused(1, ["--carry k"], "c,d,k\na,2018-01-01,1\n", *BASIC, "--carry", "k", "--carry", "k")
        self.refused(1, ["--carry cohort"], "c,d,cohort\na,2018-01-01,1\n", *BASIC, "--carry", "cohort", "--cohort")
        rows, _ = self.ok("c,d,cohort\na,2018-01-01,x\n", *BASIC, "--carry", "cohort")
        self.assertEqual(rows["a"]["cohort"], "x")

    def test_holdout_beyond_the_last_row_is_warned_of(self):
        text = "c,d\na,2018-01-01\na,2018-01-10\na,2018-01-20\n"
        split = (*BASIC, "--observation-end", "2018-01-10", "--holdout")
        self.ok(text, *split, "2018-03-01")
        self.assertIn("warning: the last purchase is of 2018-01-20, but the holdout ends on 2018-03-01", self.said)
        self.ok(text, *split, "2018-01-20")
        self.assertNotIn("warning", self.said)

    def test_period_counts_once(self):
        rows, _ = self.ok("c,d\na,2018-01-01\na,2018-01-03\na,2018-01-09\n", *BASIC, "--period", 7)
        self.assertEqual((rows["a"]["frequency"], rows["a"]["recency"]), ("1", "8"))

    def test_one_row_and_rows_all_alike(self):
        rows, _ = self.ok("c,d,m\na,2018-01-01,5\n", *PAID)
        self.assertEqual((rows["a"]["frequency"], rows["a"]["T"]), ("0", "0"))
        rows, _ = self.ok("c,d,m\n" + "a,2018-01-01,5\n" * 1000, *PAID)
        self.assertEqual((rows["a"]["frequency"], rows["a"]["monetary_value"]), ("0", "0"))

    def test_bad_input_names_file_line_column_and_remedy(self):
        self.refused(1, ["in.csv", "is empty"], "", *BASIC)
        self.refused(1, ["in.csv", "no rows below its header"], "c,d\n", *BASIC)
        self.refused(1, ["no column `x`", "c, d, m"], "c,d,m\n", "--customer", "x", "--date", "d")
        self.refused(2, ["--date"], "c,d\n", "--customer", "c")
        self.refused(1, ["in.csv line 3", "fields"], "c,d\na,2018-01-01\na,2018-01-01,5\n", *BASIC)
        for date in ("03/2018", "", "2018-02-30", "yesterday"):
            self.refused(1, ["in.csv line 3 column `d`"], f"c,d\na,2018-01-01\na,{date}\n", *BASIC)
        for amount, remedy in (("5 EUR", "write it like"), ("", "is empty"), ("nan", "not a number"), ("inf", "not a number"),
                               ('"5,5"', "--decimal comma"), ("1e300", "money holds")):
            self.refused(1, ["in.csv line 2 column `m`", remedy], f"c,d,m\na,2018-01-01,{amount}\n", *PAID)
        self.refused(1, ["customer `a`", "more than money holds"], "c,d,m\n" + "a,2018-01-01,9e12\n" * 2, *PAID)

    def test_order_of_rows_does_not_matter(self):
        for seed in range(1, 6):
            dice = random.Random(seed)
            lines = [f"c{dice.randrange(30)},2018-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02},"
                     f"{dice.randrange(-200, 2000) / 100},o{dice.randrange(200)},v{dice.randrange(4)}\n" for _ in range(300)]
            found = []
            for _ in range(2):
                rows, report = self.ok("c,d,m,o,v\n" + "".join(lines), *PAID, "--order", "o", "--carry", "v",
                                       "--observation-end", "2018-09-30", "--holdout", "2018-11-30")
                found.append((rows, report))
                dice.shuffle(lines)
            self.assertEqual(found[0], found[1], f"seed {seed}")

    def test_summary_of_a_summary_command_is_read_by_fit(self):
        dice = random.Random(7)
        lines = [f"c{dice.randrange(400)},{2017 + dice.randrange(2)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02},5\n"
                 for _ in range(2500)]
        summary = self.path("s.csv")
        done = self.run_it(self.path("in.csv", "c,d,m\n" + "".join(lines)), *PAID, "--output", summary, "--unit", "week")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = subprocess.run([TENURE, "fit", summary, "--model", "nbd", "--unit", "week", "--json"], capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["rows"], len(summary.read_text().splitlines()) - 1)

    def test_example_of_the_documentation_prints_what_it_says(self):
        if not SHARED.exists():
            self.skipTest("the shared data folder is absent: set TENURE_SHARED_DIR")
        text = (pathlib.Path(os.environ["TENURE_SOURCE_DIR"]) / "docs/clv.md").read_text()
        block = text[text.index("$ tenure summarize orders.csv"):]
        command, said = block[2:block.index("\n```")].split("--output summary.csv\n")
        said, summary = said.split("$ head -2 summary.csv\n")
        # CDNOW as a German shop would have it; the discount is nothing.
        lines = ["Kunde;Beleg;Datum;Betrag;Rabatt;Kanal"]
        with open(SHARED / "transactions.csv") as rows:
            for number, row in enumerate(csv.DictReader(rows)):
                year, month, day = row["date"].split("-")
                lines.append(f"{row['sample_id']};{number};{day}/{month}/{year};{row['dollar_value'].replace('.', ',')};0;store")
        self.path("orders.csv", "\n".join(lines) + "\n")
        done = subprocess.run(["bash", "-c", command.replace("tenure", f"'{TENURE}'", 1) + "--output summary.csv"],
                              cwd=self.folder, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, said))
        self.assertEqual(self.path("summary.csv").read_text().splitlines()[:2], summary.splitlines())


if __name__ == "__main__":
    unittest.main()
