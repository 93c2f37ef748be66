#include "server/validation/plots.h"

#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tenure::validation {
namespace {

Plot TrackingPlot(const Tracking& tracking, double TrackingWeek::*expected,
                  double TrackingWeek::*actual, bool whole_weeks) {
  Plot plot;
  plot.x_label = "weeks since the first customer's first purchase";
  plot.y_label = "repeat purchases";
  PlotSeries model{"expected", Mark::kDashedLine, {}, {}};
  PlotSeries seen{"actual", Mark::kLine, {}, {}};
  double days = 0;
  for (const TrackingWeek& week : tracking.weeks) {
    days += week.days;
    if (!week.holdout) plot.rule_x = days / 7;
    if (whole_weeks && week.days < 7) continue;
    for (PlotSeries* series : {&model, &seen}) series->x.push_back(days / 7);
    model.y.push_back(week.*expected);
    seen.y.push_back(week.*actual);
  }
  plot.rule_label = "holdout begins";
  plot.series = {std::move(model), std::move(seen)};
  return plot;
}

const Agreement& Ranked(const Validation& validation) {
  return validation.has_value ? validation.value : validation.purchases;
}
const char* Unit(const Validation& validation) {
  return validation.has_value ? "spend" : "purchases";
}

}  // namespace

Plot FrequencyPlot(const Validation& validation) {
  Plot plot;
  plot.id = "frequency";
  plot.title = "Holdout purchases by frequency";
  plot.description =
      "Mean purchases a customer in the holdout, expected and actual, for customers with 0, 1, up "
      "to 7 or more repeat purchases before it.";
  plot.x_label = "repeat purchases before the holdout";
  plot.y_label = "mean purchases in the holdout";
  PlotSeries expected{"expected", Mark::kBars, {}, {}};
  PlotSeries actual{"actual", Mark::kBars, {}, {}};
  for (const FrequencyBin& bin : validation.bins) {
    plot.categories.push_back(bin.label);
    expected.y.push_back(bin.expected);
    actual.y.push_back(bin.actual);
  }
  plot.series = {std::move(expected), std::move(actual)};
  return plot;
}

Plot DecilePlot(const Validation& validation) {
  Plot plot;
  plot.id = "deciles";
  plot.title = absl::StrCat("Holdout ", Unit(validation), " by decile of the prediction");
  plot.description = absl::StrCat(
      "Mean ", Unit(validation),
      " a customer in the holdout, expected and actual, for each tenth of the customers, those "
      "predicted highest first.");
  plot.x_label = "decile, 1 is predicted highest";
  plot.y_label = absl::StrCat("mean ", Unit(validation), " in the holdout");
  PlotSeries expected{"expected", Mark::kBars, {}, {}};
  PlotSeries actual{"actual", Mark::kBars, {}, {}};
  for (const Decile& decile : Ranked(validation).deciles) {
    plot.categories.push_back(absl::StrCat(plot.categories.size() + 1));
    expected.y.push_back(decile.expected);
    actual.y.push_back(decile.actual);
  }
  plot.series = {std::move(expected), std::move(actual)};
  return plot;
}

Plot LiftPlot(const Validation& validation) {
  Plot plot;
  plot.id = "lift";
  plot.title = absl::StrCat("Share of the holdout's ", Unit(validation), " found");
  plot.description = absl::StrCat(
      "Share of all ", Unit(validation),
      " of the holdout that the customers predicted highest hold, against their share of all "
      "customers; beside it the best possible order and no order.");
  plot.x_label = "% of customers, predicted highest first";
  plot.y_label = absl::StrCat("% of ", Unit(validation));
  const Agreement& agreement = Ranked(validation);
  PlotSeries model{"by the model", Mark::kLine, {}, {}};
  PlotSeries best{"best possible", Mark::kDashedLine, {}, {}};
  for (size_t i = 0; i < agreement.lift.size(); ++i) {
    for (PlotSeries* series : {&model, &best}) series->x.push_back(static_cast<double>(i));
    model.y.push_back(100 * agreement.lift[i]);
    best.y.push_back(100 * agreement.best_lift[i]);
  }
  plot.series = {std::move(model), std::move(best), {"no order", Mark::kLine, {0, 100}, {0, 100}}};
  return plot;
}

Plot CumulativePlot(const Tracking& tracking) {
  Plot plot =
      TrackingPlot(tracking, &TrackingWeek::expected_total, &TrackingWeek::actual_total, false);
  plot.id = "cumulative";
  plot.title = "Repeat purchases of the cohort, cumulative";
  plot.description =
      "Repeat purchases of all customers up to the end of each week, expected and actual, before "
      "and in the holdout.";
  return plot;
}

Plot WeeklyPlot(const Tracking& tracking) {
  Plot plot = TrackingPlot(tracking, &TrackingWeek::expected, &TrackingWeek::actual, true);
  plot.id = "weekly";
  plot.title = "Repeat purchases of the cohort, week by week";
  plot.description =
      "Repeat purchases of all customers within each week, expected and actual, before and in the "
      "holdout.";
  return plot;
}

}  // namespace tenure::validation
