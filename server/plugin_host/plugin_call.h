// What this thread is doing inside a plugin, for whoever has to name it when it goes wrong.
#ifndef TENURE_SERVER_PLUGIN_HOST_PLUGIN_CALL_H_
#define TENURE_SERVER_PLUGIN_HOST_PLUGIN_CALL_H_

namespace tenure::plugin_host {

// Stands around every call into a plugin's code. The texts outlive it. Used by one thread.
class PluginCall {
 public:
  // `id`: "" where the plugin has not said it yet. `doing`: the function that is called.
  PluginCall(const char* id, const char* file, const char* doing);
  ~PluginCall();
  PluginCall(const PluginCall&) = delete;
  PluginCall& operator=(const PluginCall&) = delete;

  const char* id() const { return id_; }
  const char* file() const { return file_; }
  const char* doing() const { return doing_; }

 private:
  const char* const id_;
  const char* const file_;
  const char* const doing_;
  const PluginCall* const outer_;
};

// Once, before the first plugin is loaded: from now on a process that dies of SIGSEGV, SIGBUS,
// SIGFPE, SIGILL or SIGABRT first says on standard error which plugin its thread was in, if any,
// and then dies of the same signal.
void NamePluginOnCrash();

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_PLUGIN_CALL_H_
