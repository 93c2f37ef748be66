#include "tests/customers/random_rules.h"

#include <cmath>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/rules/compiler.h"
#include "server/rules/trusting_catalog.h"
#include "tests/customers/world.h"

namespace tenure::customers {
std::shared_ptr<const rules::RuleSet> DefaultRules() {
  const char* source = std::getenv("TENURE_SOURCE_DIR");
  if (source == nullptr) return nullptr;
  auto files = rules::ReadFolder(absl::StrCat(source, "/rules/default"));
  return files.ok() ? rules::Compile(*std::move(files), rules::TrustingCatalog()).rule_set
                    : nullptr;
}

std::shared_ptr<const clv::ValueModel> RandomModel(absl::string_view kind, Random* random) {
  clv::ValueParameters parameters;
  parameters.model = std::string(kind);
  const auto between = [&](double low, double high) {
    return low * std::exp(random->Uniform() * std::log(high / low));
  };
  parameters.purchase = {between(0.1, 20), between(0.5, 60)};
  if (kind != "nbd") {
    parameters.purchase.push_back(between(0.05, 5));
    parameters.purchase.push_back(between(0.3, 20));
  }
  parameters.spend = {6.25, 3.74, 15.44};
  clv::ValueOptions options;
  options.margin_rate = 0.25;
  options.time_unit_days = random->Below(2) == 0 ? 7 : 1;
  return clv::ValueModel::Create(parameters, options).value();
}

std::shared_ptr<const clv::ValueModel> AnyModel(Random* random) {
  if (random->Below(8) == 0) return nullptr;
  return RandomModel(kModels[random->Below(std::size(kModels))], random);
}

std::shared_ptr<const clv::PopulationModels> AnyPopulations(Random* random) {
  const auto any = [&] {
    return random->Below(3) == 0 ? MakeContracts()
                                 : RandomModel(kModels[random->Below(std::size(kModels))], random);
  };
  switch (random->Below(3)) {
    case 0:
      return nullptr;
    case 1:
      return MakePopulations({{"silent", any()}});
    default:
      return MakePopulations({{"known", any()}, {"silent", any()}, {"rest", any()}});
  }
}

std::string AliveCondition(Random* random) {
  static constexpr absl::string_view kComparisons[] = {"<", "<=", ">", ">=", "==", "!="};
  const absl::string_view comparison = kComparisons[random->Below(std::size(kComparisons))];
  std::string bound;
  switch (random->Below(8)) {
    case 0:
      bound = absl::StrFormat("%.12f", std::pow(10.0, -12 * random->Uniform()));
      break;
    case 1:
      bound = absl::StrFormat("%.14f", 1 - std::pow(10.0, -13 * random->Uniform()));
      break;
    case 2:
      bound = random->Below(2) == 0 ? "0.0" : "1.0";
      break;
    case 3:
      bound = "double(customer.score) / 5.0";
      break;
    case 4:
      bound = "1.0 / double(purchases)";
      break;
    default:
      bound = absl::StrFormat("%.3f", random->Uniform());
  }
  return random->Below(2) == 0 ? absl::StrCat("p_alive ", comparison, " ", bound)
                               : absl::StrCat(bound, " ", comparison, " p_alive");
}

std::shared_ptr<const rules::RuleSet> RandomRules(Random* random) {
  std::vector<std::string> conditions = {
      "days_since_last_purchase > 20.0",
      "days_since_last_purchase * 2.0 + 1.0 > rhythm_limit_days",
      "rhythm_limit_days / 3.0 < days_since_last_purchase && purchases > 1",
      "stage_days >= 12.5",
      "tenure_days - days_since_last_purchase < stage_days",
      "tenure_days - days_since_last_purchase >= 10.0",
      "tenure_days * 3.0 - 30.0 == days_since_last_purchase * 3.0",
      "purchases_30d == 0",
      "purchases_90d >= 2 || engagements_30d >= 1",
      "revenue_365d < 60.0",
      "contacts_7d > 0",
      "contacts_30d == 0 && days_known > 40.0",
      "days_since_last_contact < 3.0",
      "now - timestamp('2018-06-01T00:00:00Z') > duration('240h')",
      "now < customer.until",
      "rfm_recency >= 4",
      "margin_next > 3.0",
      "segment.quiet",
      "segment.gone && purchases > 1",
      "previous_stage == 's1'",
      "has(days_since_last_purchase) ? days_since_last_purchase < 9.0 : days_known > 5.0",
      "refunds > 0",
      "customer.score > 2",
      "true",
  };
  for (int i = 0; i < 12; ++i) conditions.push_back(AliveCondition(random));
  if (random->Below(2) == 0) {
    conditions.insert(
        conditions.end(),
        {"clv < 2.0", "p_alive * 2.0 < 1.0", "p_alive < days_since_last_purchase", "tier == 'GOLD'",
         "now.getDayOfWeek() == 1", "[0.3, 0.6].exists(x, p_alive < x && stage_days > 3.0)"});
  }
  const auto any = [&] { return conditions[random->Below(conditions.size())]; };
  RulesText text;
  text.attributes = {{"score", DType::kInt64}, {"until", DType::kTimestamp}};
  text.segments = {{"quiet", "days_since_last_purchase > 33.0 && !(stage_days < 4.0)"},
                   {"gone", AliveCondition(random)}};
  if (random->Below(2) == 0) {
    // Who is silent, and who was known for long, change their model with time alone.
    text.segments.insert(text.segments.begin(), {"far", "days_since_last_purchase > 11.0"});
    text.populations = {{"known", "customer.score > 1 && days_known > 25.5"},
                        {"silent", "segment.far"}};
    conditions.insert(conditions.end(), {"population == 'silent'", "margin_total > 20.0"});
  }
  for (int t = 0; t < 2; ++t) {
    std::vector<StageText> stages;
    for (int s = 0; s < 4; ++s) {
      StageText stage{absl::StrCat("s", s), any(), random->Below(3) == 0 ? "" : any()};
      if (random->Below(3) == 0)
        stage.min_dwell_us = kDay * static_cast<int64_t>(random->Below(20));
      if (random->Below(3) == 0)
        stage.cool_down_us = kDay * static_cast<int64_t>(random->Below(20));
      stages.push_back(stage);
    }
    text.tracks.emplace_back(t == 0 ? "lifecycle" : "other", stages);
  }
  return MakeRules(text);
}

journal::EventRecord RandomEvent(int64_t now_us, Random* random) {
  int64_t at_us =
      now_us + kDay - static_cast<int64_t>(random->Below(random->Below(4) == 0 ? 40 : 3)) * kDay;
  // Some on the dot, so that differences between them are what rules compare with.
  if (random->Below(2) == 0) at_us = at_us / kDay * kDay;
  switch (random->Below(6)) {
    case 0:
      return Refunded(at_us, 5'000'000);
    case 1:
      return Engagement(at_us);
    case 2:
      return AttributeEvent(at_us, "score", static_cast<int64_t>(random->Below(5)));
    case 3:
      return AttributeEvent(at_us, "until", FormatInstant(at_us + 15 * kDay));
    default:
      return Bought(at_us, static_cast<int64_t>(1 + random->Below(50)) * 1'000'000);
  }
}

}  // namespace tenure::customers
