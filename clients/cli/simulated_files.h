// The files of `tenure simulate`: orders, the truth about customers, their columns, contacts.
#ifndef TENURE_CLIENTS_CLI_SIMULATED_FILES_H_
#define TENURE_CLIENTS_CLI_SIMULATED_FILES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "clients/cli/text_rows.h"
#include "server/clv/shop_simulator.h"

namespace tenure::cli {

// The days of a record as text, made once.
class DayTexts {
 public:
  // `days` of them, the first counted from 1970-01-01.
  DayTexts(int64_t first, int64_t days);
  // "2018-01-03", the day `day` of the record.
  absl::string_view operator[](int64_t day) const {
    return {texts_.data() + day * kLength, kLength};
  }

 private:
  static constexpr size_t kLength = 10;
  std::string texts_;
};

struct SimulatedTotals {
  uint64_t purchases = 0;
  uint64_t alive = 0;
  double revenue = 0;
  uint64_t treated = 0;   // contacts made
  uint64_t held_out = 0;  // contacts that the holdout was spared
};

// Writes customers of one scenario, in order. Empty paths: orders go to standard output, other
// files are not written. Not thread-safe.
class SimulatedFiles {
 public:
  struct Paths {
    std::string orders, truth, attributes, contacts;
  };

  // `shop` must outlive it.
  SimulatedFiles(const clv::ShopSimulator* shop, const Paths& paths, double margin_rate);

  void Write(uint64_t index, const clv::ShopCustomer& customer);
  // Whether a file can't be written: stop.
  bool failed() const;
  const SimulatedTotals& totals() const { return totals_; }
  // UNAVAILABLE naming the file.
  absl::Status Finish();

 private:
  void WriteHeaders();
  void WriteOrders(const clv::ShopCustomer& customer);
  void WriteTruth(const clv::ShopCustomer& customer);
  void WriteAttributes(const clv::ShopCustomer& customer);
  void WriteContacts(const clv::ShopCustomer& customer);
  // "C001" by index 0: the same however many there are.
  void SetId(uint64_t index);

  const clv::ShopSimulator* const shop_;
  const double margin_rate_;
  const DayTexts days_;
  TextRows orders_;
  std::unique_ptr<TextRows> truth_, attributes_, contacts_;
  SimulatedTotals totals_;
  char id_[24];
  absl::string_view id_text_;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SIMULATED_FILES_H_
