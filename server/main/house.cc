#include "server/main/house.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <future>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/decision/plugin_catalog.h"
#include "server/engine/engine.h"
#include "server/main/refit.h"
#include "server/main/replan.h"
#include "server/plugin_host/default_folder.h"
#include "server/plugin_host/registry.h"
#include "server/rules/compiler.h"

namespace tenure::daemon {
namespace {

void ToLog(Severity severity, absl::string_view line) {
  const auto level = severity == Severity::kInfo      ? spdlog::level::info
                     : severity == Severity::kWarning ? spdlog::level::warn
                                                      : spdlog::level::err;
  spdlog::log(level, "{}", std::string(line));
}

// The error with the key of the configuration that it is about.
absl::Status At(const std::string& key, const absl::Status& status) {
  return key.empty() ? status : Annotate(status, key);
}

absl::StatusOr<std::shared_ptr<const plugin_host::Registry>> LoadPlugins(const Config& config) {
  const std::string folder = config.plugins.empty() ? plugin_host::DefaultFolder() : config.plugins;
  absl::StatusOr<plugin_host::Registry> loaded = plugin_host::Registry::LoadFolder(folder, ToLog);
  if (!loaded.ok()) return At(config.plugins_at, loaded.status());
  plugin_host::Registry registry = *std::move(loaded);
  for (const auto& plugin : registry.all()) {
    spdlog::info("plugin {} {} by {} ({})", plugin->id(), plugin->version(), plugin->vendor(),
                 plugin->path());
  }
  for (const auto& refusal : registry.refusals()) {
    spdlog::warn("plugin refused: {}", std::string(refusal.status.message()));
  }
  return std::make_shared<const plugin_host::Registry>(std::move(registry));
}

}  // namespace

class House::Impl {
 public:
  absl::Status Open(const Config& config) {
    TENURE_ASSIGN_OR_RETURN(plugins_, LoadPlugins(config));
    catalog_ = std::make_unique<decision::RegistryCatalog>(plugins_);
    MakeClock(config);
    engine::Options options;
    options.data_dir = config.data_dir;
    options.durability = config.durability;
    options.snapshot_every = config.snapshot_every;
    options.clock = clock_.get();
    options.plugins = plugins_;
    options.limits = config.limits;
    options.decision_threads = config.decision_threads;
    options.log = ToLog;
    TENURE_RETURN_IF_ERROR(CheckFirstRules(config));
    auto opened = engine::Engine::Open(std::move(options));
    if (!opened.ok()) return At(config.data_dir_at, opened.status());
    engine_ = *std::move(opened);
    const engine::Health health = engine_->health();
    spdlog::info("data {}: {} entries from {}; durability {}; time {}", config.data_dir,
                 health.last_seq, health.recovered_from,
                 config.durability == journal::Durability::kProcess
                     ? "process (survives a killed process, not a power loss)"
                     : "power_loss (an fsync each commit)",
                 FormatInstant(health.now_us));
    TENURE_RETURN_IF_ERROR(PublishFirst(config));
    backend_.engine = engine_.get();
    backend_.plugins = plugins_;
    backend_.catalog = catalog_.get();
    refit_ = std::make_unique<Refit>(engine_.get(), ToLog);
    refit_->Start();
    replan_ = std::make_unique<Replan>(engine_.get(), ToLog);
    replan_->Start();
    return absl::OkStatus();
  }

  const api::Backend& backend() const { return backend_; }

 private:
  void MakeClock(const Config& config) {
    if (config.clock.has_value()) {
      clock_ = std::make_unique<ConfiguredClock>(config.clock->start_us, config.clock->rate);
      spdlog::warn("the clock is configured: it starts at {} and runs at {} x real time",
                   FormatInstant(config.clock->start_us), config.clock->rate);
    } else {
      clock_ = std::make_unique<SystemClock>();
    }
  }

  // Before anything is written: a first start without its rules leaves nothing behind.
  static absl::Status CheckFirstRules(const Config& config) {
    std::error_code error;
    if (config.rules.empty() || std::filesystem::is_directory(config.rules, error) ||
        std::filesystem::exists(config.data_dir + "/journal.sqlite", error)) {
      return absl::OkStatus();
    }
    return At(config.rules_at,
              absl::NotFoundError(absl::StrCat("there is no folder ", config.rules)));
  }

  // A rule set in force is never replaced by the folder: that is what publishing is for.
  absl::Status PublishFirst(const Config& config) {
    if (const auto world = engine_->world(); world != nullptr && world->rules != nullptr) {
      spdlog::info("rule set {} is in force", world->rules->hash);
      return absl::OkStatus();
    }
    if (config.rules.empty()) {
      spdlog::warn(
          "no rule set is in force and the configuration names no `rules` folder: "
          "publish one with `tenure rules publish`");
      return absl::OkStatus();
    }
    absl::StatusOr<std::vector<rules::Source>> sources = rules::ReadFolder(config.rules);
    if (!sources.ok()) return At(config.rules_at, sources.status());
    const rules::Compiled compiled = rules::Compile(*std::move(sources), *catalog_);
    std::string problems;
    for (const rules::Problem& problem : compiled.problems) {
      absl::StrAppend(&problems, "\n", rules::Render(problem));
    }
    if (compiled.rule_set == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("the rules in ", config.rules, " can't be published:", problems));
    }
    if (!problems.empty()) spdlog::warn("warnings of {}:{}", config.rules, problems);
    // Several servers never share a data folder, so waiting for the engine here is waiting for us.
    std::promise<absl::StatusOr<uint64_t>> published;
    engine_->PublishRules({}, compiled.rule_set, [&](absl::StatusOr<uint64_t> seq) {
      published.set_value(std::move(seq));
    });
    const absl::StatusOr<uint64_t> seq = published.get_future().get();
    TENURE_RETURN_IF_ERROR(Annotate(seq.status(), "publishing the first rules"));
    spdlog::info("published {} from {}", compiled.rule_set->hash, config.rules);
    return absl::OkStatus();
  }

  std::shared_ptr<const plugin_host::Registry> plugins_;
  std::unique_ptr<decision::RegistryCatalog> catalog_;
  std::unique_ptr<const Clock> clock_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Refit> refit_;  // after the engine: they end before
  std::unique_ptr<Replan> replan_;
  api::Backend backend_;
};

House::House(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

House::~House() = default;

absl::StatusOr<std::unique_ptr<House>> House::Open(const Config& config) {
  auto impl = std::make_unique<Impl>();
  TENURE_RETURN_IF_ERROR(impl->Open(config));
  return std::unique_ptr<House>(new House(std::move(impl)));
}

const api::Backend& House::backend() const { return impl_->backend(); }

}  // namespace tenure::daemon
