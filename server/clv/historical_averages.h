// The averages that historical CLV is made of, over the customers of a summary, and how well so
// many customers tell them.
#ifndef TENURE_SERVER_CLV_HISTORICAL_AVERAGES_H_
#define TENURE_SERVER_CLV_HISTORICAL_AVERAGES_H_

#include <array>
#include <cstddef>

namespace tenure::clv {

// Fed row by row. Not thread-safe.
class HistoricalAverages {
 public:
  // One customer, or `weight` alike: `frequency` repeat purchases over `age` periods, of a mean
  // spend that may be none (IsSpend).
  void Add(double frequency, double age, double mean_spend, double weight = 1);

  // Revenue of a purchase: over all purchases whose spend is known. NaN without one.
  double AveragePurchase() const;
  // Of a customer in a period. NaN where nobody was observed for any time.
  double PurchasesPerPeriod() const;
  // Standard error of the log of the product of those asked for: both are ratios of sums over
  // customers, linearised (Cochran 1977, Sampling Techniques, chapter 6). NaN of fewer than two
  // customers.
  double LogStandardError(bool of_purchase, bool of_frequency) const;

 private:
  enum Sum { kSpent, kSpentOn, kPurchases, kTime, kSums };
  double At(size_t row, size_t column) const { return products_[row * kSums + column]; }

  double customers_ = 0;
  std::array<double, kSums> sums_{};
  std::array<double, size_t{kSums} * kSums> products_{};  // Σ of each two of a customer's
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_HISTORICAL_AVERAGES_H_
