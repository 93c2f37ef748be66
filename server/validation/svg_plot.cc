#include "server/validation/svg_plot.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/utf8.h"

namespace tenure::validation {
namespace {

constexpr double kWidth = 720, kHeight = 380;
constexpr double kLeft = 66, kRight = 18, kTop = 58, kBottom = 52;
constexpr double kLetter = 6.6;  // mean width at 12 px
constexpr double kMost = 1e300;
constexpr size_t kColours = 4;

struct Axis {
  double low = 0, high = 1;       // shown
  double from_px = 0, to_px = 1;  // where
  double Place(double value) const {
    const double clamped = std::clamp(value, -kMost, kMost);
    // Halves, so that the widest range is no infinity.
    return from_px + (to_px - from_px) * ((clamped / 2 - low / 2) / (high / 2 - low / 2));
  }
};

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void Add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, std::clamp(value, -kMost, kMost));
    high = std::max(high, std::clamp(value, -kMost, kMost));
  }
};

// The range, widened where it is empty or a point.
Axis AxisOver(Range range, double from_px, double to_px) {
  if (range.low > range.high) range = {0, 1};
  const double size = std::max(std::abs(range.low), std::abs(range.high));
  if (range.high / 2 - range.low / 2 <= 1e-9 * size || size < 1e-290) {
    const double pad = size < 1e-290 ? 1 : size / 2;
    if (range.low != 0 || size < 1e-290) range.low = range.low < 0 ? range.low - pad : 0;
    range.high = range.high > 0 ? range.high + pad : (range.low < 0 ? 0 : 1);
  }
  return {range.low, range.high, from_px, to_px};
}

double NiceStep(double low, double high) {
  const double raw = (high / 2 - low / 2) * 0.4;  // about five steps
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (double step : {1.0, 2.0, 5.0}) {
    if (step * power >= raw) return step * power;
  }
  return 10 * power;
}

std::string TickLabel(double value, double step) {
  if (value == 0) return "0";
  if (step >= 1e12 || step < 1e-5) return absl::StrFormat("%.3g", value);
  for (const auto& [unit, name] : {std::pair{1e9, "G"}, {1e6, "M"}, {1e3, "k"}}) {
    if (step >= unit) return absl::StrCat(absl::StrFormat("%.0f", value / unit), name);
  }
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
  return absl::StrFormat("%.*f", decimals, value);
}

std::string Text(double x, double y, absl::string_view css_class, absl::string_view text) {
  return absl::StrFormat("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, css_class,
                         EscapeMarkup(text));
}

std::string Line(double x1, double y1, double x2, double y2, absl::string_view css_class) {
  return absl::StrFormat("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n",
                         x1, y1, x2, y2, css_class);
}

void DrawBars(const Plot& plot, size_t index, size_t of, size_t colour, const Axis& y,
              std::string* svg) {
  const std::vector<double>& values = plot.series[colour].y;
  const double slot = (kWidth - kLeft - kRight) / static_cast<double>(plot.categories.size());
  const double width = 0.8 * slot / static_cast<double>(of);
  for (size_t i = 0; i < std::min(values.size(), plot.categories.size()); ++i) {
    if (!std::isfinite(values[i])) continue;
    const double x =
        kLeft + slot * (static_cast<double>(i) + 0.1) + width * static_cast<double>(index);
    const double zero = y.Place(0);
    const double end = y.Place(values[i]);
    absl::StrAppendFormat(
        svg, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"fill%d\"/>\n", x,
        std::min(zero, end), width, std::abs(zero - end), colour % kColours);
  }
}

