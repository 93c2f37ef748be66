#include "clients/cli/valued_customers.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/counted_rows.h"
#include "server/base/status.h"
#include "server/clv/renewals.h"

namespace tenure::cli {

absl::StatusOr<ValuedCustomers> ValuedCustomers::Open(const ModelOption& option,
                                                      const std::string& weights) {
  TENURE_ASSIGN_OR_RETURN(const LoadedModel loaded, Load(option));
  TENURE_ASSIGN_OR_RETURN(std::shared_ptr<const clv::ValueModel> model,
                          clv::ValueModel::Create(loaded.parameters, loaded.options));
  TENURE_ASSIGN_OR_RETURN(std::unique_ptr<SummaryFile> file,
                          SummaryFile::Open(option.file(), weights));
  return ValuedCustomers(option.file(), std::move(model),
                         loaded.file_unit_days / loaded.options.time_unit_days, std::move(file));
}

absl::StatusOr<bool> ValuedCustomers::Next() {
  TENURE_ASSIGN_OR_RETURN(const bool found, file_->Next(&row_, &fields_));
  if (found) {
    is_empty_ = false;
    TENURE_RETURN_IF_ERROR(CheckCountsIn(*file_, row_, model_->model(), units_));
  } else if (is_empty_) {
    return absl::InvalidArgumentError(absl::StrCat(path_, " has no rows below its header"));
  }
  return found;
}

clv::History ValuedCustomers::history() const {
  const clv::History history = {row_.frequency, row_.recency * units_, row_.age * units_};
  return clv::IsContract(model_->model()) ? clv::RenewalsOf(history) : history;
}

clv::Observation ValuedCustomers::observation() const {
  const double days = units_ * model_->options().time_unit_days;
  return {row_.frequency, row_.recency * days, row_.age * days, row_.mean_spend};
}

}  // namespace tenure::cli
