// `tenured --config FILE`: the server. Exits 0 after SIGTERM or SIGINT, 1 when it can't start or go
// on, 2 on wrong usage or a wrong configuration.
#include <fcntl.h>
#include <signal.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/server.h"
#include "server/base/mutex.h"
#include "server/engine/engine.h"
#include "server/main/config.h"
#include "server/main/house.h"
#include "server/main/last_resort.h"
#include "server/main/log_writer.h"
#include "server/plugin_host/plugin_call.h"

namespace tenure::daemon {
namespace {

constexpr const char* kVersion = "tenured 0.1.0";

// After the drain: the snapshot, and whatever else is to be closed.
constexpr int64_t kMostForTheRestMs = 20'000;

struct Arguments {
  std::string config;
  std::string port_file;
};

// How long the last lines may take to be written.
constexpr int64_t kLastLinesMs = 1'000;

// Formats under a lock and hands the line to the writer's thread.
class WriterSink final : public spdlog::sinks::sink {
 public:
  void log(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    {
      MutexLock lock(&mutex_);
      formatter_->format(message, line);
    }
    writer_.Write(std::string(line.data(), line.size()));
  }
  void flush() override { writer_.Flush(kLastLinesMs); }
  void set_pattern(const std::string& pattern) override {
    set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern));
  }
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    MutexLock lock(&mutex_);
    formatter_ = std::move(formatter);
  }

 private:
  Mutex mutex_;
  std::unique_ptr<spdlog::formatter> formatter_ TENURE_GUARDED_BY(mutex_) =
      std::make_unique<spdlog::pattern_formatter>();
  LogWriter writer_{STDERR_FILENO};
};

// While it lives, lines go to stderr by a thread of their own: a reader that is slow or gone holds
// up nobody, the thread that commits least of all.
class Log {
 public:
  explicit Log(const std::string& level) {
    auto logger = std::make_shared<spdlog::logger>("tenured", std::make_shared<WriterSink>());
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    logger->set_level(spdlog::level::from_str(level));
    spdlog::set_default_logger(std::move(logger));
  }
  ~Log() { spdlog::shutdown(); }
};

// Files opened from here on must not be taken for a stderr that was closed by who started this.
void OpenStandardFiles() {
  int fd = open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO) fd = dup(fd);
  if (fd > STDERR_FILENO) close(fd);
}

// By temporary file and rename: who finds the file finds the whole number.
bool WritePort(const std::string& path, int port) {
  const std::string temporary = path + ".tmp";
  std::ofstream file(temporary);
  file << port << "\n";
  file.close();
  return file && std::rename(temporary.c_str(), path.c_str()) == 0;
}

int Fail(const absl::Status& status) {
  spdlog::error("{}", std::string(status.message()));
  return 1;
}

// Recovery may take minutes. Nothing is answered meanwhile, and the journal is whole at any moment,
// so that a signal ends the process on the spot.
absl::StatusOr<std::unique_ptr<House>> OpenHouse(const Config& config, const sigset_t& stop) {
  auto opening = std::async(std::launch::async, [&config] { return House::Open(config); });
  const timespec look = {0, 10'000'000};
  while (opening.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    const int signal = sigtimedwait(&stop, nullptr, &look);
    if (signal <= 0) continue;
    spdlog::info("{}: stops before it has served", strsignal(signal));
    spdlog::default_logger()->flush();
    std::_Exit(0);
  }
  return opening.get();
}

// Before the first thread, which is the log's: one that does not block them would be ended by them.
sigset_t BlockStopSignals() {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  return stop;
}

int Run(const Config& config, const Arguments& arguments, const sigset_t& stop) {
  api::ServerOptions options;
  options.listen = config.listen;
  options.workers = config.workers;
  options.access.limits = config.limits;
  options.access.callers = config.callers;
  options.access.open_calls = config.open_calls;
  auto server = api::Server::Listen(options);
  if (!server.ok()) return Fail(server.status());
  spdlog::info("{} listens on {}, port {}", kVersion, config.listen, (*server)->port());
  auto house = OpenHouse(config, stop);
  if (!house.ok()) return Fail(house.status());
  (*server)->Serve((*house)->backend());
  if (!arguments.port_file.empty() && !WritePort(arguments.port_file, (*server)->port())) {
    (*server)->Drain(0);
    return Fail(absl::UnavailableError(absl::StrCat("can't write ", arguments.port_file)));
  }
  spdlog::info("SERVING");

  int signal = 0;
  sigwait(&stop, &signal);
  spdlog::info("{}: answers what is under way, for up to {} ms", strsignal(signal),
               config.drain_ms);
  pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);  // a second signal ends it at once
  const LastResort last_resort(config.drain_ms + kMostForTheRestMs);
  (*server)->Drain(config.drain_ms);
  if (const int stuck = (*house)->backend().engine->health().stuck_threads; stuck > 0) {
    EndAtOnce(absl::StrCat(stuck, stuck == 1 ? " thread is" : " threads are",
                           " stuck in a plugin and can't be ended"));
  }
  house->reset();
  spdlog::info("stopped");
  return 0;
}

int Main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);  // who read the log may go; that is no reason to stop
  OpenStandardFiles();
  CLI::App app("The server of Tenure.", "tenured");
  Arguments arguments;
  app.add_option("--config", arguments.config, "configuration, YAML")->required();
  app.add_option("--port-file", arguments.port_file,
                 "write the port here once it serves; useful with port 0");
  app.set_version_flag("--version", kVersion);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return 2;
  }
  const auto config = ReadConfig(arguments.config);
  if (!config.ok()) {
    std::fprintf(stderr, "%s\n", std::string(config.status().message()).c_str());
    return 2;
  }
  const sigset_t stop = BlockStopSignals();
  const Log log(config->log_level);
  plugin_host::NamePluginOnCrash();
  return Run(*config, arguments, stop);
}

}  // namespace
}  // namespace tenure::daemon

int main(int argc, char** argv) { return tenure::daemon::Main(argc, argv); }
