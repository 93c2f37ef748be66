// `tenured --config FILE`: the server. Exits 0 after a clean stop, 1 when it can't start or go on,
// 2 on wrong usage or a wrong configuration.
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/api/server.h"
#include "server/main/config.h"
#include "server/main/house.h"

namespace tenure::daemon {
namespace {

constexpr const char* kVersion = "tenured 0.1.0";

struct Arguments {
  std::string config;
  std::string port_file;
};

void LogTo(const std::string& level) {
  auto logger = spdlog::stderr_logger_mt("tenured");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
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

int Run(const Config& config, const Arguments& arguments) {
  // Threads made from here on leave the signals to this one.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);

  api::ServerOptions options;
  options.listen = config.listen;
  options.workers = config.workers;
  options.access.limits = config.limits;
  options.access.callers = config.callers;
  options.access.open_calls = config.open_calls;
  auto server = api::Server::Listen(options);
  if (!server.ok()) return Fail(server.status());
  spdlog::info("{} listens on {}, port {}", kVersion, config.listen, (*server)->port());
  auto house = House::Open(config);
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
  (*server)->Drain(config.drain_ms);
  house->reset();
  spdlog::info("stopped");
  return 0;
}

int Main(int argc, char** argv) {
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
  LogTo(config->log_level);
  return Run(*config, arguments);
}

}  // namespace
}  // namespace tenure::daemon

int main(int argc, char** argv) { return tenure::daemon::Main(argc, argv); }
