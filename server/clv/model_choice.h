// Which of the models tried a value model is made of, and why.
#ifndef TENURE_SERVER_CLV_MODEL_CHOICE_H_
#define TENURE_SERVER_CLV_MODEL_CHOICE_H_

#include <string>

#include "absl/types/span.h"
#include "server/clv/fit_report.h"
#include "server/clv/summary.h"

namespace tenure::clv {

// The model's fit among those tried; null where it is not there or not usable.
const ModelFit* FindUsable(const FitReport& report, const std::string& model);

// The rule of docs/clv.md: MBG/NBD, Pareto/NBD or MBG/CNBD-k, else BG/NBD, else NBD; null when none
// is usable. `why` is for a person.
const ModelFit* ChooseModel(const FitReport& report, std::string* why);

// What the rows look like that no model of `auto` is for: contracts, or purchases tied to
// occasions; a sentence that names the models, mostly empty. A hint, no proof: whole numbers alone
// don't tell. Times in the unit that the occasions would have.
std::string TimingHint(absl::Span<const PurchaseRow> rows);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_MODEL_CHOICE_H_
