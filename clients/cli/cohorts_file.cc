#include "clients/cli/cohorts_file.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/csv.h"
#include "clients/cli/numbers.h"
#include "server/base/status.h"

namespace tenure::cli {
namespace {

constexpr double kMostPeriods = 10'000;

struct Row {
  double period, survivors, censored;
  std::string period_at, survivors_at;  // where they stand
};

struct Cohort {
  std::string name;
  std::vector<Row> rows;
};

absl::Status Refuse(const std::string& where, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", why));
}

absl::StatusOr<clv::RetentionCohort> ToCohort(Cohort cohort) {
  std::vector<Row>& rows = cohort.rows;
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& l, const Row& r) { return l.period < r.period; });
  clv::RetentionCohort result{cohort.name, {}, {}};
  for (size_t t = 0; t < rows.size(); ++t) {
    const Row& row = rows[t];
    const auto expected = static_cast<double>(t);
    if (row.period < expected) {
      return Refuse(row.period_at, absl::StrCat("period ", row.period, " of cohort ", cohort.name,
                                                " is there twice"));
    }
    if (row.period > expected) {
      return Refuse(row.period_at, absl::StrCat("cohort ", cohort.name, " has no period ", t,
                                                "; periods count from 0 without a gap"));
    }
    if (t > 0 && row.survivors > rows[t - 1].survivors - rows[t - 1].censored) {
      return Refuse(row.survivors_at, absl::StrCat("survivors rise from ", rows[t - 1].survivors,
                                                   " in period ", t - 1, " to ", row.survivors));
    }
    result.survivors.push_back(row.survivors);
    result.censored.push_back(row.censored);
  }
  const absl::Status valid = clv::Validate(result);
  if (!valid.ok()) return Refuse(rows.back().survivors_at, valid.message());
  return result;
}

}  // namespace

absl::StatusOr<std::vector<clv::RetentionCohort>> ReadCohorts(const std::string& path) {
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<CsvReader> reader, CsvReader::Open(path));
  TENURE_ASSIGN_OR_RETURN(const size_t name, reader->Column("cohort"));
  TENURE_ASSIGN_OR_RETURN(const size_t period, reader->Column("period"));
  TENURE_ASSIGN_OR_RETURN(const size_t survivors, reader->Column("survivors"));
  const absl::StatusOr<size_t> censored = reader->Column("censored");
  if (const auto weights = reader->Column("weights"); weights.ok()) {
    return Refuse(reader->Where(*weights, 1),
                  "a cohort's survivors are counts already; take the column out");
  }
  std::vector<Cohort> cohorts;
  std::vector<absl::string_view> text;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, reader->Next(&text));
    if (!found) break;
    Row row{0, 0, 0, reader->Where(period), reader->Where(survivors)};
    TENURE_ASSIGN_OR_RETURN(row.period, NumberField(*reader, text, period));
    TENURE_ASSIGN_OR_RETURN(row.survivors, NumberField(*reader, text, survivors));
    if (censored.ok()) {
      TENURE_ASSIGN_OR_RETURN(row.censored, NumberField(*reader, text, *censored));
      if (row.censored < 0 || row.censored > row.survivors) {
        return Refuse(reader->Where(*censored), "it must be 0 to the survivors");
      }
    }
    if (!(row.period >= 0 && row.period <= kMostPeriods) || row.period != std::floor(row.period)) {
      return Refuse(row.period_at,
                    absl::StrCat(text[period], " is not a whole number from 0 to ", kMostPeriods));
    }
    if (row.survivors < 0) {
      return Refuse(row.survivors_at, absl::StrCat(text[survivors], " is below 0"));
    }
    auto cohort = std::find_if(cohorts.begin(), cohorts.end(),
                               [&](const Cohort& each) { return each.name == text[name]; });
    if (cohort == cohorts.end()) {
      cohorts.push_back({std::string(text[name]), {}});
      cohort = cohorts.end() - 1;
    }
    cohort->rows.push_back(std::move(row));
  }
  if (cohorts.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " has no rows below its header"));
  }
  std::vector<clv::RetentionCohort> read;
  for (Cohort& cohort : cohorts) {
    TENURE_ASSIGN_OR_RETURN(clv::RetentionCohort valid, ToCohort(std::move(cohort)));
    read.push_back(std::move(valid));
  }
  return read;
}

}  // namespace tenure::cli
