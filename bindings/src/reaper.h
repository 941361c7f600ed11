// One thread that frees what nobody owns any more. Frees may reach the network, and a burst of a million must not stop
// JavaScript.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace novalet {

class Object;

class Reaper {
 public:
  static Reaper& Get();

  /** The object's last owner has gone. Any thread; returns at once. */
  void Take(Object* object);

 private:
  void Wake();
  void Work();
  static void* Main(void*);
  void Free(Object* object);

  std::mutex mutex_;
  std::condition_variable wake_;
  // Lists the newest first. No lock: one held by a thread that has no processor just then would stop JavaScript.
  std::atomic<Object*> dead_{nullptr};
  std::atomic<bool> started_{false};
};

}  // namespace novalet
