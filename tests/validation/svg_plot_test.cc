#include "server/validation/svg_plot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/validation/xml.h"

namespace tenure::validation {
namespace {

Plot LinePlot(std::vector<double> x, std::vector<double> y) {
  Plot plot;
  plot.id = "a";
  plot.title = "Title";
  plot.description = "What it shows.";
  plot.x_label = "x";
  plot.y_label = "y";
  plot.series = {{"line", Mark::kLine, x, y},
                 {"points", Mark::kPoints, x, y},
                 {"dashes", Mark::kDashedLine, x, y}};
  plot.rule_x = 1;
  plot.rule_label = "rule";
  return plot;
}

TEST(RenderSvg, EmptyConstantHugeAndBrokenData_AreWellFormedWithFiniteCoordinates) {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double most = std::numeric_limits<double>::max();
  const double least = std::numeric_limits<double>::denorm_min();
  std::string all = "<all>";
  for (const auto& [x, y] : std::vector<std::pair<std::vector<double>, std::vector<double>>>{
           {{}, {}},
           {{1}, {1}},
           {{1, 2, 3}, {0, 0, 0}},
           {{1, 2, 3}, {7, 7, 7}},
           {{5, 5, 5}, {-7, -7, -7}},
           {{-1, 0, 1}, {-5, 0, 5}},
           {{0, 1}, {-most, most}},
           {{-most, most}, {most, most}},
           {{0, least}, {0, least}},
           {{1e15, 1e15 + 1}, {1e-9, 2e-9}},
           {{1, 2, 3}, {nan, inf, -inf}},
           {{1, nan, 3, 4}, {1, 2, nan, 4}},
           {{1, 2, 3}, {1}},
           {{1}, {1, 2, 3}}}) {
    Plot plot = LinePlot(x, y);
    all += RenderSvg(plot);
    plot.categories = {"a", "b"};
    for (PlotSeries& series : plot.series) series.mark = Mark::kBars;
    all += RenderSvg(plot);
    plot.categories.clear();
    all += RenderSvg(plot);
  }
  all += "</all>";
  EXPECT_EQ(XmlProblem(all), "");
  EXPECT_EQ(all.find("nan"), std::string::npos);
  EXPECT_EQ(all.find("inf"), std::string::npos);
}

TEST(RenderSvg, TextWithMarkup_IsEscaped) {
  Plot plot = LinePlot({0, 1}, {0, 1});
  plot.title = "<script>alert('1 & \"2\"')</script>\x01\xff";
  plot.categories = {"]]>", "&"};
  plot.series[0].name = "<b>";
  const std::string svg = RenderSvg(plot);
  EXPECT_EQ(XmlProblem(svg), "");
  EXPECT_EQ(svg.find("<script"), std::string::npos);
  EXPECT_NE(svg.find("&lt;script&gt;alert(&#39;1 &amp; &quot;2&quot;&#39;)"), std::string::npos);
}

TEST(RenderSvg, Plot_HasTitleDescriptionAndRoleForThoseWhoCantSeeIt) {
  const std::string svg = RenderSvg(LinePlot({0, 1}, {0, 1}));
  EXPECT_NE(svg.find("role=\"img\""), std::string::npos);
  EXPECT_NE(svg.find("aria-labelledby=\"a-title a-desc\""), std::string::npos);
  EXPECT_NE(svg.find("<title id=\"a-title\">Title</title>"), std::string::npos);
  EXPECT_NE(svg.find("<desc id=\"a-desc\">What it shows.</desc>"), std::string::npos);
}

TEST(RenderSvg, MissingPoint_BreaksTheLine) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Plot plot = LinePlot({0, 1, 2, 3, 4}, {0, 1, nan, 1, 0});
  plot.series.resize(1);
  const std::string svg = RenderSvg(plot);
  const size_t path = svg.find("<path d=\"M", svg.find("class=\"axis\""));
  ASSERT_NE(path, std::string::npos);
  const std::string drawn = svg.substr(path + 9, svg.find('"', path + 9) - path - 9);
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), 'M'), 2) << drawn;
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), 'L'), 2) << drawn;
}

TEST(NiceTicks, Range_HasRoundTicksWithin) {
  EXPECT_EQ(NiceTicks(0, 10), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(NiceTicks(0, 7), (std::vector<double>{0, 2, 4, 6}));
  for (double high : {1e-280, 3.7e-5, 0.9, 1.0, 1.3, 42.0, 99.9, 1e6, 7.7e21, 1e300}) {
    const std::vector<double> ticks = NiceTicks(0, high);
    EXPECT_GE(ticks.size(), 3u) << high;
    EXPECT_LE(ticks.size(), 11u) << high;
    EXPECT_EQ(ticks[0], 0);
    EXPECT_LE(ticks.back(), high * (1 + 1e-9));
  }
}

}  // namespace
}  // namespace tenure::validation
