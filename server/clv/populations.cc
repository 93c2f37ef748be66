#include "server/clv/populations.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/model_kind.h"
#include "server/clv/population_spread.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/spend_estimate.h"
#include "server/clv/summary.h"

namespace tenure::clv {
namespace {

// One population's part in the fits of its family.
struct Member {
  const PopulationSpec* spec = nullptr;
  absl::Span<const Observation> rows;
  std::vector<SpendRow> spends;
  Population result;
  ValueParameters parameters;
};

// An estimate and how it was come by.
struct Estimate {
  Evidence evidence;
  std::vector<double> parameters;
  std::vector<double> log_covariance;
};

// Fits one population's data: without a prior by maximum likelihood, nullopt where there are none.
using Fitter = std::function<std::optional<ModelFit>(const Prior* prior)>;

// One fitted thing (purchases, or spend) of all members.
struct Borrowing {
  std::vector<Estimate> estimates;  // by member
  std::vector<double> log_spread;
  int own = 0;
};

struct Part {
  int64_t cases = 0;
  Fitter fit;
};

// What `priors` say of a model's parameters; none where they say nothing.
std::optional<Prior> PriorUnder(const std::vector<ModelPrior>& priors, const std::string& model) {
  for (const ModelPrior& prior : priors) {
    if (prior.model == model) return PriorOf(prior.terms);
  }
  return std::nullopt;
}

// `own_prior` is of fits of a member's own.
Borrowing Borrow(absl::Span<const double> pooled, const std::optional<Prior>& own_prior,
                 const std::vector<Part>& parts) {
  Borrowing result;
  std::vector<std::optional<ModelFit>> fits(parts.size());
  std::vector<const ModelFit*> own;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].cases < kOwnCases) continue;
    fits[i] = parts[i].fit(own_prior.has_value() ? &*own_prior : nullptr);
    if (fits[i].has_value() && fits[i]->verdict == Verdict::kConverged) own.push_back(&*fits[i]);
  }
  result.own = static_cast<int>(own.size());
  result.log_spread = LogSpread(own, pooled);
  const Prior prior = PriorAround(pooled, result.log_spread);
  for (size_t i = 0; i < parts.size(); ++i) {
    Estimate estimate;
    estimate.evidence.cases = parts[i].cases;
    if (fits[i].has_value() && fits[i]->verdict == Verdict::kConverged) {
      estimate.evidence.source = Source::kOwn;
      estimate.evidence.own_weight = 1;
    } else {
      fits[i] = parts[i].fit(&prior);
      if (fits[i].has_value() && fits[i]->usable() && !fits[i]->log_covariance.empty()) {
        estimate.evidence.source = Source::kBorrowed;
        estimate.evidence.own_weight = WeightOfData(fits[i]->log_covariance, prior.log_precision);
      } else {
        fits[i].reset();
      }
    }
    if (fits[i].has_value()) {
      estimate.parameters = fits[i]->parameters;
      estimate.log_covariance = fits[i]->log_covariance;
    } else {
      estimate.parameters.assign(pooled.begin(), pooled.end());
      SquareMatrix covariance(pooled.size());
      for (size_t j = 0; j < pooled.size(); ++j) {
        covariance(j, j) = result.log_spread[j] * result.log_spread[j];
      }
      estimate.log_covariance = covariance.entries();
    }
    result.estimates.push_back(std::move(estimate));
  }
  return result;
}

Part PurchasesOf(const Member& member, const ModelKind& kind) {
  Part part;
  part.cases = member.result.purchases.cases;
  part.fit = [&member, &kind](const Prior* prior) -> std::optional<ModelFit> {
    // The rows were checked with the family's: what is refused now has no time at all.
    const absl::StatusOr<Summary> summary =
        Summary::Take(PurchaseRowsOf(member.rows, member.spec->options.time_unit_days));
    if (!summary.ok()) return std::nullopt;
    FitOptions options;
    if (prior != nullptr) options.prior = *prior;
    return FitPurchaseModel(kind, *summary, options);
  };
  return part;
}

Part SpendOf(const Member& member) {
  Part part;
  part.cases = static_cast<int64_t>(member.spends.size());
  part.fit = [&member](const Prior* prior) -> std::optional<ModelFit> {
    if (member.spends.empty()) return std::nullopt;
    return *FitGammaGamma(member.spends, prior);
  };
  return part;
}

