#include "server/plugin_host/fault_log.h"

#include "absl/strings/str_cat.h"

namespace tenure::plugin_host {
namespace {

constexpr int64_t kAgainAfterUs = 60'000'000;

}  // namespace

void FaultLog::Warn(absl::string_view reason, absl::string_view line, int64_t now_us) {
  if (!sink_) return;
  uint64_t left_out = 0;
  {
    MutexLock lock(&mutex_);
    const auto [it, first] = said_.try_emplace(std::string(reason));
    Said& said = it->second;
    if (!first && now_us < said.at_us + kAgainAfterUs) {
      ++said.left_out;
      return;
    }
    said.at_us = now_us;
    std::swap(left_out, said.left_out);
  }
  if (left_out == 0) return sink_(Severity::kWarning, line);
  sink_(Severity::kWarning, absl::StrCat(line, " (and ", left_out, " times more since last said)"));
}

}  // namespace tenure::plugin_host
