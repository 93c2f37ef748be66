#include "server/plugin_host/proposal_check.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace tenure::plugin_host {
namespace {

// A quiet NaN that no arithmetic makes, and bytes that are no status and no basis.
constexpr uint64_t kPoisonBits = 0x7FF8'DEAD'5A5A'A5A5u;
constexpr int64_t kPoisonMicros = INT64_MIN + 0x5A5A;
constexpr uint8_t kPoisonByte = 0xA5;
constexpr double kMostUnits = 9.0e12;  // int64 micros hold a little more
// Money is rounded up, but not for the last bits of a product: a thousandth of a micro.
constexpr double kRoundingMicros = 1e-3;

double Poison() {
  double value;
  std::memcpy(&value, &kPoisonBits, sizeof value);
  return value;
}

bool IsPoison(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits == kPoisonBits;
}

bool IsProbability(double value) { return value >= 0 && value <= 1; }

bool IsBasis(uint8_t basis) {
  return static_cast<uint8_t>(basis - TENURE_BASIS_ASSUMED) <=
         TENURE_BASIS_MEASURED - TENURE_BASIS_ASSUMED;
}

// NaN, and so the poison, fails a comparison.
bool Passes(const tenure_result& r, size_t i) {
  return std::isfinite(r.gross_value[i]) && std::isfinite(r.value_stderr[i]) &&
         r.value_stderr[i] >= 0 && IsProbability(r.p_baseline[i]) &&
         IsProbability(r.p_treated[i]) && r.expected_cost[i] >= 0 &&
         r.expected_cost[i] <= kMostUnits && IsBasis(r.basis[i]) &&
         r.liability_micros[i] >= CostMicros(r.expected_cost[i]);
}

// Which fault a cell has that does not pass.
ProposalFault Fault(const tenure_result& r, size_t i) {
  const double numbers[] = {r.gross_value[i], r.value_stderr[i], r.p_baseline[i], r.p_treated[i],
                            r.expected_cost[i]};
  for (const double number : numbers) {
    if (IsPoison(number)) return ProposalFault::kNotWritten;
  }
  if (r.liability_micros[i] == kPoisonMicros) return ProposalFault::kNotWritten;
  if (r.basis[i] == kPoisonByte) return ProposalFault::kNotWritten;
  for (const double number : numbers) {
    if (!std::isfinite(number)) return ProposalFault::kNotFinite;
  }
  if (!IsProbability(r.p_baseline[i]) || !IsProbability(r.p_treated[i])) {
    return ProposalFault::kProbability;
  }
  if (r.value_stderr[i] < 0) return ProposalFault::kStandardError;
  if (r.expected_cost[i] < 0 || r.expected_cost[i] > kMostUnits) return ProposalFault::kCost;
  if (!IsBasis(r.basis[i])) return ProposalFault::kBasis;
  return ProposalFault::kLiability;
}

void Empty(ProposalStatus status, int32_t reason, const tenure_result& r, size_t i) {
  r.gross_value[i] = r.value_stderr[i] = r.p_baseline[i] = r.p_treated[i] = r.expected_cost[i] = 0;
  r.liability_micros[i] = 0;
  r.basis[i] = static_cast<uint8_t>(ProposalBasis::kNone);
  r.status[i] = static_cast<uint8_t>(status);
  r.reason[i] = reason;
}

void Refuse(ProposalFault fault, const tenure_result& r, size_t i) {
  Empty(ProposalStatus::kError, static_cast<int32_t>(fault), r, i);
}

void AcceptCell(const tenure_result& r, size_t i) {
  switch (r.status[i]) {
    case TENURE_CELL_OK:
      if (!Passes(r, i)) return Refuse(Fault(r, i), r, i);
      r.reason[i] = 0;
      return;
    case TENURE_CELL_DECLINED:
      return Empty(ProposalStatus::kDeclined, r.reason[i], r, i);
    case TENURE_CELL_ERROR:
      return Refuse(ProposalFault::kByPlugin, r, i);
    case kPoisonByte:
      return Refuse(ProposalFault::kNotWritten, r, i);
    default:
      return Refuse(ProposalFault::kStatus, r, i);
  }
}

// Whether all cells of [from, to) were asked for and pass. In whole numbers and without an early
// exit, so that the compiler makes vectors of it: what is out of its range sets the sign of `bad`.
// Stricter than Passes at −0 and at the far end of money, never laxer.
bool AllPass(const tenure_result& r, const uint8_t* asked, size_t from, size_t to) {
  unsigned bytes = 0;
  for (size_t i = from; i < to; ++i) {
    bytes |= static_cast<unsigned>((r.status[i] != TENURE_CELL_OK) | (asked[i] == 0) |
                                   !IsBasis(r.basis[i]));
  }
  if (bytes != 0) return false;
  constexpr auto bits = [](double value) { return std::bit_cast<int64_t>(value); };
  constexpr int64_t kMost = bits(std::numeric_limits<double>::max());
  constexpr int64_t kOne = bits(1);
  constexpr int64_t kWhole = int64_t{1} << 52;  // a double holds every whole number below
  constexpr int64_t kWholeBits = bits(static_cast<double>(kWhole));
  // The difference wraps only below 0, where the value's own sign tells.
  const auto outside = [](int64_t value, int64_t most) {
    return value | static_cast<int64_t>(static_cast<uint64_t>(most) - static_cast<uint64_t>(value));
  };
  int64_t bad = 0;
  for (size_t i = from; i < to; ++i) {
    const int64_t liability = r.liability_micros[i];
    // kWhole + liability, by its bits, less kWhole: a conversion that vectors have.
    const double held = std::bit_cast<double>(liability | kWholeBits) - static_cast<double>(kWhole);
    bad |= (kMost - (bits(r.gross_value[i]) & std::numeric_limits<int64_t>::max())) |
           outside(bits(r.value_stderr[i]), kMost) | outside(bits(r.p_baseline[i]), kOne) |
           outside(bits(r.p_treated[i]), kOne) | outside(bits(r.expected_cost[i]), kMost) |
           outside(liability, kWhole - 1) |
           bits(held - (r.expected_cost[i] * 1e6 - kRoundingMicros));
  }
  return bad >= 0;
}

}  // namespace

