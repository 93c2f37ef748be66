#include "server/plugin_host/proposal_check.h"

#include <algorithm>
#include <cmath>
#include <cstring>

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

// Rounded up; by truncation, since ceil is a call on plain x86-64.
int64_t CostMicros(double units) {
  const double micros = std::max(0.0, units * 1e6 - kRoundingMicros);
  const auto whole = static_cast<int64_t>(micros);
  return whole + (static_cast<double>(whole) < micros);
}

// Whether a cell has no fault, and its cost in micros. NaN, and so the poison, fails a comparison.
bool Passes(Proposal* cell) {
  if (!(std::isfinite(cell->gross_value) && std::isfinite(cell->value_stderr) &&
        cell->value_stderr >= 0 && IsProbability(cell->p_baseline) &&
        IsProbability(cell->p_treated) && cell->expected_cost >= 0 &&
        cell->expected_cost <= kMostUnits && cell->basis >= ProposalBasis::kAssumed &&
        cell->basis <= ProposalBasis::kMeasured)) {
    return false;
  }
  cell->expected_cost_micros = CostMicros(cell->expected_cost);
  return cell->liability_micros >= cell->expected_cost_micros;
}

// Which fault a cell has that does not pass.
ProposalFault Fault(const Proposal* cell) {
  const double numbers[] = {cell->gross_value, cell->value_stderr, cell->p_baseline,
                            cell->p_treated, cell->expected_cost};
  for (const double number : numbers) {
    if (IsPoison(number)) return ProposalFault::kNotWritten;
  }
  if (cell->liability_micros == kPoisonMicros) return ProposalFault::kNotWritten;
  if (static_cast<uint8_t>(cell->basis) == kPoisonByte) return ProposalFault::kNotWritten;
  for (const double number : numbers) {
    if (!std::isfinite(number)) return ProposalFault::kNotFinite;
  }
  if (!IsProbability(cell->p_baseline) || !IsProbability(cell->p_treated)) {
    return ProposalFault::kProbability;
  }
  if (cell->value_stderr < 0) return ProposalFault::kStandardError;
  if (cell->expected_cost < 0 || cell->expected_cost > kMostUnits) return ProposalFault::kCost;
  if (cell->basis < ProposalBasis::kAssumed || cell->basis > ProposalBasis::kMeasured) {
    return ProposalFault::kBasis;
  }
  return ProposalFault::kLiability;
}

void SetStatus(ProposalStatus status, int32_t reason, Proposal* cell) {
  *cell = Proposal{};
  cell->status = status;
  cell->reason = reason;
}

}  // namespace

void ProposalCheck::Prepare(const Plugin& plugin, absl::Span<const tenure_column> columns,
                            absl::Span<const uint8_t> eligible, size_t rows, size_t offers,
                            Proposals* out) {
  out->Reset(rows, offers);
  const size_t cells = rows * offers;
  std::fill_n(out->doubles_.begin(), 5 * cells, Poison());
  std::fill_n(out->liability_.begin(), cells, kPoisonMicros);
  std::fill_n(out->reason_.begin(), cells, 0);
  std::fill_n(out->bytes_.begin(), 2 * cells, kPoisonByte);
  for (size_t i = 0; i < cells; ++i) {
    out->eligible_[i] = eligible[i] != 0;
    out->cells_[i] = Proposal{};
  }
  for (size_t c = 0; c < columns.size(); ++c) {
    if (!plugin.columns()[c].required) continue;
    for (size_t word = 0; word < (rows + 63) / 64; ++word) {
      const size_t in_word = std::min<size_t>(64, rows - word * 64);
      const uint64_t all = in_word == 64 ? ~uint64_t{0} : (uint64_t{1} << in_word) - 1;
      for (uint64_t missing = ~columns[c].validity[word] & all; missing != 0;
           missing &= missing - 1) {
        const size_t row = word * 64 + static_cast<size_t>(__builtin_ctzll(missing));
        for (size_t cell = row * offers; cell < (row + 1) * offers; ++cell) {
          if (out->eligible_[cell] == 0) continue;
          out->eligible_[cell] = 0;
          SetStatus(ProposalStatus::kFilteredMissing, static_cast<int32_t>(c), &out->cells_[cell]);
        }
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
  result.basis = out->bytes_.data();
  result.status = out->bytes_.data() + cells;
  result.reason = out->reason_.data();
  return result;
}

size_t ProposalCheck::Accept(Proposals* out) {
  size_t refused = 0;
  const tenure_result result = Result(out);
  for (size_t i = 0; i < out->rows_ * out->offers_; ++i) {
    if (out->eligible_[i] == 0) continue;
    Proposal* const cell = &out->cells_[i];
    const uint8_t status = result.status[i];
    ProposalFault fault = ProposalFault::kNone;
    if (status == TENURE_CELL_OK) {
      cell->gross_value = result.gross_value[i];
      cell->value_stderr = result.value_stderr[i];
      cell->p_baseline = result.p_baseline[i];
      cell->p_treated = result.p_treated[i];
      cell->expected_cost = result.expected_cost[i];
      cell->liability_micros = result.liability_micros[i];
      cell->basis = static_cast<ProposalBasis>(result.basis[i]);
      cell->status = ProposalStatus::kOk;
      if (!Passes(cell)) fault = Fault(cell);
    } else if (status == TENURE_CELL_DECLINED) {
      SetStatus(ProposalStatus::kDeclined, result.reason[i], cell);
    } else {
      fault = status == TENURE_CELL_ERROR ? ProposalFault::kByPlugin
              : status == kPoisonByte     ? ProposalFault::kNotWritten
                                          : ProposalFault::kStatus;
    }
    if (fault != ProposalFault::kNone) {
      SetStatus(ProposalStatus::kError, static_cast<int32_t>(fault), cell);
      ++refused;
    }
  }
  return refused;
}

}  // namespace tenure::plugin_host