// The pooled fit that a family's value model was made of; null where it is a simple estimate.
const ModelFit* PooledFit(const FittedValue& pooled) {
  const ValueParameters& used = pooled.model->parameters();
  for (const ModelFit& fit : pooled.report.purchase) {
    const bool is_fit = fit.usable() && !fit.log_covariance.empty();
    if (is_fit && fit.model == used.model && fit.parameters == used.purchase) return &fit;
  }
  return nullptr;
}

class Family {
 public:
  Family(std::string model, double unit) : model_(std::move(model)), unit_(unit) {}

  // The rows follow on those of the member before.
  void Add(const PopulationSpec& spec, absl::Span<const Observation> rows) {
    Member member;
    member.spec = &spec;
    member.result.name = spec.name;
    member.result.customers = static_cast<int64_t>(rows.size());
    for (const Observation& row : rows) {
      if (!(row.frequency > 0)) continue;
      ++member.result.purchases.cases;
      if (IsSpend(row.mean_spend)) member.spends.push_back({row.frequency, row.mean_spend});
    }
    member.result.spend.cases = static_cast<int64_t>(member.spends.size());
    customers_ += member.result.customers;
    member.rows = rows;
    rows_ = members_.empty() ? rows : absl::MakeConstSpan(rows_.data(), rows_.size() + rows.size());
    members_.push_back(std::move(member));
  }

  absl::Status Fit(const ValueOptions& defaults, const PriorRequest* prior) {
    if (rows_.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "population `", members_[0].spec->name, "`: it has no customers, and there are none of ",
          "another with the model ", model_, " and its time unit to borrow from"));
    }
    ValueOptions options = defaults;
    options.model = model_;
    options.time_unit_days = unit_;
    if (prior != nullptr) {
      TENURE_ASSIGN_OR_RETURN(MapValue map, FitValueModelByMap(rows_, options, *prior));
      pooled_ = std::move(map.value);
      priors_ = std::move(map.priors);
    } else {
      TENURE_ASSIGN_OR_RETURN(pooled_, FitValueModel(rows_, options));
    }
    const FitReport& report = pooled_.report;
    if (model_ != "auto" && report.purchase.back().verdict == Verdict::kFailed) {
      return absl::InvalidArgumentError(
          absl::StrCat("populations of model ", model_, ": ", report.purchase.back().explanation));
    }
    for (Member& member : members_) member.parameters = pooled_.model->parameters();
    TENURE_RETURN_IF_ERROR(FitPurchases());
    FitSpend();
    for (Member& member : members_) {
      absl::StatusOr<std::shared_ptr<const ValueModel>> model =
          ValueModel::Create(std::move(member.parameters), member.spec->options);
      if (!model.ok()) {
        return Annotate(model.status(), absl::StrCat("population `", member.spec->name, "`"));
      }
      member.result.model = *std::move(model);
    }
    return absl::OkStatus();
  }

  int64_t customers() const { return customers_; }
  const std::shared_ptr<const ValueModel>& pooled() const { return pooled_.model; }
  std::vector<Member>& members() { return members_; }
  PopulationFamily Report() {
    return {model_,         unit_,       std::move(pooled_.report), std::move(priors_),
            purchases_.own, spends_.own, purchases_.log_spread,     spends_.log_spread};
  }

 private:
  absl::Status FitPurchases() {
    const ModelFit* pooled = PooledFit(pooled_);
    if (pooled == nullptr) return absl::OkStatus();
    TENURE_ASSIGN_OR_RETURN(const ModelKind kind, FindModelKind(pooled->model));
    std::vector<Part> parts;
    for (const Member& member : members_) parts.push_back(PurchasesOf(member, kind));
    purchases_ = Borrow(pooled->parameters, PriorUnder(priors_, pooled->model), parts);
    for (size_t i = 0; i < members_.size(); ++i) {
      Estimate& estimate = purchases_.estimates[i];
      members_[i].result.purchases = estimate.evidence;
      ValueParameters& parameters = members_[i].parameters;
      parameters.purchase = std::move(estimate.parameters);
      parameters.purchase_log_cov = std::move(estimate.log_covariance);
      parameters.verdict = EvidenceText(estimate.evidence, "repeat buyers");
      parameters.fallback = estimate.evidence.source == Source::kPooled;
    }
    return absl::OkStatus();
  }

  void FitSpend() {
    const ModelFit& pooled = pooled_.report.spend;
    const ValueParameters& used = pooled_.model->parameters();
    if (used.spend.empty() || used.spend != pooled.parameters || !pooled.usable()) return;
    std::vector<Part> parts;
    for (const Member& member : members_) parts.push_back(SpendOf(member));
    spends_ = Borrow(pooled.parameters, PriorUnder(priors_, pooled.model), parts);
    for (size_t i = 0; i < members_.size(); ++i) {
      Estimate& estimate = spends_.estimates[i];
      members_[i].result.spend = estimate.evidence;
      ValueParameters& parameters = members_[i].parameters;
      parameters.spend = std::move(estimate.parameters);
      parameters.spend_log_cov = std::move(estimate.log_covariance);
      parameters.spend_verdict = EvidenceText(estimate.evidence, "customers with a spend");
    }
  }

  const std::string model_;
  const double unit_;
  int64_t customers_ = 0;
  absl::Span<const Observation> rows_;  // of all members
  std::vector<Member> members_;
  FittedValue pooled_;
  std::vector<ModelPrior> priors_;
  Borrowing purchases_;
  Borrowing spends_;
};

