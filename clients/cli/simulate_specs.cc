#include "clients/cli/simulate_specs.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "clients/cli/numbers.h"
#include "server/base/status.h"
#include "server/base/time.h"

namespace tenure::cli {
namespace {

using absl::string_view;

constexpr size_t kLongestName = 64;
constexpr size_t kMostCampaigns = 32;

struct Part {
  std::string key, value;
};

// "a=1,b=f(2,3)": parts at commas outside of parentheses, halved at the first '='.
absl::StatusOr<std::vector<Part>> Parts(string_view spec, const char* option) {
  std::vector<Part> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i <= spec.size(); ++i) {
    if (i < spec.size() && spec[i] == '(') ++depth;
    if (i < spec.size() && spec[i] == ')') --depth;
    if (i < spec.size() && (spec[i] != ',' || depth > 0)) continue;
    const string_view part = absl::StripAsciiWhitespace(spec.substr(begin, i - begin));
    begin = i + 1;
    const size_t equals = part.find('=');
    if (equals == string_view::npos || equals == 0 || equals + 1 == part.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(option, ": `", part, "` is not NAME=VALUE; parts are parted by commas"));
    }
    parts.push_back({std::string(part.substr(0, equals)), std::string(part.substr(equals + 1))});
  }
  return parts;
}

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName && !absl::ascii_isdigit(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
         });
}

absl::Status BadName(const char* option, const std::string& name) {
  return absl::InvalidArgumentError(
      absl::StrCat(option, ": `", name,
                   "` is no name; use lower-case letters, digits and _, at most ", kLongestName));
}

absl::StatusOr<std::vector<double>> Numbers(string_view text, const std::string& where) {
  std::vector<double> numbers;
  for (const string_view part : absl::StrSplit(text, ',')) {
    TENURE_ASSIGN_OR_RETURN(const double number,
                            ParseNumber(absl::StripAsciiWhitespace(part), where));
    numbers.push_back(number);
  }
  return numbers;
}

absl::Status AddSine(const std::string& value, clv::Season* season) {
  const std::pair<std::string, std::string> halves = absl::StrSplit(value, absl::MaxSplits('@', 1));
  TENURE_ASSIGN_OR_RETURN(const double amplitude, ParseNumber(halves.first, "--season sine"));
  int peak = 1;
  if (!halves.second.empty()) {
    // A year that has every day that there is.
    const auto day = ParseInstant(absl::StrCat("2020-", halves.second));
    if (!day.ok() || halves.second.size() != 5) {
      return absl::InvalidArgumentError(absl::StrCat("--season sine: `", halves.second,
                                                     "` is no month and day, as in 0.3@07-01"));
    }
    peak = absl::GetYearDay(absl::CivilDay(1970, 1, 1) + DayOf(*day));
  }
  return Annotate(season->AddSine(amplitude, peak), "--season");
}

absl::StatusOr<clv::CovariateColumn> ParseColumn(const Part& part) {
  using Distribution = clv::CovariateColumn::Distribution;
  constexpr std::pair<const char*, Distribution> kDistributions[] = {
      {"bernoulli", Distribution::kBernoulli},
      {"uniform", Distribution::kUniform},
      {"whole", Distribution::kWhole},
      {"normal", Distribution::kNormal}};
  if (!IsName(part.key)) return BadName("--covariates", part.key);
  clv::CovariateColumn column;
  column.name = part.key;
  const std::string where = absl::StrCat("--covariates ", part.key);
  for (const auto& [name, distribution] : kDistributions) {
    string_view inside = part.value;
    if (!absl::ConsumePrefix(&inside, name) || !absl::ConsumePrefix(&inside, "(") ||
        !absl::ConsumeSuffix(&inside, ")")) {
      continue;
    }
    TENURE_ASSIGN_OR_RETURN(const std::vector<double> numbers, Numbers(inside, where));
    const size_t wanted = distribution == Distribution::kBernoulli ? 1 : 2;
    if (numbers.size() != wanted) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": ", name, " takes ", wanted, " numbers, not ", numbers.size()));
    }
    column.distribution = distribution;
    column.first = numbers[0];
    if (wanted > 1) column.second = numbers[1];
    const absl::Status possible = column.Check();
    if (!possible.ok()) return Annotate(possible, "--covariates");
    return column;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(where, ": `", part.value,
                   "` is no distribution; use bernoulli(P), uniform(LOW,HIGH), whole(LOW,HIGH) or "
                   "normal(MEAN,DEVIATION)"));
}

