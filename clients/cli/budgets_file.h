// The files that `tenure allocate` reads: budgets (YAML) and values (CSV).
#ifndef TENURE_CLIENTS_CLI_BUDGETS_FILE_H_
#define TENURE_CLIENTS_CLI_BUDGETS_FILE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/budget/cells.h"
#include "server/budget/planner.h"

namespace tenure::cli {

struct BudgetRange {
  int64_t min_micros = 0;
  int64_t max_micros = budget::kUncapped;
};

// A cell to which a part of the total goes by its response curve.
struct BudgetCell {
  budget::ResponseCurve curve;
  std::string segment;  // empty: of none; so are these
  std::string campaign;
  std::string channel;
  BudgetRange range;
};

struct BudgetsFile {
  std::string path;
  std::string currency;
  int64_t total_micros = budget::kUncapped;
  std::map<std::string, BudgetRange> segments;  // none: the total alone binds
  std::map<std::string, BudgetRange> campaigns;
  std::map<std::string, int64_t> channels;  // largest spend
  std::map<std::string, int64_t> offers;    // largest number given
  int32_t offers_per_customer = 1;
  std::map<std::string, BudgetCell> cells;
};

// Keys `currency`, `total`, `segments` and `campaigns` (id: max, or id: {min, max}), `channels`
// (id: max, or id: {max}), `offers` (id: {max_count}), `offers_per_customer`; or, where there are
// no values per customer, `cells` (id: {curve: log | sqrt | exp | hill | linear, its parameters,
// segment, campaign, channel, min, max, or the amount `fixed`}). INVALID_ARGUMENT as
// FILE:LINE:COLUMN for anything else: an unknown or repeated key, a malformed amount, min above
// max, a minimum of a campaign whose cells are in several segments; with the field's path, such as
// `cells.search.min`, as its payload kFieldPayload.
absl::StatusOr<BudgetsFile> ReadBudgetsFile(const std::string& path);
inline constexpr char kFieldPayload[] = "tenure.field";

// Where each campaign's cells stand: the segment that all are in, "" for none; campaigns of cells
// in several segments are left out.
std::map<std::string, std::string> SegmentsOfCampaigns(const BudgetsFile& budgets);

// The values file as a problem of the planner. Node 0 is the total, the others are the segments by
// name; customers and offers are numbered by name, so that rows may stand in any order.
struct AllocationInput {
  budget::PlanInput plan;
  std::vector<std::string> customers;
  std::vector<std::string> offers;  // names; one name may stand for several campaigns or channels
  std::vector<std::string> campaigns;  // per offer; empty: of none
  std::vector<std::string> warnings;   // of what is allowed but hardly meant
};

// Columns `customer,segment,offer,cost,value`, optionally `campaign` and `channel`, and `currency`,
// which must be the budgets'. INVALID_ARGUMENT naming file, line and column, or with that as its
// payload kFieldPayload; also for a segment that has no limit where others have one, since a
// misspelt limit would bind nothing, and for a minimum of a campaign whose rows are in several
// segments. A campaign with a minimum is a node below its segment.
absl::StatusOr<AllocationInput> ReadValuesFile(const std::string& path, const BudgetsFile& budgets);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_BUDGETS_FILE_H_
