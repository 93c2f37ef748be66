// Identical rows as one.
#ifndef TENURE_SERVER_CLV_ROW_GROUPS_H_
#define TENURE_SERVER_CLV_ROW_GROUPS_H_

#include <vector>

#include "server/clv/summary.h"

namespace tenure::clv {

// Rows of equal frequency, recency and age as one with the sum of their weights and the weighted
// mean of their log_intervals, sorted by those three. Which order they came in shows in nothing
// but the last digits of that mean.
std::vector<PurchaseRow> GroupRows(std::vector<PurchaseRow> rows);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_ROW_GROUPS_H_
