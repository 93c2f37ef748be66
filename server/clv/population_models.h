// A value model for each of several populations (cohorts, countries, lines of business), and the
// pooled one for customers of none of them. Docs: docs/clv.md.
#ifndef TENURE_SERVER_CLV_POPULATION_MODELS_H_
#define TENURE_SERVER_CLV_POPULATION_MODELS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/clv/value_model.h"

namespace tenure::clv {

// Where a population's parameters come from.
enum class Source {
  kOwn,       // maximum likelihood over its customers alone
  kBorrowed,  // its customers, and the pooled fit as prior
  kPooled,    // the pooled estimate: nothing was known of its own
};

struct Evidence {
  Source source = Source::kPooled;
  int64_t cases = 0;      // customers with a repeat purchase; of spend, with the spend of one
  double own_weight = 0;  // of the population's own data, 0 to 1; of an own fit 1
};

struct Population {
  std::string name;
  int64_t customers = 0;
  Evidence purchases;
  Evidence spend;  // means nothing where the model has no spend
  std::shared_ptr<const ValueModel> model;

  // For a person: "borrowed: 34 repeat buyers, weight of own data 41 %; spend own: 120 customers
  // with a spend".
  std::string Text() const;
  // Whether nothing in its model comes from other populations.
  bool IsOwn() const;
};

// The first half of Text, of purchases: as it also stands in the model's verdict.
std::string EvidenceText(const Evidence& evidence, absl::string_view cases);

// Immutable, thread-safe.
class PopulationModels {
 public:
  // `column` is what the names are values of; may be empty. INVALID_ARGUMENT where there is no
  // population, a name comes twice, a model is missing or a figure is out of range.
  static absl::StatusOr<std::shared_ptr<const PopulationModels>> Create(
      std::string column, std::shared_ptr<const ValueModel> pooled,
      std::vector<Population> populations);
  // What ToJson wrote. INVALID_ARGUMENT naming population and key.
  static absl::StatusOr<std::shared_ptr<const PopulationModels>> FromJson(absl::string_view json);
  // Canonical: the same models give the same bytes; numbers round-trip exactly.
  std::string ToJson() const;
  // Whether it is such a document rather than one ValueModel's.
  static bool IsJson(absl::string_view json);

  // Null where there is none of that name.
  const Population* Find(absl::string_view name) const;
  // The population's model, or the pooled one.
  const ValueModel& ModelOf(absl::string_view name) const;
  // Population::Text, or that the population is unknown and the pooled model is used.
  std::string TextOf(absl::string_view name) const;

  const std::string& column() const { return column_; }
  const ValueModel& pooled() const { return *pooled_; }
  const std::shared_ptr<const ValueModel>& pooled_model() const { return pooled_; }
  absl::Span<const Population> populations() const { return populations_; }  // by name

 private:
  PopulationModels(std::string column, std::shared_ptr<const ValueModel> pooled,
                   std::vector<Population> populations)
      : column_(std::move(column)),
        pooled_(std::move(pooled)),
        populations_(std::move(populations)) {}

  const std::string column_;
  const std::shared_ptr<const ValueModel> pooled_;
  const std::vector<Population> populations_;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_POPULATION_MODELS_H_
