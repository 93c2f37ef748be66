// The plots of a validation.
#ifndef TENURE_SERVER_VALIDATION_PLOTS_H_
#define TENURE_SERVER_VALIDATION_PLOTS_H_

#include "server/validation/holdout.h"
#include "server/validation/svg_plot.h"
#include "server/validation/tracking.h"

namespace tenure::validation {

// Mean purchases of each frequency bin, expected beside actual.
Plot FrequencyPlot(const Validation& validation);
// Mean value (purchases without spend) of each decile, expected beside actual.
Plot DecilePlot(const Validation& validation);
// Share of the actual value (purchases) found among the customers predicted highest.
Plot LiftPlot(const Validation& validation);
// Repeat purchases of the cohort up to each week's end, and within each whole week.
Plot CumulativePlot(const Tracking& tracking);
Plot WeeklyPlot(const Tracking& tracking);

}  // namespace tenure::validation

#endif  // TENURE_SERVER_VALIDATION_PLOTS_H_
