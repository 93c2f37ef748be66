#include "server/rules/population.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/rules/features.h"

namespace tenure::rules {
namespace {

using expression::Truth;

constexpr absl::string_view kSegment = "segment.";

std::optional<size_t> SegmentOf(absl::string_view column, const RuleSet& set) {
  if (!absl::ConsumePrefix(&column, kSegment)) return std::nullopt;
  for (size_t s = 0; s < set.segments.size(); ++s) {
    if (set.segments[s].id == column) return s;
  }
  return std::nullopt;
}

// What those of its segments that stand before `end` say; a segment reads earlier ones only.
std::string WhyNoFact(absl::string_view column, const RuleSet& set, size_t end) {
  if (column == "population") return "it is what is being worked out";
  if (column == "margin_total") return "its margin rate follows from the population";
  if (column == "stage" || column == "previous_stage" || column == "stage_days" ||
      absl::StartsWith(column, "track.")) {
    return "stages follow from values";
  }
  const absl::Span<const FeatureInfo> features = Features();
  for (size_t f = kPAlive; f < features.size(); ++f) {
    if (features[f].name == column) return "the value model says it";
  }
  const std::optional<size_t> segment = SegmentOf(column, set);
  if (!segment.has_value() || *segment >= end) return "";
  const Condition& when = set.segments[*segment].when;
  if (when.program == nullptr) return "";
  for (const std::string& read : when.program->columns()) {
    const std::string why = WhyNoFact(read, set, *segment);
    if (!why.empty()) return absl::StrCat("it reads \"", read, "\", and ", why);
  }
  return "";
}

void AddSegments(const Condition& when, const RuleSet& set, size_t end, std::vector<bool>* read) {
  if (when.program == nullptr) return;
  for (const std::string& column : when.program->columns()) {
    const std::optional<size_t> segment = SegmentOf(column, set);
    if (!segment.has_value() || *segment >= end || (*read)[*segment]) continue;
    (*read)[*segment] = true;
    AddSegments(set.segments[*segment].when, set, *segment, read);
  }
}

void FillSegment(const RuleSet& set, size_t segment, Batch* batch, PopulationScratch* scratch) {
  const expression::Program* const when = set.segments[segment].when.program.get();
  const size_t column = *batch->schema().Find(absl::StrCat(kSegment, set.segments[segment].id));
  if (when != nullptr) {
    when->Test(*batch, scratch->rows, absl::MakeSpan(scratch->truths));
  } else {
    std::fill(scratch->truths.begin(), scratch->truths.end(), Truth::kTrue);
  }
  for (const uint32_t r : scratch->rows) {
    const Truth truth = scratch->truths[r];
    if (truth == Truth::kTrue || truth == Truth::kFalse) {
      batch->SetBool(column, r, truth == Truth::kTrue);
    }
  }
}

}  // namespace

std::string WhyNoFact(absl::string_view column, const RuleSet& set) {
  return WhyNoFact(column, set, set.segments.size());
}

std::vector<size_t> SegmentsOfPopulations(const RuleSet& set) {
  std::vector<bool> read(set.segments.size());
  for (const ValuePopulation& population : set.value.populations) {
    AddSegments(population.when, set, set.segments.size(), &read);
  }
  std::vector<size_t> segments;
  for (size_t s = 0; s < read.size(); ++s) {
    if (read[s]) segments.push_back(s);
  }
  return segments;
}

std::string DefinitionOf(const RuleSet& set, size_t population) {
  std::string text;
  std::vector<bool> read(set.segments.size());
  const std::vector<ValuePopulation>& all = set.value.populations;
  for (size_t p = 0; p < all.size() && p <= population; ++p) {
    const Condition& when = all[p].when;
    AddSegments(when, set, set.segments.size(), &read);
    if (when.program != nullptr) absl::StrAppend(&text, when.program->text(), "\n");
  }
  for (size_t s = 0; s < set.segments.size(); ++s) {
    const Condition& when = set.segments[s].when;
    if (!read[s] || when.program == nullptr) continue;
    absl::StrAppend(&text, set.segments[s].id, ": ", when.program->text(), "\n");
  }
  if (population >= all.size()) absl::StrAppend(&text, kRestPopulation);
  return text;
}

void Divide(const RuleSet& set, Batch* batch, PopulationScratch* scratch,
            absl::Span<uint32_t> out) {
  const std::vector<ValuePopulation>& populations = set.value.populations;
  std::vector<uint32_t>& rows = scratch->rows;
  rows.resize(batch->rows());
  std::iota(rows.begin(), rows.end(), 0u);
  scratch->truths.resize(rows.size());
  for (const size_t segment : set.value.population_segments) {
    FillSegment(set, segment, batch, scratch);
  }
  std::fill(out.begin(), out.end(), static_cast<uint32_t>(populations.size()));
  for (size_t p = 0; p < populations.size() && !rows.empty(); ++p) {
    const absl::Span<Truth> truths = absl::MakeSpan(scratch->truths).first(rows.size());
    populations[p].when.program->Test(*batch, rows, truths);
    size_t left = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (truths[i] == Truth::kTrue) {
        out[rows[i]] = static_cast<uint32_t>(p);
      } else {
        rows[left++] = rows[i];
      }
    }
    rows.resize(left);
  }
}

}  // namespace tenure::rules
