// A fitted model, from its record to the contract.
#ifndef TENURE_SERVER_API_MODEL_CONVERSION_H_
#define TENURE_SERVER_API_MODEL_CONVERSION_H_

#include "absl/status/status.h"
#include "server/journal/records.h"
#include "tenure/v1/model_service.pb.h"

namespace tenure::api {

// DATA_LOSS when the record's own documents can't be read. Thread-safe.
absl::Status ConvertModel(const journal::ModelRecord& record, tenure::v1::Model* out);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_MODEL_CONVERSION_H_
