#include "server/validation/report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/validation/xml.h"

namespace tenure::validation {
namespace {

ReportFacts Facts() {
  ReportFacts facts;
  facts.model = "mbg_nbd";
  facts.version = "abc";
  facts.model_origin = "as given";
  facts.fit_verdict = "CONVERGED";
  facts.spend_verdict = "CONVERGED";
  facts.basis = "revenue, undiscounted";
  facts.parameters = {{"r", 0.5248, 0.01}, {"alpha", 6.18, std::nan("")}};
  facts.data = {{"file", "<img src=x onerror=\"1\">.csv"}};
  facts.no_tracking = "No days & no tracking.";
  return facts;
}

std::vector<HoldoutRow> Rows() {
  std::vector<HoldoutRow> rows;
  for (int i = 0; i < 300; ++i) {
    rows.push_back({static_cast<double>(i % 9), 0.5 * (i % 9), static_cast<double>(i % 5),
                    5.0 * (i % 9), 9.0 * (i % 5)});
  }
  return rows;
}

TEST(RenderReport, Page_IsWellFormedSelfContainedAndEscaped) {
  const Validation validation = *Validate(Rows(), true, 91);
  const Tracking tracking = *Track({std::vector<int64_t>{0, 3}, std::vector<int64_t>{9}, 60, 151},
                                   [](double days) { return days / 20; });
  const std::string page =
      RenderReport(Facts(), validation, &tracking, Judge(validation, &tracking, "mbg_nbd"));
  EXPECT_EQ(XmlProblem(page), "");
  for (const char* outside : {"<script", "<link", "<img", "url(", "@import", "href="}) {
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  }
  for (const char* part :
       {"0.5248", "id=\"frequency-title\"", "id=\"deciles-title\"", "id=\"lift-title\"",
        "id=\"cumulative-title\"", "id=\"weekly-title\"", "<code>abc</code>",
        "First:", "revenue, undiscounted", "&lt;img src=x"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
}

TEST(RenderReport, WithoutTrackingOrSpend_SaysSo) {
  const Validation validation = *Validate(Rows(), false, 91);
  const std::string page =
      RenderReport(Facts(), validation, nullptr, Judge(validation, nullptr, "mbg_nbd"));
  EXPECT_EQ(XmlProblem(page), "");
  EXPECT_NE(page.find("No days &amp; no tracking."), std::string::npos);
  EXPECT_EQ(page.find("weekly-title"), std::string::npos);
  EXPECT_NE(page.find("Holdout purchases by decile"), std::string::npos);
}

TEST(RenderReport, NothingBought_ShowsNoNumberThatIsNone) {
  const Validation validation =
      *Validate(std::vector<HoldoutRow>{{0, 0.1, 0}, {1, 0.2, 0}}, true, 7);
  const std::string page =
      RenderReport(Facts(), validation, nullptr, Judge(validation, nullptr, "mbg_nbd"));
  EXPECT_EQ(XmlProblem(page), "");
  EXPECT_EQ(page.find(">nan<"), std::string::npos);
  EXPECT_NE(page.find("UNKNOWN"), std::string::npos);
}

}  // namespace
}  // namespace tenure::validation