void DrawLine(const PlotSeries& series, size_t colour, const Axis& x, const Axis& y,
              std::string* svg) {
  std::string path;
  bool pen_down = false;
  for (size_t i = 0; i < std::min(series.x.size(), series.y.size()); ++i) {
    if (!std::isfinite(series.x[i]) || !std::isfinite(series.y[i])) {
      pen_down = false;
      continue;
    }
    const double at_x = x.Place(series.x[i]);
    const double at_y = y.Place(series.y[i]);
    if (series.mark == Mark::kPoints) {
      absl::StrAppendFormat(svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" class=\"fill%d\"/>\n",
                            at_x, at_y, colour % kColours);
    } else {
      absl::StrAppendFormat(&path, "%c%.1f %.1f", pen_down ? 'L' : 'M', at_x, at_y);
    }
    pen_down = true;
  }
  if (path.empty()) return;
  absl::StrAppendFormat(svg, "<path d=\"%s\" class=\"line line%d%s\"/>\n", path, colour % kColours,
                        series.mark == Mark::kDashedLine ? " dashed" : "");
}

void DrawLegend(const Plot& plot, std::string* svg) {
  double x = kLeft;
  for (size_t i = 0; i < plot.series.size(); ++i) {
    const PlotSeries& series = plot.series[i];
    if (series.mark == Mark::kBars || series.mark == Mark::kPoints) {
      absl::StrAppendFormat(
          svg, "<rect x=\"%.1f\" y=\"34\" width=\"18\" height=\"10\" class=\"fill%d\"/>\n", x,
          i % kColours);
    } else {
      absl::StrAppendFormat(svg, "<path d=\"M%.1f 39L%.1f 39\" class=\"line line%d%s\"/>\n", x,
                            x + 18, i % kColours,
                            series.mark == Mark::kDashedLine ? " dashed" : "");
    }
    absl::StrAppend(svg, Text(x + 24, 43, "text", series.name));
    x += 24 + kLetter * static_cast<double>(series.name.size()) + 22;
  }
}

void DrawAxes(const Plot& plot, const Axis& x, const Axis& y, std::string* svg) {
  const double step_y = NiceStep(y.low, y.high);
  for (double tick : NiceTicks(y.low, y.high)) {
    absl::StrAppend(svg, Line(kLeft, y.Place(tick), kWidth - kRight, y.Place(tick), "grid"),
                    Text(kLeft - 8, y.Place(tick) + 4, "text end", TickLabel(tick, step_y)));
  }
  const double bottom = kHeight - kBottom;
  if (plot.categories.empty()) {
    for (double tick : NiceTicks(x.low, x.high)) {
      absl::StrAppend(svg, Line(x.Place(tick), bottom, x.Place(tick), bottom + 5, "axis"),
                      Text(x.Place(tick), bottom + 18, "text middle",
                           TickLabel(tick, NiceStep(x.low, x.high))));
    }
  }
  const double slot = (kWidth - kLeft - kRight) / static_cast<double>(plot.categories.size());
  for (size_t i = 0; i < plot.categories.size(); ++i) {
    absl::StrAppend(svg, Text(kLeft + slot * (static_cast<double>(i) + 0.5), bottom + 18,
                              "text middle", plot.categories[i]));
  }
  absl::StrAppend(svg, Line(kLeft, kTop, kLeft, bottom, "axis"),
                  Line(kLeft, y.Place(0), kWidth - kRight, y.Place(0), "axis"),
                  Text((kLeft + kWidth - kRight) / 2, kHeight - 12, "text middle", plot.x_label));
  absl::StrAppendFormat(
      svg, "<text transform=\"translate(16 %.1f) rotate(-90)\" class=\"text middle\">%s</text>\n",
      (kTop + bottom) / 2, EscapeMarkup(plot.y_label));
}

}  // namespace

std::string EscapeMarkup(absl::string_view text) {
  std::string escaped;
  for (const char c : ReplaceInvalidUtf8(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default: {
        // XML has no control characters but these three.
        const bool control = static_cast<unsigned char>(c) < 0x20;
        if (control && c != '\t' && c != '\n' && c != '\r') {
          escaped += "\xEF\xBF\xBD";
        } else {
          escaped += c;
        }
      }
    }
  }
  return escaped;
}

