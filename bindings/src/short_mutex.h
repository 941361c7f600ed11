// A lock for a few instructions, taken by threads that all are busy.
#pragma once

#include <pthread.h>

namespace novalet {

/** Spins for a moment before it asks the kernel to wait: going to sleep and waking take longer than what it guards. */
class ShortMutex {
 public:
  void lock() { pthread_mutex_lock(&mutex_); }
  void unlock() { pthread_mutex_unlock(&mutex_); }

 private:
  pthread_mutex_t mutex_ = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
};

}  // namespace novalet
