#include "server/clv/purchase_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/clv/rising.h"

namespace tenure::clv {

const char* PurchaseKindName(PurchaseKind kind) {
  switch (kind) {
    case PurchaseKind::kNbd:
      return "nbd";
    case PurchaseKind::kBgNbd:
      return "bg_nbd";
    case PurchaseKind::kMbgNbd:
      return "mbg_nbd";
  }
  return "nbd";
}

absl::StatusOr<PurchaseKind> ParsePurchaseKind(absl::string_view name) {
  for (PurchaseKind kind : {PurchaseKind::kNbd, PurchaseKind::kBgNbd, PurchaseKind::kMbgNbd}) {
    if (name == PurchaseKindName(kind)) return kind;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown purchase model `", name, "`; use nbd, bg_nbd or mbg_nbd"));
}

std::vector<std::string> PurchaseParameterNames(PurchaseKind kind) {
  if (kind == PurchaseKind::kNbd) return {"r", "alpha"};
  return {"r", "alpha", "a", "b"};
}

absl::StatusOr<PurchaseModel> PurchaseModel::Create(PurchaseKind kind,
                                                    absl::Span<const double> parameters) {
  const std::vector<std::string> names = PurchaseParameterNames(kind);
  if (parameters.size() != names.size()) {
    return absl::InvalidArgumentError(absl::StrCat(PurchaseKindName(kind), " has ", names.size(),
                                                   " parameters, not ", parameters.size()));
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (!std::isfinite(parameters[i]) || parameters[i] <= 0) {
      return absl::InvalidArgumentError(absl::StrCat(PurchaseKindName(kind), ": parameter ",
                                                     names[i], " must be above 0 and finite, not ",
                                                     parameters[i]));
    }
  }
  PurchaseModel model{kind, parameters[0], parameters[1]};
  if (kind != PurchaseKind::kNbd) {
    model.a = parameters[2];
    model.b = parameters[3];
  }
  return model;
}

double PurchaseModel::Chances(double frequency) const {
  switch (kind) {
    case PurchaseKind::kNbd:
      return 0;
    case PurchaseKind::kBgNbd:
      return frequency;
    case PurchaseKind::kMbgNbd:
      return frequency + 1;
  }
  return 0;
}

double PurchaseModel::LogOddsDead(double frequency, double recency, double age) const {
  const double n = Chances(frequency);
  if (n <= 0) return -std::numeric_limits<double>::infinity();
  return std::log(a / (b + n - 1)) +
         (r + frequency) * std::log1p((age - recency) / (alpha + recency));
}

double PurchaseModel::PAlive(double frequency, double recency, double age) const {
  return 1 / (1 + std::exp(LogOddsDead(frequency, recency, age)));
}

double PurchaseModel::RowLogLikelihood(double frequency, double recency, double age) const {
  const double n = Chances(frequency);
  const double z = LogOddsDead(frequency, recency, age);
  return LogRisingValue(r, frequency) + LogRisingValue(b, n) - LogRisingValue(a + b, n) -
         frequency * std::log(alpha) - (r + frequency) * std::log1p(age / alpha) +
         std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z)));
}

AliveProcess PurchaseModel::Alive(double frequency, double age) const {
  return {r + frequency, alpha + age, a, b + Chances(frequency)};
}

AliveProcess PurchaseModel::Revived(double frequency, double recency, double age) const {
  const double n = Chances(frequency);
  if (n <= 0) return Alive(frequency, age);
  return {r + frequency, alpha + recency, a + 1, b + n - 1};
}

double PurchaseModel::ExpectedPurchases(double frequency, double recency, double age,
                                        double t) const {
  return PAlive(frequency, recency, age) * Alive(frequency, age).ExpectedCount(t);
}

double PurchaseModel::ExpectedPurchasesOfNew(double t) const {
  return ExpectedPurchases(0, 0, 0, t);
}

}  // namespace tenure::clv
