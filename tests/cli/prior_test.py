"""fit --prior, and what auto says beside its choice, through the real binary."""
import json
import os
import pathlib
import unittest

from tenure_case import TenureCase

SHARED = pathlib.Path(
    os.environ.get("TENURE_SHARED_DIR", os.path.join(os.environ["TENURE_SOURCE_DIR"], "..", "shared"))
) / "data" / "cdnow"


class Prior(TenureCase):
    def few(self):
        return self.path("few.csv", "frequency,recency,T,monetary_value\n"
                         + "2,20,40,30\n1,5,40,22\n0,0,40,0\n0,0,30,0\n4,28,35,41\n" * 6)

    def test_weak_prior_is_said_in_the_report_the_document_and_the_saved_model(self):
        few, model = self.few(), self.path("model.json")
        self.assertIn("pooled", json.loads(self.ok("fit", few, "--json"))["fallback"])
        fit = json.loads(self.ok("fit", few, "--model", "mbg_nbd", "--prior", "weak", "--unit", "week", "--save", model,
                                 "--json"))
        self.assertEqual((fit["chosen"], fit["fallback"]), ("mbg_nbd", ""))
        self.assertEqual(list(fit["prior"]), ["r", "alpha", "a", "b"])
        self.assertEqual(fit["prior"]["r"], {"median": 1, "log_sd": 1.5})
        self.assertAlmostEqual(fit["prior"]["alpha"]["median"], sum([40, 40, 40, 30, 35] * 6) / 30, 9)
        self.assertEqual(list(fit["spend"]["prior"]), ["p", "q", "v"])
        self.assertIn("MAP", json.loads(model.read_text())["verdict"])
        self.assertEqual(len(self.ok("score", model, few).splitlines()), 31)
        text = self.ok("fit", few, "--model", "mbg_nbd", "--prior", "weak")
        self.assertIn("prior of mbg_nbd: medians r 1 (factor 4.48)", text)
        self.assertIn("(MAP)", text)

    def test_named_medians_count_and_the_rest_is_weak(self):
        few = self.few()
        fit = json.loads(self.ok("fit", few, "--model", "nbd", "--prior", "r=3:0.01", "--json"))
        self.assertAlmostEqual(fit["params"]["r"], 3, 1)
        self.assertEqual(fit["prior"]["alpha"]["log_sd"], 1.5)
        spend = json.loads(self.ok("fit", few, "--model", "gamma_gamma", "--prior", "q=4:0.001", "--json"))
        self.assertAlmostEqual(spend["params"]["q"], 4, 1)
        without = json.loads(self.ok("fit", few, "--model", "nbd", "--json"))
        self.assertNotIn("prior", without)

    def test_populations_covariates_and_cohorts_have_it_too(self):
        few = self.few()
        by = json.loads(self.ok("fit", few, "--by", "T", "--model", "mbg_nbd", "--prior", "weak", "--json"))
        self.assertEqual({p["purchases"]["source"] for p in by["populations"]}, {"borrowed"})
        self.assertEqual(by["families"][0]["fallback"], "")
        self.assertEqual(list(by["families"][0]["models"][0]["prior"]), ["r", "alpha", "a", "b"])
        self.assertIn("prior of mbg_nbd", self.ok("fit", few, "--by", "T", "--model", "mbg_nbd", "--prior", "weak"))
        model = self.path("model.json")
        for save in ((), ("--save", model)):
            fit = json.loads(self.ok("fit", few, "--model", "mbg_nbd", "--covariates", "T", "--prior", "weak", *save,
                                     "--json"))
            self.assertEqual(fit["verdict"], "CONVERGED")
            self.assertEqual(fit["prior"]["coefficients"], {"mean": 0, "sd_per_deviation": 1.5})
        self.assertIn("MAP", json.loads(model.read_text())["baseline"]["verdict"])
        for save in ((), ("--save", model)):
            fit = json.loads(self.ok("fit", few, "--model", "mbg_nbd", "--covariates", "T", "--prior",
                                     "alpha:T=-0.2:0.0001,r=1:1", *save, "--json"))
            self.assertAlmostEqual(fit["params"]["alpha:T"], -0.2, 3)  # held, in its own unit
            self.assertAlmostEqual(fit["standard_errors"]["alpha:T"], 0.0001, 6)
            self.assertEqual(fit["prior"]["alpha:T"], {"mean": -0.2, "sd": 0.0001})
        self.assertIn("but alpha:T -0.2, s.d. 0.0001", self.ok("fit", few, "--model", "mbg_nbd", "--covariates", "T", "--prior",
                                                               "alpha:T=-0.2:0.0001"))
        cohort = self.path("cohort.csv", "cohort,period,survivors\na,0,100\na,1,70\na,2,55\n")
        fit = json.loads(self.ok("fit", cohort, "--model", "bdw", "--prior", "alpha=1:0.5", "--json"))
        self.assertEqual(fit["verdict"], "CONVERGED")
        self.assertEqual(fit["prior"]["alpha"], {"median": 1, "log_sd": 0.5})
        self.assertEqual(fit["cohorts"][0]["prior"], fit["prior"])

    def test_what_is_no_prior_is_wrong_usage(self):
        few = self.few()
        for prior in ("strong", "r", "r=1", "r=1:0", "r=0:1", "r=1:x", "=1:1"):
            self.refused(2, ["--prior"], "fit", few, "--model", "nbd", "--prior", prior)
        self.refused(2, ["weak"], "fit", few, "--prior", "r=1:1")
        self.refused(2, ["cohorts"], "fit", few, "--model", "sbg", "--prior", "q=1:1")
        self.refused(1, ["b:x", "there are alpha:T, a:T, b:T"], "fit", few, "--model", "mbg_nbd", "--covariates", "T",
                     "--prior", "b:x=1:1")
        self.refused(1, ["a:T is there twice"], "fit", few, "--model", "mbg_nbd", "--covariates", "T", "--prior",
                     "a:T=1:1,a:T=2:1")
        self.refused(2, ["a:T is a coefficient"], "fit", few, "--model", "mbg_nbd", "--prior", "a:T=1:1")
        self.refused(2, ["--prior"], "fit", few, "--model", "mbg_nbd", "--covariates", "T", "--prior", "a:T=1:0")
        self.refused(2, ["p, q and v"], "fit", few, "--model", "gamma_gamma", "--prior", "r=1:1")
        self.refused(1, ["beta", "mbg_nbd"], "fit", few, "--model", "mbg_nbd", "--prior", "beta=1:1")

    def test_cdnow_keeps_its_choice_and_gets_no_hint(self):
        if not SHARED.exists():
            self.skipTest("the shared data folder is absent: set TENURE_SHARED_DIR")
        summary = self.path("s.csv")
        for unit in ("week", "day"):
            self.ok("summarize", SHARED / "transactions.csv", "--customer", "sample_id", "--date", "date", "--amount",
                    "dollar_value", "--unit", unit, "--observation-end", "1997-09-30", "--holdout", "1998-06-30",
                    "--output", summary)
            for holdout, chosen in (((), "mbg_nbd"), (("--holdout-days", 273), "pareto_nbd")):
                fit = json.loads(self.ok("fit", summary, "--unit", unit, *holdout, "--json"))
                self.assertEqual(fit["chosen"], chosen, fit["why"])
                self.assertEqual([m["model"] for m in fit["models"]], ["nbd", "bg_nbd", "mbg_nbd", "pareto_nbd"])
                self.assertNotIn("--model", fit["why"])


if __name__ == "__main__":
    unittest.main()
