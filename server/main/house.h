// The running house: plugins, engine and the first rule set, as configured.
#ifndef TENURE_SERVER_MAIN_HOUSE_H_
#define TENURE_SERVER_MAIN_HOUSE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/api/backend.h"
#include "server/base/clock.h"
#include "server/main/config.h"

namespace tenure::daemon {

// Not thread-safe; what backend() names is.
class House {
 public:
  // Loads the plugins, opens the data folder, and publishes the configured rules where none are in
  // force. Says on the log what it found. Errors name the file and the remedy.
  static absl::StatusOr<std::unique_ptr<House>> Open(const Config& config);
  // Drains the engine and closes its journal.
  ~House();

  const api::Backend& backend() const;

 private:
  class Impl;
  explicit House(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenure::daemon

#endif  // TENURE_SERVER_MAIN_HOUSE_H_