// The families' populations, by model and unit, each family's by name.
using Key = std::pair<std::string, double>;
Key KeyOf(const PopulationSpec& spec) { return {spec.options.model, spec.options.time_unit_days}; }

// INVALID_ARGUMENT naming the row that is of no population, or can't be.
absl::Status Check(absl::Span<const Observation> rows, absl::Span<const size_t> population_of,
                   size_t populations) {
  if (rows.size() != population_of.size()) {
    return absl::InvalidArgumentError("population_of must have one entry for each row");
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    if (population_of[i] < populations) continue;
    return absl::InvalidArgumentError(absl::StrCat("row ", i, ": there is no population ",
                                                   population_of[i], ", only ", populations));
  }
  // So that what is refused names the row among all of them.
  return CheckRows(rows.size(), [rows](size_t i) {
    return PurchaseRow{rows[i].frequency, rows[i].recency_days, rows[i].age_days};
  });
}

// Where the rows of each population, in this order, end: they are put one population after the
// other.
std::vector<size_t> Sort(absl::Span<const size_t> population_of, const std::vector<size_t>& order,
                         std::vector<Observation>* rows) {
  std::vector<size_t> ends(order.size());
  for (const size_t population : population_of) ++ends[population];
  size_t before = 0;
  for (const size_t population : order) {
    before += std::exchange(ends[population], before);  // for now where it begins
  }
  std::vector<Observation> sorted(rows->size());
  for (size_t i = 0; i < rows->size(); ++i) sorted[ends[population_of[i]]++] = (*rows)[i];
  *rows = std::move(sorted);
  return ends;
}

}  // namespace

absl::StatusOr<FittedPopulations> FitPopulations(std::vector<Observation> rows,
                                                 absl::Span<const size_t> population_of,
                                                 absl::Span<const PopulationSpec> specs,
                                                 const ValueOptions& defaults,
                                                 const std::string& column,
                                                 const PriorRequest* prior) {
  TENURE_RETURN_IF_ERROR(Check(rows, population_of, specs.size()));
  std::vector<size_t> order;
  for (size_t i = 0; i < specs.size(); ++i) {
    const double unit = specs[i].options.time_unit_days;
    if (!std::isfinite(unit) || unit <= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("population `", specs[i].name, "`: time_unit_days must be above 0"));
    }
    order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](size_t l, size_t r) {
    const Key left = KeyOf(specs[l]), right = KeyOf(specs[r]);
    return left != right ? left < right : specs[l].name < specs[r].name;
  });
  const std::vector<size_t> ends = Sort(population_of, order, &rows);
  std::map<Key, Family> families;
  size_t begin = 0;
  for (const size_t i : order) {
    const Key key = KeyOf(specs[i]);
    families.try_emplace(key, key.first, key.second)
        .first->second.Add(specs[i], absl::MakeConstSpan(rows).subspan(begin, ends[i] - begin));
    begin = ends[i];
  }
  FittedPopulations fitted;
  std::vector<Population> populations;
  Family* largest = nullptr;
  for (auto& [key, family] : families) {
    TENURE_RETURN_IF_ERROR(family.Fit(defaults, prior));
    for (Member& member : family.members()) populations.push_back(std::move(member.result));
    if (largest == nullptr || family.customers() > largest->customers()) largest = &family;
  }
  if (largest == nullptr) return absl::InvalidArgumentError("there is no population");
  const auto of_defaults = families.find({defaults.model, defaults.time_unit_days});
  const Family& usual = of_defaults != families.end() ? of_defaults->second : *largest;
  TENURE_ASSIGN_OR_RETURN(fitted.models,
                          PopulationModels::Create(column, usual.pooled(), std::move(populations)));
  for (auto& [key, family] : families) fitted.families.push_back(family.Report());
  return fitted;
}

}  // namespace tenure::clv
