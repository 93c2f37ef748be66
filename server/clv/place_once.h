// What is made when it is first asked for, by whichever thread comes first.
#ifndef TENURE_SERVER_CLV_PLACE_ONCE_H_
#define TENURE_SERVER_CLV_PLACE_ONCE_H_

#include <atomic>
#include <memory>

namespace tenure::clv {

// What stands there from now on: `made`, or what another thread has put there first. The place owns
// it.
template <typename T>
T* PlaceOnce(std::unique_ptr<T> made, std::atomic<T*>* place) {
  T* there = nullptr;
  if (!place->compare_exchange_strong(there, made.get(), std::memory_order_acq_rel)) return there;
  return made.release();
}

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_PLACE_ONCE_H_
