#include "server/clv/shop_simulator.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/hash.h"
#include "server/base/status.h"

namespace tenure::clv {
namespace {

// Purposes of a customer's generators.
constexpr uint64_t kJoining = 1;
constexpr uint64_t kCovariates = 0x636f76;
constexpr uint64_t kArrivals = 0x617272;
constexpr uint64_t kRescue = 0x726573;

// Just short of the end, so that no order falls on the day after it.
constexpr double kShort = 1e-9;
// Purchases a customer on average: more is a mistake of units, and would not fit into memory.
constexpr double kMostPurchases = 100'000;
// Of γ'z: e^30 times the rate is a mistake of units too.
constexpr double kMostEffect = 30;
// What an order usually costs, within what orders are written with.
constexpr double kLeastUsualSpend = 0.01, kMostUsualSpend = 1e9;

constexpr double kNever = std::numeric_limits<double>::infinity();

// The largest |z| to be expected.
double Extent(const CovariateColumn& column) {
  if (column.distribution == CovariateColumn::Distribution::kBernoulli) return 1;
  if (column.distribution == CovariateColumn::Distribution::kNormal) {
    return std::abs(column.first) + 8 * column.second;
  }
  return std::max(std::abs(column.first), std::abs(column.second));
}

absl::Status CheckPurchases(const Scenario& scenario, const ModelKind& kind) {
  if (kind.is_discrete || kind.parameters.size() < 2) return absl::OkStatus();
  const double mean = scenario.parameters[0] / scenario.parameters[1] * scenario.length;
  if (mean <= kMostPurchases) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("parameters: r / alpha is ", mean,
                   " purchases a customer over the record; give alpha in the unit of time"));
}

absl::Status CheckSpend(const GammaGamma& spend) {
  if (spend.p == 0 && spend.q == 0 && spend.v == 0) return absl::OkStatus();  // none
  for (const double each : {spend.p, spend.q, spend.v}) {
    if (each > 0 && std::isfinite(each)) continue;
    return absl::InvalidArgumentError("spend: p, q and v must be above 0 and finite");
  }
  const double usual = spend.p * spend.v / spend.q;
  if (usual >= kLeastUsualSpend && usual <= kMostUsualSpend) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("spend: orders are about p v / q = ", usual,
                   "; it must be from 0.01 to 1e9, or amounts would be cut"));
}

// Dates are written with four digits of the year.
absl::Status CheckDays(const Scenario& scenario, size_t days) {
  constexpr int64_t kFirst = -719'162, kLast = 2'932'896;  // 0001-01-01, 9999-12-31
  if (scenario.start_day >= kFirst &&
      scenario.start_day + static_cast<int64_t>(days) - 1 <= kLast) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "start_day: the record must lie between the years 1 and 9999; begin earlier or shorten it");
}

absl::Status CheckContinuous(const Scenario& scenario, const ModelKind& kind) {
  if (!kind.is_discrete) return absl::OkStatus();
  const char* what = nullptr;
  if (!scenario.campaigns.empty()) what = "campaigns";
  if (!scenario.season.is_flat()) what = "season";
  if (what == nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      what, ": it changes a rate of purchases from day to day, and ", kind.name,
      " has occasions instead of a rate; use nbd, bg_nbd, mbg_nbd or another with a rate"));
}

}  // namespace

struct ShopSimulator::Own {
  std::shared_ptr<const PurchaseModel> model;
  double shape;  // of the rate's Gamma
  double rate;
};

ShopSimulator::ShopSimulator(Scenario scenario, ModelKind kind,
                             std::shared_ptr<const PurchaseModel> model)
    : scenario_(std::move(scenario)),
      kind_(std::move(kind)),
      model_(std::move(model)),
      simulator_(model_, scenario_.spend, scenario_.seed),
      fitted_(scenario_.parameters) {}

absl::StatusOr<ShopSimulator> ShopSimulator::Create(Scenario scenario) {
  TENURE_ASSIGN_OR_RETURN(ModelKind kind, FindModelKind(scenario.model));
  TENURE_ASSIGN_OR_RETURN(auto model, CreatePurchaseModel(scenario.model, scenario.parameters));
  TENURE_RETURN_IF_ERROR(CheckPurchases(scenario, kind));
  TENURE_RETURN_IF_ERROR(CheckContinuous(scenario, kind));
  TENURE_RETURN_IF_ERROR(CheckSpend(scenario.spend));
  ShopSimulator shop(std::move(scenario), std::move(kind), std::move(model));
  TENURE_RETURN_IF_ERROR(shop.CheckCovariates());
  const Scenario& made = shop.scenario_;
  shop.is_plain_ = made.season.is_flat() && made.campaigns.empty();
  shop.days_ = static_cast<size_t>(std::ceil(made.length * made.unit_days));
  TENURE_RETURN_IF_ERROR(CheckDays(made, shop.days_));
  int beyond = 1;
  for (const CampaignEffect& campaign : made.campaigns) {
    TENURE_RETURN_IF_ERROR(Annotate(campaign.Check(), "campaigns"));
    if (campaign.days.front() < 0 || campaign.days.back() >= static_cast<int>(shop.days_)) {
      return absl::InvalidArgumentError(
          absl::StrCat("campaigns: ", campaign.name, ": contacts must fall into the record"));
    }
    const uint64_t purpose = StableHash(campaign.name);
    if (std::find(shop.purposes_.begin(), shop.purposes_.end(), purpose) != shop.purposes_.end()) {
      return absl::InvalidArgumentError(absl::StrCat("campaigns: two are named ", campaign.name,
                                                     "; give each a name of its own"));
    }
    shop.purposes_.push_back(purpose);
    shop.ranks_ |= campaign.ranks();
    beyond = std::max(beyond, campaign.window_days + 1);
  }
  if (shop.is_plain_) return shop;
  std::vector<double> multipliers;  // of the season, by day
  for (size_t day = 0; day < shop.days_ + static_cast<size_t>(beyond); ++day) {
    multipliers.push_back(made.season.On(made.start_day + static_cast<int64_t>(day)));
  }
  shop.season_.Assign(multipliers);
  return shop;
}

