#include "server/validation/report.h"

#include <cmath>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/validation/plots.h"
#include "server/validation/svg_plot.h"
#include "server/validation/tracking_shape.h"

namespace tenure::validation {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr char kStyle[] = R"(:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:760px;margin:2rem auto;padding:0 1rem;
color:#1b1b1b;background:#fff}
h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.2rem;margin-top:2.2rem}
table{border-collapse:collapse;margin:.6rem 0;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .8rem .25rem 0;text-align:right;border-bottom:1px solid #ddd}
th:first-child,td:first-child{text-align:left}.words td,.words th{text-align:left}
.verdict{padding:.8rem 1rem;border-left:6px solid #777;background:#f4f4f4}
.GOOD{border-color:#007a5a}.FAIR{border-color:#b07900}.POOR{border-color:#b3261e}
.read{color:#555;font-size:.93rem}
code{overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){body{color:#e6e6e6;background:#101216}
th,td{border-color:#33373d}.verdict{background:#1b1f25}.read{color:#aaa}}
)";

std::string Number(double value, int decimals) {
  return std::isfinite(value) ? absl::StrFormat("%.*f", decimals, value) : "–";
}
std::string Digits(double value) {
  return std::isfinite(value) ? absl::StrFormat("%.6g", value) : "–";
}
std::string Percent(double share) {
  return std::isfinite(share) ? absl::StrFormat("%.1f %%", 100 * share) : "–";
}

std::string Table(const char* css_class, const std::vector<std::string>& header, const Rows& rows) {
  std::string html = absl::StrCat("<table class=\"", css_class, "\">\n<thead><tr>");
  for (const std::string& cell : header) {
    absl::StrAppend(&html, "<th scope=\"col\">", EscapeMarkup(cell), "</th>");
  }
  html += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : rows) {
    html += "<tr>";
    for (const std::string& cell : row) absl::StrAppend(&html, "<td>", EscapeMarkup(cell), "</td>");
    html += "</tr>\n";
  }
  html += "</tbody></table>\n";
  return html;
}

std::string Heading(const char* text) { return absl::StrCat("<h2>", text, "</h2>\n"); }
std::string Read(const std::string& text) {
  return absl::StrCat("<p class=\"read\">", EscapeMarkup(text), "</p>\n");
}

std::string VerdictSection(const Verdict& verdict, const ReportFacts& facts) {
  std::string html = absl::StrFormat(
      "<div class=\"verdict %s\"><p><strong>%s.</strong> %s</p>\n<p><strong>First:</strong> "
      "%s</p></div>\n",
      GradeName(verdict.grade), GradeName(verdict.grade), EscapeMarkup(verdict.summary),
      EscapeMarkup(verdict.first_step));
  if (!facts.fallback.empty()) {
    absl::StrAppend(&html, "<p>The model is a simple estimate, not a full fit: ",
                    EscapeMarkup(facts.fallback), ".</p>\n");
  }
  html += Heading("What was found");
  Rows rows;
  for (const Finding& finding : verdict.findings) {
    rows.push_back({GradeName(finding.grade), finding.what, finding.remedy});
  }
  return html + Table("words", {"grade", "finding", "what to do"}, rows);
}

std::string MetricsSection(const Validation& validation) {
  const Agreement& purchases = validation.purchases;
  const Agreement& value = validation.value;
  std::vector<std::string> header = {"", "purchases"};
  if (validation.has_value) header.push_back("spend");
  Rows rows;
  const auto add = [&](const char* name, double Agreement::*figure, auto format) {
    rows.push_back({name, format(purchases.*figure)});
    if (validation.has_value) rows.back().push_back(format(value.*figure));
  };
  const auto three = [](double x) { return Number(x, 3); };
  add("expected, sum", &Agreement::expected, three);
  add("actual, sum", &Agreement::actual, three);
  add("bias (expected / actual − 1)", &Agreement::bias, Percent);
  add("standard error of the bias", &Agreement::bias_standard_error, Percent);
  add("mean absolute error a customer (MAE)", &Agreement::mean_absolute_error,
      [](double x) { return Number(x, 4); });
  add("root mean square error a customer (RMSE)", &Agreement::root_mean_square_error,
      [](double x) { return Number(x, 4); });
  add("rank correlation (Spearman)", &Agreement::spearman, three);
  add("correlation (Pearson)", &Agreement::pearson, three);
  add("Gini coefficient of the predictions", &Agreement::predicted_gini, three);
  add("Gini coefficient of what came", &Agreement::actual_gini, three);
  add("normalised Gini gain", &Agreement::gini_gain, three);
  add("found in the 10 % predicted highest", &Agreement::top_tenth, Percent);
  add("at best in 10 %", &Agreement::best_top_tenth, Percent);
  add("found in the 20 % predicted highest", &Agreement::top_fifth, Percent);
  add("at best in 20 %", &Agreement::best_top_fifth, Percent);
  return Heading("Figures") + Table("", header, rows) +
         Read(
             "Bias says whether totals are right, MAE and RMSE by how much a single customer is "
             "off; rank correlation and Gini gain say whether the right customers are on top: 1 is "
             "a perfect order, 0 is none. A model may be good at one and poor at the other.");
}

std::string CalibrationSections(const Validation& validation) {
  std::string html = Heading("By frequency") + RenderSvg(FrequencyPlot(validation)) +
                     Read(
                         "Expected and actual should stand at the same height in each pair. A "
                         "first pair that is too high means that one-time buyers are taken for "
                         "alive; pairs that part to the right, that heavy buyers regress more (or "
                         "less) than the model says.");
  Rows rows;
  for (const FrequencyBin& bin : validation.bins) {
    rows.push_back({bin.label, Number(bin.customers, 0), Number(bin.expected, 3),
                    Number(bin.actual, 3), Number(bin.standard_error, 3)});
  }
  html += Table("", {"repeat purchases", "customers", "expected", "actual", "s.e. of difference"},
                rows);
  html += Heading("By decile of the prediction") + RenderSvg(DecilePlot(validation)) +
          Read(
              "Bars should fall from left to right: where the actual ones rise, the order is "
              "wrong there. Customers with equal predictions are split between deciles in "
              "proportion, so that each decile is a tenth.");
  rows.clear();
  const Agreement& agreement = validation.has_value ? validation.value : validation.purchases;
  for (size_t i = 0; i < agreement.deciles.size(); ++i) {
    const Decile& decile = agreement.deciles[i];
    rows.push_back({absl::StrCat(i + 1), Number(decile.customers, 1), Number(decile.expected, 3),
                    Number(decile.actual, 3)});
  }
  html += Table("", {"decile", "customers", "expected", "actual"}, rows);
  html += Heading("Who is found") + RenderSvg(LiftPlot(validation)) +
          Read(
              "How much of what came the top of the list held. The nearer to the best possible "
              "order, the better; on the line of no order a list drawn by lot would do as well. "
              "The Gini gain is the area above that line as a share of the best order's.");
  return html;
}

std::string TrackingSection(const ReportFacts& facts, const Tracking* tracking) {
  std::string html = Heading("Tracking");
  if (tracking == nullptr) return html + "<p>" + EscapeMarkup(facts.no_tracking) + "</p>\n";
  const TrackingShape shape = ShapeOf(*tracking);
  html += RenderSvg(CumulativePlot(*tracking)) +
          Read(
              "The lines should lie on each other left of the rule (the model saw that) and stay "
              "together right of it. A gap that opens to the right is a drift: upwards growth, "
              "season or campaigns, downwards more dropout than expected.") +
          RenderSvg(WeeklyPlot(*tracking)) +
          Read(
              "The model knows no seasons and no campaigns: it should run through the middle of "
              "the weeks. Expected here is of the whole cohort from each customer's first "
              "purchase, not given their histories, so its sum differs from that of the figures "
              "above.");
  html += Table("", {"", "expected", "actual"},
                {{"up to the split", Number(tracking->calibration_expected, 1),
                  Number(tracking->calibration_actual, 0)},
                 {"whole weeks of the holdout", Number(tracking->holdout_expected, 1),
                  Number(tracking->holdout_actual, 0)}});
  absl::StrAppend(&html, "<p>Running totals over the holdout are off by ",
                  Percent(shape.mean_absolute_cumulative_error),
                  " on average; from its first half to its second actual against expected changes "
                  "by ",
                  Percent(shape.drift), ".</p>\n");
  if (tracking->days_left_out > 0) {
    absl::StrAppend(&html, "<p>The last ", tracking->days_left_out,
                    " days of the holdout make no whole week and are left out here.</p>\n");
  }
  return html;
}

std::string ModelSection(const ReportFacts& facts) {
  Rows rows;
  for (const ParameterEstimate& parameter : facts.parameters) {
    rows.push_back({parameter.name, Digits(parameter.estimate), Digits(parameter.standard_error)});
  }
  std::string html =
      Heading("Model") + "<p><strong>" + EscapeMarkup(facts.model) + "</strong>, " +
      EscapeMarkup(facts.model_origin) + "; purchases " + EscapeMarkup(facts.fit_verdict) +
      ", spend " + EscapeMarkup(facts.spend_verdict) + ". Times in units of " +
      Digits(facts.time_unit_days) + " days. Value is " + EscapeMarkup(facts.basis) + ".</p>\n";
  html += Table("", {"parameter", "estimate", "standard error"}, rows);
  if (facts.tried.size() > 1) {
    rows.clear();
    for (const TriedModel& tried : facts.tried) {
      rows.push_back({tried.model, Number(tried.log_likelihood, 2), Number(tried.expected, 1),
                      Number(tried.mean_absolute_error, 4), tried.verdict});
    }
    html += "<p>All that were tried on the same data:</p>\n" +
            Table("", {"model", "log-likelihood", "expected purchases", "MAE", "verdict"}, rows);
  }
  return html + "<p>Version <code>" + EscapeMarkup(facts.version) + "</code></p>\n";
}

std::string DataSection(const ReportFacts& facts) {
  Rows rows;
  for (const auto& [name, value] : facts.data) rows.push_back({name, value});
  return Heading("Data") + Table("words", {"what", "value"}, rows);
}

}  // namespace

std::string RenderReport(const ReportFacts& facts, const Validation& validation,
                         const Tracking* tracking, const Verdict& verdict) {
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
      "<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"/>\n<title>Validation of ",
      EscapeMarkup(facts.model), "</title>\n<style>\n", kStyle, PlotStyle(),
      "</style>\n</head>\n<body>\n<h1>Validation of ", EscapeMarkup(facts.model), " on ",
      Digits(validation.holdout_days), " days held out</h1>\n", VerdictSection(verdict, facts),
      MetricsSection(validation), CalibrationSections(validation), TrackingSection(facts, tracking),
      ModelSection(facts), DataSection(facts), "</body>\n</html>\n");
}

}  // namespace tenure::validation
