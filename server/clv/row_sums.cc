#include "server/clv/row_sums.h"

#include <algorithm>
#include <cstddef>

#include "server/clv/instructions.h"
#include "server/clv/lanes.h"

namespace tenure::clv {
namespace {

using LaneSums = RowSumsOf<Lanes>;

struct RowLanes {
  Lanes weight{}, recency{}, age{};  // what is missing weighs nothing
};

TENURE_INLINE void Gather(const PurchaseRow* rows, size_t count, RowLanes* lanes) {
  for (size_t j = 0; j < count; ++j) {
    lanes->weight[j] = rows[j].weight;
    lanes->recency[j] = rows[j].recency;
    lanes->age[j] = rows[j].age;
  }
}

TENURE_INLINE void AddAlive(const RowLanes& rows, double over_alpha, const Lanes& end,
                            LaneSums* s) {
  s->w += rows.weight;
  s->log_end += rows.weight * Log1p(rows.age * over_alpha);
  const Lanes weighted = rows.weight * end;
  s->end += weighted;
  s->end2 += weighted * end;
}

TENURE_INLINE void AddDead(const RowLanes& rows, const RowTerms& terms, const Lanes& end,
                           LaneSums* s) {
  const Lanes last = 1 / (terms.alpha + rows.recency);
  const Lanes D = Log1p((rows.age - rows.recency) * last);
  const Lanes e = end - last;
  const Lanes z = terms.log_odds + terms.shape * D;
  const Lanes small = Exp(-Magnitude(z));
  const Lanes larger = 1 / (1 + small);
  const Lanes rest = small * larger;
  const LaneBits is_unlikely = IsNegative(z);
  s->gain += rows.weight * (Larger(z, Lanes{}) + Log1p(small));
  const Lanes wd = rows.weight * Choose(is_unlikely, rest, larger);
  s->d += wd;
  s->d_D += wd * D;
  s->d_e += wd * e;
  s->d_e2 += wd * (last * last - end * end);
  const Lanes wq = wd * Choose(is_unlikely, larger, rest);
  const Lanes wq_D = wq * D;
  const Lanes wq_e = wq * e;
  s->q += wq;
  s->q_D += wq_D;
  s->q_e += wq_e;
  s->q_DD += wq_D * D;
  s->q_De += wq_D * e;
  s->q_ee += wq_e * e;
}

template <bool kMayBeDead>
TENURE_INLINE void AddAll(absl::Span<const PurchaseRow> rows, const RowTerms& terms,
                          LaneSums* sums) {
  const double over_alpha = 1 / terms.alpha;
  LaneSums s;
  for (size_t i = 0; i < rows.size(); i += kLanes) {
    RowLanes lanes;
    if (rows.size() - i >= kLanes) {
      Gather(rows.data() + i, kLanes, &lanes);
    } else {
      Gather(rows.data() + i, rows.size() - i, &lanes);
    }
    const Lanes end = 1 / (terms.alpha + lanes.age);
    AddAlive(lanes, over_alpha, end, &s);
    if constexpr (kMayBeDead) AddDead(lanes, terms, end, &s);
  }
  *sums = s;
}

TENURE_INLINE void AddRowsLoop(absl::Span<const PurchaseRow> rows, const RowTerms& terms,
                               LaneSums* sums) {
  if (terms.may_be_dead) {
    AddAll<true>(rows, terms, sums);
  } else {
    AddAll<false>(rows, terms, sums);
  }
}

TENURE_FOR_ALL_INSTRUCTIONS(AddRows,
                            (absl::Span<const PurchaseRow> rows, const RowTerms& terms,
                             LaneSums* sums),
                            (rows, terms, sums))

}  // namespace

RowSums SumRows(absl::Span<const PurchaseRow> rows, const RowTerms& terms) {
  LaneSums s;
  AddRows(rows, terms, &s);
  return {SumOf(s.w),   SumOf(s.log_end), SumOf(s.end),  SumOf(s.end2), SumOf(s.gain),
          SumOf(s.d),   SumOf(s.d_D),     SumOf(s.d_e),  SumOf(s.d_e2), SumOf(s.q),
          SumOf(s.q_D), SumOf(s.q_e),     SumOf(s.q_DD), SumOf(s.q_De), SumOf(s.q_ee)};
}

}  // namespace tenure::clv
