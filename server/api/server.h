// The gRPC server: listens, serves, says how it is, drains.
#ifndef TENURE_SERVER_API_SERVER_H_
#define TENURE_SERVER_API_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/api/backend.h"

namespace tenure::api {

struct ServerOptions {
  std::string listen = "127.0.0.1:7878";  // port 0: any free one
  AccessOptions access;
  int workers = 2;       // threads for compiling rules, reading the journal
  int long_workers = 2;  // threads for fits and plans
};

// Thread-safe.
class Server {
 public:
  // Listens at once; every call is UNAVAILABLE and health NOT_SERVING until Serve. UNAVAILABLE when
  // the address can't be had.
  static absl::StatusOr<std::unique_ptr<Server>> Listen(const ServerOptions& options);
  // Drains within no time at all, unless Drain was called.
  ~Server();

  int port() const;
  // The house is ready. `backend` outlives the server. From now on health follows the engine's:
  // the service "" is SERVING while changes can be committed and decided; "tenure.v1.reads" as long
  // as it runs.
  void Serve(const Backend& backend);
  // Refuses new calls, waits up to `grace_ms` for those under way, then answers and cancels what is
  // left. A fit or a plan that nobody waits for ends at its next look, a policy's call at its own
  // end: nothing interrupts code in this process. Returns when no call touches the backend any
  // more.
  void Drain(int64_t grace_ms);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_SERVER_H_
