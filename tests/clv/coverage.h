// Whether 95 % intervals are neither too narrow nor too wide: what they cover, and their width
// against the spread of what they are about.
#ifndef TENURE_TESTS_CLV_COVERAGE_H_
#define TENURE_TESTS_CLV_COVERAGE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace tenure::clv {

// Intervals of independent shops, around estimates above 0, each with the figure it should hold.
class Coverage {
 public:
  void Add(double low, double estimate, double high, double truth) {
    ++count_;
    held_ += truth >= low && truth <= high;
    const double away = std::log(truth / estimate);
    sum_ += away;
    squares_ += away * away;
    widths_.push_back(std::log(high / low));
  }

  // The share held is within three standard errors of 95 %; of 100 shops or more one at least is
  // outside (all inside has a chance of 0.6 %). The median width, on the scale of logs (a fit that
  // ended at a boundary has a far wider one), is that of a Normal with the spread seen, within 3.5
  // standard errors of that spread: too wide fails it too.
  void Check(const std::string& what) const {
    const double n = count_;
    const double error = std::sqrt(0.95 * 0.05 / n);
    EXPECT_GE(held_ / n, 0.95 - 3 * error) << what;
    const double most = std::min(0.95 + 3 * error, count_ >= 100 ? 1 - 1 / n : 1);
    EXPECT_LE(held_ / n, most) << what;
    const double spread = std::sqrt((squares_ - sum_ * sum_ / n) / (n - 1));
    std::vector<double> widths = widths_;
    std::nth_element(widths.begin(), widths.begin() + count_ / 2, widths.end());
    const double width = widths[widths.size() / 2] / (2 * 1.959963984540054);
    EXPECT_NEAR(std::log(width / spread), 0, 3.5 / std::sqrt(2 * (n - 1)))
        << what << ": median width " << width << ", spread " << spread << ", held " << held_
        << " of " << count_;
  }

 private:
  int count_ = 0, held_ = 0;
  double sum_ = 0, squares_ = 0;
  std::vector<double> widths_;
};

}  // namespace tenure::clv

#endif  // TENURE_TESTS_CLV_COVERAGE_H_
