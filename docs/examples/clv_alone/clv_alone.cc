// Fits MBG/NBD to a handful of summaries and asks what the first customer is worth.
#include <cstdio>
#include <vector>

#include "server/clv/value_model.h"

int main() {
  // frequency, recency and age in days, mean spend of the repeat purchases.
  std::vector<tenure::clv::Observation> customers;
  for (int i = 0; i < 400; ++i) {
    const double x = i % 5;
    const double age = 200 + i % 90;
    customers.push_back({x, x > 0 ? age * (0.3 + 0.15 * x) : 0, age, x > 0 ? 20.0 + i % 17 : 0});
  }
  tenure::clv::ValueOptions options;
  options.model = "mbg_nbd";
  const auto fitted = tenure::clv::FitValueModel(customers, options);
  if (!fitted.ok()) {
    std::fprintf(stderr, "%s\n", std::string(fitted.status().message()).c_str());
    return 1;
  }
  std::printf("%s: %s\n", fitted->report.chosen.c_str(), fitted->report.why.c_str());
  tenure::clv::ValueFeatures value{};
  fitted->model->Compute({&customers[4], 1}, {&value, 1});
  std::printf(
      "P(alive) %.3f, a year's %s %.2f (mean %.2f to %.2f, outcome %.2f to %.2f), by %.12s\n",
      value.p_alive, fitted->model->basis(), value.clv, value.clv_mean_low, value.clv_mean_high,
      value.clv_predictive_low, value.clv_predictive_high, fitted->model->Version().c_str());
}