std::vector<double> NiceTicks(double low, double high) {
  const double step = NiceStep(low, high);
  const double first = std::ceil(low / step - 1e-9);
  const double last = std::floor(high / step + 1e-9);
  std::vector<double> ticks;
  for (int i = 0; i <= static_cast<int>(std::min(last - first, 10.0)); ++i) {
    ticks.push_back((first + i) * step);
  }
  return ticks;
}

std::string PlotStyle() {
  return R"(.plot{max-width:100%;height:auto}
.plot .ground{fill:#fff}.plot .text{fill:#222;font:12px system-ui,sans-serif}
.plot .title{fill:#111;font:600 15px system-ui,sans-serif}
.plot .middle{text-anchor:middle}.plot .end{text-anchor:end}
.plot .grid{stroke:#ddd}.plot .axis{stroke:#555}.plot .rule{stroke:#555;stroke-dasharray:2 3}
.plot .line{fill:none;stroke-width:2}.plot .dashed{stroke-dasharray:7 4}
.plot .line0{stroke:#0072b2}.plot .line1{stroke:#c04f00}.plot .line2{stroke:#007a5a}
.plot .line3{stroke:#777}.plot .fill0{fill:#0072b2}.plot .fill1{fill:#c04f00}
.plot .fill2{fill:#007a5a}.plot .fill3{fill:#777}
@media (prefers-color-scheme:dark){
.plot .ground{fill:#16181c}.plot .text{fill:#ddd}.plot .title{fill:#f2f2f2}
.plot .grid{stroke:#33373d}.plot .axis,.plot .rule{stroke:#aaa}
.plot .line0{stroke:#56b4e9}.plot .line1{stroke:#f0a030}.plot .line2{stroke:#2bc59a}
.plot .line3{stroke:#aaa}.plot .fill0{fill:#56b4e9}.plot .fill1{fill:#f0a030}
.plot .fill2{fill:#2bc59a}.plot .fill3{fill:#aaa}}
)";
}

std::string RenderSvg(const Plot& plot) {
  Range range_x, range_y;
  range_y.Add(0);
  size_t bars = 0;
  for (const PlotSeries& series : plot.series) {
    const bool is_bars = series.mark == Mark::kBars;
    if (is_bars) ++bars;
    for (size_t i = 0; i < series.y.size(); ++i) {
      if (!is_bars && (i >= series.x.size() || !std::isfinite(series.x[i]))) continue;
      range_y.Add(series.y[i]);
      if (!is_bars && std::isfinite(series.y[i])) range_x.Add(series.x[i]);
    }
  }
  const Axis x = AxisOver(range_x, kLeft, kWidth - kRight);
  const Axis y = AxisOver(range_y, kHeight - kBottom, kTop);
  const std::string id = EscapeMarkup(plot.id);
  std::string svg = absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\" "
      "viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" aria-labelledby=\"%s-title "
      "%s-desc\">\n<title id=\"%s-title\">%s</title>\n<desc id=\"%s-desc\">%s</desc>\n"
      "<rect width=\"%.0f\" height=\"%.0f\" class=\"ground\"/>\n",
      kWidth, kHeight, kWidth, kHeight, id, id, id, EscapeMarkup(plot.title), id,
      EscapeMarkup(plot.description), kWidth, kHeight);
  absl::StrAppend(&svg, Text(kLeft, 22, "title", plot.title));
  DrawLegend(plot, &svg);
  DrawAxes(plot, x, y, &svg);
  size_t bar = 0;
  for (size_t i = 0; i < plot.series.size(); ++i) {
    if (plot.series[i].mark == Mark::kBars) {
      DrawBars(plot, bar++, bars, i, y, &svg);
    } else {
      DrawLine(plot.series[i], i, x, y, &svg);
    }
  }
  if (plot.rule_x.has_value() && *plot.rule_x >= x.low && *plot.rule_x <= x.high) {
    const double at = x.Place(*plot.rule_x);
    absl::StrAppend(&svg, Line(at, kTop, at, kHeight - kBottom, "rule"),
                    Text(at + 5, kTop + 12, "text", plot.rule_label));
  }
  svg += "</svg>\n";
  return svg;
}

}  // namespace tenure::validation
