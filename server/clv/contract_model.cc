#include "server/clv/contract_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/clv/beta_bernoulli.h"
#include "server/clv/beta_mean.h"
#include "server/clv/draw.h"
#include "server/clv/retention_cohort.h"

namespace tenure::clv {
namespace {

constexpr double kRounding = 1e-9;  // times that were scaled are whole but for it

}  // namespace

ContractModel::ContractModel(double alpha, double beta)
    : PurchaseModel("sbg", {alpha, beta}), curve_{alpha, beta, 1} {}

ContractModel::ContractModel(double alpha, double beta, double c)
    : PurchaseModel("bdw", {alpha, beta, c}), curve_{alpha, beta, c} {}

ContractModel::Standing ContractModel::StandingOf(const History& history) {
  const double renewals = std::floor(history.recency + kRounding * (1 + history.recency));
  const bool active = IsActive({renewals, renewals, history.age});
  return {active, renewals, active ? std::clamp(renewals + 1 - history.age, 0.0, 1.0) : 0};
}

double ContractModel::DueWithin(const Standing& standing, double t) {
  const double passed = t - standing.next;
  if (!(t > 0) || passed < -kRounding) return 0;
  return std::min(std::floor(passed + kRounding * (1 + t)) + 1, 1.0 * kMostOccasions);
}

double ContractModel::TimeScale(const History& history) const { return std::max(history.age, 1.0); }

double ContractModel::RowLogLikelihood(const History& history) const {
  const Standing standing = StandingOf(history);
  const double log_reached = curve_.LogSurvival(standing.renewals);
  if (standing.active) return log_reached;
  return log_reached + std::log1p(-curve_.Retention(standing.renewals + 1));
}

double ContractModel::LogOddsDead(const History& history) const {
  return StandingOf(history).active ? -kCertain : kCertain;
}

double ContractModel::PAliveAfter(const History& history, double t) const {
  const Standing standing = StandingOf(history);
  if (!standing.active) return 0;
  return curve_.Survival(standing.renewals, DueWithin(standing, t));
}

double ContractModel::SilenceUntil(const History& history, double log_odds) const {
  const Standing standing = StandingOf(history);
  if (!standing.active || log_odds <= -kCertain) return 0;
  if (log_odds > kCertain) return std::numeric_limits<double>::infinity();
  return standing.next;
}

double ContractModel::RhythmLimit(const History&) const { return 1; }

double ContractModel::ExpectedPurchases(const History& history, double t) const {
  const Standing standing = StandingOf(history);
  if (!standing.active) return 0;
  double sum = 0;
  const double due = DueWithin(standing, t);
  for (double j = 1; j <= due; ++j) sum += curve_.Survival(standing.renewals, j);
  return sum;
}

void ContractModel::CountProbabilities(const History& history, double t,
                                       absl::Span<double> out) const {
  const Standing standing = StandingOf(history);
  const double due = standing.active ? DueWithin(standing, t) : 0;
  double reached = 1;
  for (size_t i = 0; i < out.size(); ++i) {
    const auto n = static_cast<double>(i);
    const double next = n < due ? curve_.Survival(standing.renewals, n + 1) : 0;
    out[i] = reached - next;
    reached = next;
  }
}

double ContractModel::ExpectedDiscounted(const History& history, double discount) const {
  const Standing standing = StandingOf(history);
  if (!standing.active) return 0;
  return std::exp(-discount * standing.next) * curve_.ResidualLifetime(standing.renewals, discount);
}

// E[(1 − θ)^…] of what would have been renewed had the i-th renewal from now come that didn't, over
// the customers whose it is: E[ρ^(v_j − Δ_i)] − E[ρ^(v_j)] with v_j and Δ_i the risks up to renewal
// j and of renewal i alone.
double ContractModel::AtRisk(const Standing& standing, const TimeGrid& grid) const {
  const double n = standing.renewals;
  const double due = DueWithin(standing, grid.horizon);
  const double in_window = DueWithin(standing, grid.window);
  const double log_now = curve_.LogSurvival(n);
  double at_risk = 0;
  for (double j = 1; j <= due; ++j) {
    double failed = 0;
    if (curve_.c == 1) {
      failed = std::min(j, in_window) * (curve_.Survival(n, j - 1) - curve_.Survival(n, j));
    } else {
      const double risk = std::pow(n + j, curve_.c);
      const double kept = std::exp(curve_.LogSurvival(n + j) - log_now);
      for (double i = 1; i <= std::min(j, in_window); ++i) {
        const double own = std::pow(n + i, curve_.c) - std::pow(n + i - 1, curve_.c);
        failed += std::exp(LogBetaSurvival(curve_.alpha, curve_.beta, std::max(risk - own, 0.0)) -
                           log_now) -
                  kept;
      }
    }
    at_risk += std::exp(-grid.discount_rate * (standing.next + j - 1)) * failed;
  }
  return at_risk;
}

Outlook ContractModel::OutlookIfAlive(const History& history, const TimeGrid& grid) const {
  const Standing standing = StandingOf(history);
  const double due = DueWithin(standing, grid.horizon);
  Outlook outlook;
  double before = 0;  // Σ of the discounts of earlier renewals
  for (double j = 1; j <= due; ++j) {
    const double renews = curve_.Survival(standing.renewals, j);
    const double discount = std::exp(-grid.discount_rate * (standing.next + j - 1));
    outlook.count += renews;
    outlook.value += renews * discount;
    outlook.squares += renews * discount * discount;
    outlook.pairs += 2 * renews * discount * before;
    before += discount;
  }
  outlook.at_risk = AtRisk(standing, grid);
  const double log_quiet = std::log1p(-curve_.Survival(standing.renewals, 1));
  if (DueWithin(standing, grid.window) > 0) outlook.log_quiet_window = log_quiet;
  if (due > 0) outlook.log_quiet_horizon = log_quiet;
  return outlook;
}

double ContractModel::ValueIfAlive(const History& history, const TimeGrid& grid) const {
  const Standing standing = StandingOf(history);
  const double due = DueWithin(standing, grid.horizon);
  double value = 0;
  for (double j = 1; j <= due; ++j) {
    value += curve_.Survival(standing.renewals, j) *
             std::exp(-grid.discount_rate * (standing.next + j - 1));
  }
  return value;
}

double ContractModel::ValueIfRevived(const History& history, const TimeGrid& grid) const {
  const Standing standing = StandingOf(history);
  if (standing.active) return ValueIfAlive(history, grid);
  const double n = standing.renewals;
  const double kept = curve_.c == 1 ? n : std::pow(n, curve_.c);
  const double missed = curve_.c == 1 ? n + 1 : std::pow(n + 1, curve_.c);
  // E[ρ^kept (1 − ρ^(missed − kept)) ρ^more] over its value at more = 0.
  const auto weight = [&](double more) {
    const double log_kept = LogBetaSurvival(curve_.alpha, curve_.beta, kept + more);
    const double log_missed = LogBetaSurvival(curve_.alpha, curve_.beta, missed + more);
    return std::exp(log_kept) * -std::expm1(log_missed - log_kept);
  };
  const double total = weight(0);
  if (!(total > 0)) return 0;
  const double due = std::min(std::floor(grid.horizon + kRounding), 1.0 * kMostOccasions);
  double value = 0;
  for (double j = 1; j <= due; ++j) {
    value += weight(curve_.c == 1 ? j : std::pow(j, curve_.c)) / total *
             std::exp(-grid.discount_rate * j);
  }
  return value;
}

void ContractModel::Draw(double length, Random* random, Life* life) const {
  life->rate = 1;
  life->dropout = DrawBeta(curve_.alpha, curve_.beta, random);
  life->death = std::numeric_limits<double>::infinity();
  life->times.assign(1, 0.0);
  const double log_stay = std::log1p(-life->dropout);
  for (double t = 1; t <= length; ++t) {
    const double risk = std::pow(t, curve_.c) - std::pow(t - 1, curve_.c);
    if (random->Uniform() >= std::exp(risk * log_stay)) {
      life->death = t;
      return;
    }
    life->times.push_back(t);
  }
}

}  // namespace tenure::clv
