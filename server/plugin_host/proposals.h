// What a policy proposed for rows × offers, after the host's checks.
#ifndef TENURE_SERVER_PLUGIN_HOST_PROPOSALS_H_
#define TENURE_SERVER_PLUGIN_HOST_PROPOSALS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tenure::plugin_host {

enum class ProposalStatus : uint8_t {
  kIneligible = 0,       // the caller's mask: never asked for
  kOk = 1,               // the numbers stand
  kDeclined = 2,         // the plugin has nothing to propose; reason: its own code
  kError = 3,            // failed a check, or the plugin said so; reason: a ProposalFault
  kFilteredMissing = 4,  // a required value is missing; reason: index into Plugin::columns()
};

// What a value rests on. The numbers are the ABI's.
enum class ProposalBasis : uint8_t { kNone = 0, kAssumed = 1, kPooled = 2, kMeasured = 3 };

// Why a cell is kError.
enum class ProposalFault : int32_t {
  kNone = 0,
  kByPlugin = 1,     // the plugin marked the cell itself
  kNotWritten = 2,   // left as it was handed over
  kNotFinite = 3,    // NaN or infinite
  kProbability = 4,  // outside [0, 1]
  kStandardError = 5,
  kCost = 6,       // negative, or beyond what money holds
  kLiability = 7,  // below the expected cost
  kBasis = 8,
  kStatus = 9,
};

// Zero but for status and reason unless status is kOk.
struct Proposal {
  double gross_value = 0;    // G: expected incremental margin, currency units; may be negative
  double value_stderr = 0;   // of gross_value
  double p_baseline = 0;     // P(purchase in the response window) without the offer
  double p_treated = 0;      // with it
  double expected_cost = 0;  // currency units
  int64_t expected_cost_micros = 0;  // the same, rounded up
  int64_t liability_micros = 0;      // the most it can cost while valid
  ProposalBasis basis = ProposalBasis::kNone;
  ProposalStatus status = ProposalStatus::kIneligible;
  int32_t reason = 0;
};

// The cells as columns, row-major rows × offers. Numbers are 0 but where the status is kOk.
struct ProposalColumns {
  const double* gross_value;
  const double* value_stderr;
  const double* p_baseline;
  const double* p_treated;
  const double* expected_cost;
  const int64_t* liability_micros;
  const ProposalBasis* basis;
  const ProposalStatus* status;
  const int32_t* reason;
};

// Row-major rows × offers: the very arrays that a plugin writes into. Keep one per thread and reuse
// it: it allocates only to grow. Not thread-safe.
class Proposals {
 public:
  size_t rows() const { return rows_; }
  size_t offers() const { return offers_; }
  Proposal at(size_t row, size_t offer) const;
  ProposalColumns columns() const;

 private:
  friend class Policy;
  friend class ProposalCheck;
  void Reset(size_t rows, size_t offers);

  size_t rows_ = 0;
  size_t offers_ = 0;
  std::vector<double> doubles_;  // five arrays of rows × offers
  std::vector<int64_t> liability_;
  std::vector<int32_t> reason_;
  std::vector<ProposalBasis> basis_;
  std::vector<ProposalStatus> status_;
  std::vector<uint8_t> eligible_;  // as the plugin sees it
  struct Missing {
    size_t row;
    int32_t column;
  };
  std::vector<Missing> missing_;  // rows that lack a required value, with the first such column
};

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_PROPOSALS_H_
