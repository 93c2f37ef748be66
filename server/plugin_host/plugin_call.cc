#include "server/plugin_host/plugin_call.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>

namespace tenure::plugin_host {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr size_t kStackBytes = 64 << 10;

thread_local const PluginCall* current = nullptr;
std::atomic<bool> named_on_crash{false};

// A stack of its own for the handler: one that ran over can't hold it.
class SignalStack {
 public:
  SignalStack() {
    stack_t present{};
    if (sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) return;
    bytes_ = std::make_unique<char[]>(kStackBytes);
    stack_t own{};
    own.ss_sp = bytes_.get();
    own.ss_size = kStackBytes;
    sigaltstack(&own, nullptr);
  }
  ~SignalStack() {
    if (bytes_ == nullptr) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
  }

 private:
  std::unique_ptr<char[]> bytes_;
};

// Everything from here to the end of OnCrash is async-signal-safe (signal-safety(7)).
void Say(const char* text) {
  for (size_t left = std::strlen(text); left > 0;) {
    const ssize_t written = write(STDERR_FILENO, text, left);
    if (written <= 0) return;
    text += written;
    left -= static_cast<size_t>(written);
  }
}

const char* SignalName(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    default:
      return "SIGABRT";
  }
}

void OnCrash(int signal) {
  const PluginCall* const call = current;
  Say("\nfatal: ");
  Say(SignalName(signal));
  if (call == nullptr) {
    Say(" outside of any plugin call\n");
  } else {
    Say(": the plugin ");
    if (call->id()[0] != '\0') {
      Say(call->id());
      Say(" ");
    }
    Say("(");
    Say(call->file());
    Say(") was running, in ");
    Say(call->doing());
    Say("; take it out of the plugin folder, or correct it, and start again\n");
  }
  // The handler was taken away as it was called, so this is the signal's own ending.
  raise(signal);
}

}  // namespace

PluginCall::PluginCall(const char* id, const char* file, const char* doing)
    : id_(id), file_(file), doing_(doing), outer_(current) {
  if (named_on_crash.load(std::memory_order_relaxed)) thread_local const SignalStack stack;
  current = this;
}

PluginCall::~PluginCall() { current = outer_; }

void NamePluginOnCrash() {
  struct sigaction action {};
  action.sa_handler = OnCrash;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int signal : kSignals) sigaction(signal, &action, nullptr);
  named_on_crash.store(true, std::memory_order_relaxed);
}

}  // namespace tenure::plugin_host
