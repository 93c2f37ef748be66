#include "server/clv/covariate_column.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/clv/draw.h"

namespace tenure::clv {

absl::Status CovariateColumn::Check() const {
  const auto refuse = [this](const char* what) {
    return absl::InvalidArgumentError(absl::StrCat("covariate `", name, "`: ", what));
  };
  if (!std::isfinite(first) || !std::isfinite(second)) return refuse("its numbers must be finite");
  switch (distribution) {
    case Distribution::kBernoulli:
      return first > 0 && first < 1
                 ? absl::OkStatus()
                 : refuse("bernoulli takes a probability between 0 and 1: bernoulli(0.4)");
    case Distribution::kUniform:
      return first < second ? absl::OkStatus()
                            : refuse("uniform takes a lower and a higher end: uniform(20,60)");
    case Distribution::kWhole:
      return first < second && first == std::floor(first) && second == std::floor(second)
                 ? absl::OkStatus()
                 : refuse("whole takes two whole numbers, the lower first: whole(1,5)");
    case Distribution::kNormal:
      return second > 0 ? absl::OkStatus()
                        : refuse("normal takes a mean and a deviation above 0: normal(0,1)");
  }
  return absl::OkStatus();
}

double CovariateColumn::Draw(Random* random) const {
  switch (distribution) {
    case Distribution::kBernoulli:
      return random->Uniform() < first ? 1 : 0;
    case Distribution::kUniform:
      return first + (second - first) * random->Uniform();
    case Distribution::kWhole:
      return first + std::floor((second - first + 1) * random->Uniform());
    case Distribution::kNormal:
      return first + second * DrawNormal(random);
  }
  return 0;
}

}  // namespace tenure::clv