// By truncation, since ceil is a call on plain x86-64.
int64_t CostMicros(double units) {
  const double micros = std::max(0.0, units * 1e6 - kRoundingMicros);
  const auto whole = static_cast<int64_t>(micros);
  return whole + (static_cast<double>(whole) < micros);
}

void ProposalCheck::Prepare(const Plugin& plugin, absl::Span<const tenure_column> columns,
                            absl::Span<const uint8_t> eligible, size_t rows, size_t offers,
                            Proposals* out) {
  out->Reset(rows, offers);
  const size_t cells = rows * offers;
  std::fill_n(out->doubles_.begin(), 5 * cells, Poison());
  std::fill_n(out->liability_.begin(), cells, kPoisonMicros);
  std::fill_n(out->reason_.begin(), cells, 0);
  std::fill_n(out->basis_.begin(), cells, static_cast<ProposalBasis>(kPoisonByte));
  std::fill_n(out->status_.begin(), cells, static_cast<ProposalStatus>(kPoisonByte));
  for (size_t i = 0; i < cells; ++i) out->eligible_[i] = eligible[i] != 0;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (!plugin.columns()[c].required) continue;
    for (size_t word = 0; word < (rows + 63) / 64; ++word) {
      const size_t in_word = std::min<size_t>(64, rows - word * 64);
      const uint64_t all = in_word == 64 ? ~uint64_t{0} : (uint64_t{1} << in_word) - 1;
      for (uint64_t missing = ~columns[c].validity[word] & all; missing != 0;
           missing &= missing - 1) {
        const size_t row = word * 64 + static_cast<size_t>(__builtin_ctzll(missing));
        std::fill_n(out->eligible_.begin() + static_cast<ptrdiff_t>(row * offers), offers,
                    uint8_t{0});
        out->missing_.push_back({row, static_cast<int32_t>(c)});
      }
    }
  }
}

tenure_result ProposalCheck::Result(Proposals* out) {
  const size_t cells = out->rows_ * out->offers_;
  double* const doubles = out->doubles_.data();
  tenure_result result{};
  result.struct_size = sizeof result;
  result.cell_count = cells;
  result.gross_value = doubles;
  result.value_stderr = doubles + cells;
  result.p_baseline = doubles + 2 * cells;
  result.p_treated = doubles + 3 * cells;
  result.expected_cost = doubles + 4 * cells;
  result.liability_micros = out->liability_.data();
  result.basis = reinterpret_cast<uint8_t*>(out->basis_.data());
  result.status = reinterpret_cast<uint8_t*>(out->status_.data());
  result.reason = out->reason_.data();
  return result;
}

size_t ProposalCheck::Accept(absl::Span<const uint8_t> eligible, Proposals* out) {
  size_t refused = 0;
  const tenure_result result = Result(out);
  const size_t cells = out->rows_ * out->offers_;
  constexpr size_t kBlock = 256;
  for (size_t from = 0; from < cells; from += kBlock) {
    const size_t to = std::min(from + kBlock, cells);
    if (AllPass(result, out->eligible_.data(), from, to)) {
      std::fill(out->reason_.begin() + static_cast<ptrdiff_t>(from),
                out->reason_.begin() + static_cast<ptrdiff_t>(to), 0);
      continue;
    }
    for (size_t i = from; i < to; ++i) {
      if (out->eligible_[i] != 0) {
        AcceptCell(result, i);
        if (out->status_[i] == ProposalStatus::kError) ++refused;
      } else {
        Empty(ProposalStatus::kIneligible, 0, result, i);
      }
    }
  }
  // From the last column to the first: the first that is missing is the reason.
  for (auto missing = out->missing_.rbegin(); missing != out->missing_.rend(); ++missing) {
    for (size_t i = missing->row * out->offers_; i < (missing->row + 1) * out->offers_; ++i) {
      if (eligible[i] != 0) {
        Empty(ProposalStatus::kFilteredMissing, missing->column, result, i);
      }
    }
  }
  return refused;
}

}  // namespace tenure::plugin_host
