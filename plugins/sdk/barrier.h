// No exception crosses the plugin's border (S13). Inside a plugin a constructor refuses by throwing
// Error; everything that is thrown ends here, as a code and words in the caller's buffer.
#ifndef TENURE_PLUGINS_SDK_BARRIER_H_
#define TENURE_PLUGINS_SDK_BARRIER_H_

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "plugins/abi/tenure_plugin.h"

namespace tenure::sdk {

// What a policy throws to refuse its parameters or its offers.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& text, tenure_code code = TENURE_INVALID_ARGUMENT)
      : std::runtime_error(text), code_(code) {}
  tenure_code code() const { return code_; }

 private:
  tenure_code code_;
};

// Refuses from a constructor, in words that reach the author of the rules. Does not return.
[[noreturn]] inline void Refuse(const std::string& text) { throw Error(text); }

inline tenure_code Fail(tenure_code code, std::string_view text, tenure_error* error) noexcept {
  if (error != nullptr && error->text != nullptr) {
    error->length = std::min<uint64_t>(text.size(), error->capacity);
    std::memcpy(error->text, text.data(), error->length);
  }
  return code;
}

// The code that `call` returns, or that of what it throws.
template <typename Call>
tenure_code Barrier(tenure_error* error, Call&& call) noexcept {
  try {
    return call();
  } catch (const Error& thrown) {
    return Fail(thrown.code(), thrown.what(), error);
  } catch (const std::bad_alloc&) {
    return Fail(TENURE_RESOURCE_EXHAUSTED, "out of memory", error);
  } catch (const std::exception& thrown) {
    return Fail(TENURE_INTERNAL, thrown.what(), error);
  } catch (...) {
    return Fail(TENURE_INTERNAL, "something was thrown that is no std::exception", error);
  }
}

}  // namespace tenure::sdk

#endif  // TENURE_PLUGINS_SDK_BARRIER_H_
