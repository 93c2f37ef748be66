#include "server/main/house.h"

#include <spdlog/spdlog.h>

#include <future>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/decision/plugin_catalog.h"
#include "server/engine/engine.h"
#include "server/plugin_host/default_folder.h"
#include "server/plugin_host/registry.h"
#include "server/rules/compiler.h"

namespace tenure::daemon {
namespace {

absl::StatusOr<std::shared_ptr<const plugin_host::Registry>> LoadPlugins(const Config& config) {
  const std::string folder = config.plugins.empty() ? plugin_host::DefaultFolder() : config.plugins;
  TENURE_ASSIGN_OR_RETURN(plugin_host::Registry registry,
                          plugin_host::Registry::LoadFolder(folder));
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
    options.log = [](absl::string_view line) { spdlog::info("{}", std::string(line)); };
    TENURE_ASSIGN_OR_RETURN(engine_, engine::Engine::Open(std::move(options)));
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
    TENURE_ASSIGN_OR_RETURN(std::vector<rules::Source> sources, rules::ReadFolder(config.rules));
    const rules::Compiled compiled = rules::Compile(std::move(sources), *catalog_);
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