absl::Status ShopSimulator::CheckCovariates() {
  const SimulatedCovariates& given = scenario_.covariates;
  for (const CovariateColumn& column : given.columns) {
    TENURE_RETURN_IF_ERROR(Annotate(column.Check(), "covariates"));
    plan_.names.push_back(column.name);
  }
  if (plan_.names.size() > kMostCovariates) {
    return absl::InvalidArgumentError(
        absl::StrCat("covariates: at most ", kMostCovariates, ", not ", plan_.names.size()));
  }
  plan_ = CovariatePlan::Both(std::move(plan_.names));
  const std::vector<std::string> names = plan_.CoefficientNames(kind_);
  fitted_.resize(kind_.parameters.size() + names.size(), 0.0);
  double effect = 0;
  for (const auto& [name, value] : given.coefficients) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      return absl::InvalidArgumentError(
          names.empty() ? absl::StrCat("covariates: ", name, ": ", kind_.name,
                                       " takes no covariates, or there is "
                                       "no column; give one as channel=bernoulli(0.4)")
                        : absl::StrCat("covariates: no coefficient ", name, "; there are ",
                                       absl::StrJoin(names, ", ")));
    }
    fitted_[kind_.parameters.size() + static_cast<size_t>(found - names.begin())] = value;
    for (const CovariateColumn& column : given.columns) {
      if (name == absl::StrCat(name.substr(0, name.find(':') + 1), column.name)) {
        effect += std::abs(value) * Extent(column);
      }
    }
  }
  if (effect <= kMostEffect) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "covariates: they change rates by a factor of e^", effect, " at the ends of the columns; ",
      "coefficients are per unit of the column: make them smaller"));
}

ShopSimulator::Own ShopSimulator::ModelOf(uint64_t index, ShopCustomer* customer) const {
  customer->covariates.clear();
  if (plan_.names.empty()) return {model_, fitted_[0], fitted_.size() > 1 ? fitted_[1] : 1};
  Random random = simulator_.GeneratorOf(index, kCovariates);
  for (const CovariateColumn& column : scenario_.covariates.columns) {
    customer->covariates.push_back(column.Draw(&random));
  }
  Vector at{};
  const std::vector<double> own = ParametersAt(kind_, plan_, fitted_, customer->covariates);
  std::copy(own.begin(), own.end(), at.begin());
  return {kind_.make(at), own[0], own.size() > 1 ? own[1] : 1};
}

// Of their rate among everybody with the same covariates.
double ShopSimulator::RankOf(uint64_t index, const Own& own, ShopCustomer* customer) const {
  if (!ranks_) return 0.5;
  Random random = simulator_.GeneratorOf(index, 0);
  own.model->Draw(0, &random, customer);
  return boost::math::gamma_p(own.shape, own.rate * customer->rate * kind_.regularity);
}

const ChangedTime& ShopSimulator::Contact(uint64_t index, double rank,
                                          ShopCustomer* customer) const {
  customer->contacts.clear();
  customer->responses.clear();
  customer->changes.clear();
  for (size_t c = 0; c < scenario_.campaigns.size(); ++c) {
    const CampaignEffect& campaign = scenario_.campaigns[c];
    Random random = simulator_.GeneratorOf(index, purposes_[c]);
    SimulatedResponse response;
    response.held_out = random.Uniform() < campaign.holdout;
    response.segment = campaign.SegmentOf(rank, random.Uniform());
    customer->responses.push_back(response);
    const double uplift = campaign.UpliftOf(response.segment);
    for (const int day : campaign.days) {
      const bool chosen = random.Uniform() < campaign.share;
      if (!chosen || day <= customer->joined * scenario_.unit_days) continue;
      customer->contacts.push_back({c, day, !response.held_out});
      if (!response.held_out) campaign.Apply(day, uplift, &customer->changes);
    }
  }
  customer->time.Assign(&season_, &customer->changes);
  return customer->time;
}

