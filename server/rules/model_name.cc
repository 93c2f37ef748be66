#include "server/rules/model_name.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace tenure::rules {
namespace {

constexpr int kMostRegular = 12;  // of what the models of regular timing know

}  // namespace

std::vector<std::string> ModelNames() {
  return {"auto",  "nbd", "bg_nbd", "mbg_nbd", "pareto_nbd", "beta_binomial",
          "bg_bb", "sbg", "bdw",    "cnbd_k",  "bg_cnbd_k",  "mbg_cnbd_k"};
}

bool IsModelName(absl::string_view name) {
  const std::vector<std::string> names = ModelNames();
  if (std::find(names.begin(), names.end(), name) != names.end()) return true;
  if (!absl::ConsumePrefix(&name, "bg_")) absl::ConsumePrefix(&name, "mbg_");
  int k = 0;
  return absl::ConsumePrefix(&name, "cnbd_") && absl::SimpleAtoi(name, &k) && k >= 2 &&
         k <= kMostRegular;
}

bool IsContractModel(absl::string_view name) { return name == "sbg" || name == "bdw"; }

}  // namespace tenure::rules
