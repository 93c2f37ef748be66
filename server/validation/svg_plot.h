// A plot as one SVG element: axes with round ticks, lines, bars, a legend. No scripts, no outside
// resources, well-formed XML whatever the numbers and texts.
#ifndef TENURE_SERVER_VALIDATION_SVG_PLOT_H_
#define TENURE_SERVER_VALIDATION_SVG_PLOT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tenure::validation {

enum class Mark { kBars, kLine, kDashedLine, kPoints };

// Values at x; what is not finite is left out, and a line is broken there. Bars stand at the
// categories of the plot and have no x.
struct PlotSeries {
  std::string name;  // in the legend
  Mark mark = Mark::kLine;
  std::vector<double> x;
  std::vector<double> y;
};

struct Plot {
  std::string id;  // unique in the document: letters, digits and hyphens
  std::string title;
  std::string description;  // what it shows, for who can't see it
  std::string x_label;
  std::string y_label;
  std::vector<std::string> categories;  // of the x axis; empty: x is a number
  std::vector<PlotSeries> series;       // colours by their order; four are told apart
  std::optional<double> rule_x;         // a vertical rule there
  std::string rule_label;
};

// Zero is always on the y axis. Values beyond ±1e300 are drawn there. Thread-safe.
std::string RenderSvg(const Plot& plot);

// The colours of all plots, light and dark: once in a document, within a style element.
std::string PlotStyle();

// Text as it may stand in an element or a quoted attribute: markup escaped, invalid UTF-8 and
// characters that XML has not replaced by U+FFFD.
std::string EscapeMarkup(absl::string_view text);

// Ticks of an axis that shows low to high, low < high: multiples of 1, 2 or 5 times a power of ten,
// 3 to 11 of them, all within.
std::vector<double> NiceTicks(double low, double high);

}  // namespace tenure::validation

#endif  // TENURE_SERVER_VALIDATION_SVG_PLOT_H_