absl::StatusOr<int64_t> RecordDay(string_view date, const std::string& where, int64_t start_day,
                                  int64_t days) {
  const auto at_us = ParseInstant(date);
  const int64_t day = at_us.ok() ? DayOf(*at_us) - start_day : -1;
  if (day >= 0 && day < days) return day;
  return absl::InvalidArgumentError(absl::StrCat(
      where, ": `", date, "` is no date within the record, ", FormatDay(start_day * kMicrosPerDay),
      " to ", FormatDay((start_day + days - 1) * kMicrosPerDay)));
}

// A campaign while its parts are read.
struct CampaignSpec {
  clv::CampaignEffect effect;
  int64_t every = 0;
  std::optional<int64_t> from;
};

absl::StatusOr<int> WholeDays(const Part& part, const std::string& where) {
  int days = 0;
  if (absl::SimpleAtoi(part.value, &days) && days >= 1 && days <= 36'500) return days;
  return absl::InvalidArgumentError(
      absl::StrCat(where, ": `", part.value, "` is no number of whole days from 1 to 36500"));
}

absl::Status ReadSegment(const Part& part, const std::string& where, bool needs_uplift,
                         clv::CampaignEffect::Group* group) {
  const std::pair<string_view, string_view> halves =
      absl::StrSplit(part.value, absl::MaxSplits(':', 1));
  TENURE_ASSIGN_OR_RETURN(group->share, ParseNumber(halves.first, where));
  if (halves.second.empty() && needs_uplift) {
    return absl::InvalidArgumentError(
        absl::StrCat(where, ": give their share and their uplift, as in 0.2:0.5"));
  }
  if (halves.second.empty()) return absl::OkStatus();
  TENURE_ASSIGN_OR_RETURN(group->uplift, ParseNumber(halves.second, where));
  return absl::OkStatus();
}

absl::Status ReadDays(const Part& part, const std::string& where, int64_t start_day, int64_t days,
                      CampaignSpec* spec) {
  if (part.key == "every") {
    TENURE_ASSIGN_OR_RETURN(spec->every, WholeDays(part, where));
  } else if (part.key == "window") {
    TENURE_ASSIGN_OR_RETURN(spec->effect.window_days, WholeDays(part, where));
  } else if (part.key == "from") {
    TENURE_ASSIGN_OR_RETURN(spec->from, RecordDay(part.value, where, start_day, days));
  } else {
    for (const string_view date : absl::StrSplit(part.value, '+')) {
      TENURE_ASSIGN_OR_RETURN(const int64_t day, RecordDay(date, where, start_day, days));
      spec->effect.days.push_back(static_cast<int>(day));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadPart(const Part& part, int64_t start_day, int64_t days, CampaignSpec* spec) {
  clv::CampaignEffect& effect = spec->effect;
  const std::string where = absl::StrCat("--campaign ", part.key);
  const std::pair<const char*, double*> numbers[] = {{"share", &effect.share},
                                                     {"holdout", &effect.holdout},
                                                     {"uplift", &effect.uplift},
                                                     {"pull_forward", &effect.pull_forward},
                                                     {"retention", &effect.retention}};
  for (const auto& [key, number] : numbers) {
    if (part.key != key) continue;
    TENURE_ASSIGN_OR_RETURN(*number, ParseNumber(part.value, where));
    return absl::OkStatus();
  }
  constexpr const char* kSegments[] = {"persuadables", "sure_things", "lost_causes",
                                       "sleeping_dogs"};
  for (size_t i = 0; i < clv::kNamedSegments; ++i) {
    if (part.key != kSegments[i]) continue;
    return ReadSegment(part, where, i == 0 || i == 3, &effect.segments[i]);
  }
  if (part.key == "name") {
    if (!IsName(part.value)) return BadName("--campaign name", part.value);
    effect.name = part.value;
    return absl::OkStatus();
  }
  if (part.key == "at" || part.key == "every" || part.key == "from" || part.key == "window") {
    return ReadDays(part, where, start_day, days, spec);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--campaign: no `", part.key,
                   "`; there are name, at, every, from, share, holdout, window, uplift, "
                   "pull_forward, retention, persuadables, sure_things, lost_causes and "
                   "sleeping_dogs"));
}

absl::StatusOr<clv::CampaignEffect> ParseCampaign(const std::string& text, const std::string& name,
                                                  int64_t start_day, int64_t days) {
  CampaignSpec spec;
  spec.effect.name = name;
  TENURE_ASSIGN_OR_RETURN(const std::vector<Part> parts, Parts(text, "--campaign"));
  for (const Part& part : parts) {
    TENURE_RETURN_IF_ERROR(ReadPart(part, start_day, days, &spec));
  }
  std::vector<int>& at = spec.effect.days;
  if (spec.every == 0 && at.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--campaign ", spec.effect.name, ": when? Give at=DATE+DATE or every=DAYS"));
  }
  if (spec.from.has_value() && spec.every == 0) {
    return absl::InvalidArgumentError("--campaign from: it needs every=DAYS beside it");
  }
  for (int64_t day = spec.from.value_or(spec.every); spec.every > 0 && day < days;
       day += spec.every) {
    at.push_back(static_cast<int>(day));
  }
  std::sort(at.begin(), at.end());
  at.erase(std::unique(at.begin(), at.end()), at.end());
  const absl::Status possible = spec.effect.Check();
  if (!possible.ok()) return Annotate(possible, "--campaign");
  return std::move(spec.effect);
}

}  // namespace

absl::StatusOr<clv::Season> ParseSeason(const std::vector<std::string>& specs) {
  clv::Season season;
  for (const std::string& spec : specs) {
    const std::pair<std::string, std::string> halves =
        absl::StrSplit(spec, absl::MaxSplits('=', 1));
    if (halves.first == "sine") {
      TENURE_RETURN_IF_ERROR(AddSine(halves.second, &season));
      continue;
    }
    if (halves.first != "weeks" && halves.first != "weekdays") {
      return absl::InvalidArgumentError(
          absl::StrCat("--season: `", halves.first,
                       "` is no season; use sine=AMPLITUDE@MONTH-DAY, weeks=… with 52 multipliers "
                       "or weekdays=… with 7 from Monday on"));
    }
    TENURE_ASSIGN_OR_RETURN(const std::vector<double> numbers,
                            Numbers(halves.second, absl::StrCat("--season ", halves.first)));
    TENURE_RETURN_IF_ERROR(
        Annotate(halves.first == "weeks" ? season.AddWeeks(numbers) : season.AddWeekdays(numbers),
                 "--season"));
  }
  return season;
}

absl::StatusOr<clv::SimulatedCovariates> ParseCovariates(const std::vector<std::string>& specs) {
  clv::SimulatedCovariates covariates;
  for (const std::string& spec : specs) {
    TENURE_ASSIGN_OR_RETURN(const std::vector<Part> parts, Parts(spec, "--covariates"));
    for (const Part& part : parts) {
      const auto same = [&](const auto& other) { return other.name == part.key; };
      if (std::any_of(covariates.columns.begin(), covariates.columns.end(), same) ||
          std::any_of(covariates.coefficients.begin(), covariates.coefficients.end(), same)) {
        return absl::InvalidArgumentError(
            absl::StrCat("--covariates: ", part.key, " is there twice; say it once"));
      }
      if (absl::StrContains(part.key, ':')) {
        TENURE_ASSIGN_OR_RETURN(const double value,
                                ParseNumber(part.value, absl::StrCat("--covariates ", part.key)));
        covariates.coefficients.push_back({part.key, value});
        continue;
      }
      TENURE_ASSIGN_OR_RETURN(clv::CovariateColumn column, ParseColumn(part));
      covariates.columns.push_back(std::move(column));
    }
  }
  return covariates;
}

absl::StatusOr<std::vector<clv::CampaignEffect>> ParseCampaigns(
    const std::vector<std::string>& specs, int64_t start_day, int64_t days) {
  if (specs.size() > kMostCampaigns) {
    return absl::InvalidArgumentError(
        absl::StrCat("--campaign: at most ", kMostCampaigns, ", not ", specs.size()));
  }
  std::vector<clv::CampaignEffect> campaigns;
  for (const std::string& spec : specs) {
    const std::string name =
        campaigns.empty() ? "campaign" : absl::StrCat("campaign_", campaigns.size() + 1);
    TENURE_ASSIGN_OR_RETURN(clv::CampaignEffect campaign,
                            ParseCampaign(spec, name, start_day, days));
    campaigns.push_back(std::move(campaign));
  }
  return campaigns;
}

}  // namespace tenure::cli
