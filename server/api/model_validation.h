// ModelService.ValidateModel. Internal to api/: includes grpcpp.
#ifndef TENURE_SERVER_API_MODEL_VALIDATION_H_
#define TENURE_SERVER_API_MODEL_VALIDATION_H_

#include <memory>

#include "server/api/call.h"
#include "server/validation/model_validation.h"
#include "tenure/v1/model_service.pb.h"

namespace tenure::api {

// Answers the call, on a worker.
void ServeModelValidation(const std::shared_ptr<Call<tenure::v1::ValidateModelResponse>>& call,
                          const tenure::v1::ValidateModelRequest& request);

// Thread-safe.
void ConvertValidation(const validation::ModelValidation& validated,
                       tenure::v1::ModelValidation* out);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_MODEL_VALIDATION_H_