// The share of departures on a day that the contacts before it prevent.
double ShopSimulator::Retained(const ShopCustomer& customer, double day) const {
  double leaves = 1;
  for (const SimulatedContact& contact : customer.contacts) {
    const CampaignEffect& campaign = scenario_.campaigns[contact.campaign];
    if (contact.treated && day >= contact.day && day < contact.day + campaign.window_days) {
      leaves *= 1 - campaign.retention;
    }
  }
  return 1 - leaves;
}

BuyingHabit ShopSimulator::HabitOf(const Life& life) const {
  return {BuyingHabit::DepartureOf(kind_), kind_.regularity, life.rate, life.dropout};
}

// The whole process, coins included, runs in operational time.
void ShopSimulator::LiveByPurchases(uint64_t index, const PurchaseModel& model,
                                    const ChangedTime& time, ShopCustomer* customer) const {
  const double unit = scenario_.unit_days;
  const double begin = time.At(customer->joined * unit);
  const double length = std::max((time.At(scenario_.length * unit) - begin) / unit - kShort, 0.0);
  Random random = simulator_.GeneratorOf(index, 0);
  model.Draw(length, &random, customer);
  const BuyingHabit habit = HabitOf(*customer);
  Random rescue = simulator_.GeneratorOf(index, kRescue);
  while (customer->death > 0 && customer->death < kNever) {
    const double kept = Retained(*customer, time.Reaches(begin + customer->death * unit));
    if (kept == 0 || rescue.Uniform() >= kept) break;
    customer->death = habit.Continue(customer->death, length, &rescue, &customer->times);
  }
  Finish(time, length, customer);
  if (customer->death < kNever) customer->death = customer->times.back();
}

// Death keeps calendar time; the purchases until then are drawn anew in operational time.
void ShopSimulator::LiveByTheClock(uint64_t index, const PurchaseModel& model,
                                   const ChangedTime& time, ShopCustomer* customer) const {
  const double unit = scenario_.unit_days;
  const double length = scenario_.length - customer->joined - kShort;
  Random random = simulator_.GeneratorOf(index, 0);
  model.Draw(std::max(length, 0.0), &random, customer);
  const BuyingHabit habit = HabitOf(*customer);
  Random rescue = simulator_.GeneratorOf(index, kRescue);
  while (customer->death < kNever) {
    const double kept = Retained(*customer, (customer->joined + customer->death) * unit);
    if (kept == 0 || rescue.Uniform() >= kept) break;
    customer->death -= std::log(rescue.UniformOpen()) / customer->dropout;
    if (customer->death > length) customer->death = kNever;
  }
  const double stop = customer->joined + std::min(customer->death, length);
  const double lived = (time.At(stop * unit) - time.At(customer->joined * unit)) / unit;
  Random arrivals = simulator_.GeneratorOf(index, kArrivals);
  customer->times.assign(1, 0.0);
  habit.Continue(0, lived, &arrivals, &customer->times);
  Finish(time, lived, customer);
}

void ShopSimulator::Finish(const ChangedTime& time, double length, ShopCustomer* customer) const {
  const double unit = scenario_.unit_days;
  if (customer->death == kNever) {
    const BuyingHabit habit = HabitOf(*customer);
    const double silence = std::max(length - customer->times.back(), 0.0);
    for (size_t c = 0; c < customer->responses.size(); ++c) {
      const CampaignEffect& campaign = scenario_.campaigns[c];
      SimulatedResponse& response = customer->responses[c];
      response.chances = ResponseOf(campaign, campaign.UpliftOf(response.segment), habit, silence,
                                    season_, scenario_.length * unit, unit);
    }
  }
  const double begin = time.At(customer->joined * unit);
  for (size_t k = 1; k < customer->times.size(); ++k) {  // the first is 0 by either
    customer->times[k] = time.Reaches(begin + customer->times[k] * unit) / unit - customer->joined;
  }
}

void ShopSimulator::Draw(uint64_t index, ShopCustomer* customer) const {
  customer->joined = scenario_.joining * simulator_.UniformOf(index, kJoining);
  const Own own = ModelOf(index, customer);
  if (is_plain_) {
    Random random = simulator_.GeneratorOf(index, 0);
    own.model->Draw(std::max(scenario_.length - customer->joined - kShort, 0.0), &random, customer);
  } else {
    const ChangedTime& time = Contact(index, RankOf(index, own, customer), customer);
    if (BuyingHabit::DepartureOf(kind_) == BuyingHabit::Departure::kByTheClock) {
      LiveByTheClock(index, *own.model, time, customer);
    } else {
      LiveByPurchases(index, *own.model, time, customer);
    }
  }
  simulator_.DrawSpends(index, customer);
}

int64_t ShopSimulator::DayOf(const ShopCustomer& customer, double time) const {
  return static_cast<int64_t>(std::floor((customer.joined + time) * scenario_.unit_days));
}

}  // namespace tenure::clv
