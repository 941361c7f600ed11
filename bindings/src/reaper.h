// One thread that frees what nobody owns any more. Frees may reach the network, and a burst of a million must not stop
// JavaScript.
#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

namespace novalet {

class Object;

class Reaper {
 public:
  static Reaper& Get();

  /** The object's last owner has gone. Any thread; returns at once. */
  void Take(Object* object);

 private:
  void Work();
  static void* Main(void*);
  void Free(Object* object);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Object*> dead_;
  bool started_ = false;
};

}  // namespace novalet
