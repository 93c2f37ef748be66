// A fitted model, from its record to the contract.
#ifndef TENURE_SERVER_API_MODEL_CONVERSION_H_
#define TENURE_SERVER_API_MODEL_CONVERSION_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/clv/total_value.h"
#include "server/engine/model_versions.h"
#include "server/journal/records.h"
#include "server/planning/model_comparison.h"
#include "server/planning/model_health.h"
#include "tenure/v1/model_service.pb.h"

namespace tenure::api {

// DATA_LOSS when the record's own documents can't be read. Thread-safe, all of them.
absl::Status ConvertModel(const journal::ModelRecord& record, tenure::v1::Model* out);
// With what the journal knows of it; `in_force` is the hash of the model in force, `rules` are
// those in force (null: none), by which populations may be others than at the fit.
absl::Status ConvertVersion(const engine::ModelVersion& version, absl::string_view in_force,
                            const rules::RuleSet* rules, tenure::v1::Model* out);
// `basis` as ValueModel::basis() has it.
void ConvertTotal(const clv::TotalValue& from, absl::string_view basis,
                  tenure::v1::TotalValue* out);

void ConvertComparison(const planning::ModelComparison& from, tenure::v1::ModelComparison* out);
void ConvertHealth(const planning::ModelHealth& from, tenure::v1::ModelHealth* out);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_MODEL_CONVERSION_H_
