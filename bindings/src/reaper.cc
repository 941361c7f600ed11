#include "reaper.h"

#include <pthread.h>
#include <signal.h>

#include "object.h"

namespace novalet {
namespace {

/** A connection that nobody closed. Closing is a call to the daemon and may hang, so it is a thread of the pool that
 * waits, not the reaper. */
class ForgottenConnection final : public Task {
 public:
  explicit ForgottenConnection(Connection* connection) : connection_(connection) {}
  void Run() override { connection_->ReleaseAll(); }
  void Finish() override {
    connection_->ReleaseMemory();
    delete this;
  }

 private:
  Connection* const connection_;
};

}  // namespace

Reaper& Reaper::Get() {
  static Reaper* const reaper = new Reaper();
  return *reaper;
}

void Reaper::Take(Object* object) {
  std::lock_guard lock(mutex_);
  if (dead_.empty()) wake_.notify_one();
  dead_.push_back(object);
  if (started_) return;
  pthread_t thread;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  // Not started for want of memory or threads: the next burial tries again.
  started_ = pthread_create(&thread, nullptr, &Reaper::Main, nullptr) == 0;
  if (started_) pthread_detach(thread);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void* Reaper::Main(void*) {
  pthread_setname_np(pthread_self(), "libvirt-reaper");
  Get().Work();
  return nullptr;
}

void Reaper::Work() {
  std::vector<Object*> batch;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !dead_.empty(); });
      batch.swap(dead_);
    }
    for (Object* object : batch) Free(object);
    batch.clear();
    if (batch.capacity() > 65536) batch.shrink_to_fit();
  }
}

void Reaper::Free(Object* object) {
  Connection* connection = object->connection_;
  if (connection == nullptr) {
    if (object->pointer() == nullptr) return object->ReleaseMemory();  // closed in good order
    ThreadPool::Get().Submit(new ForgottenConnection(static_cast<Connection*>(object)), nullptr, true);
    return;
  }
  {
    std::lock_guard lock(connection->children_mutex_);
    connection->FreeChild(object);
    (object->previous_ != nullptr ? object->previous_->next_ : connection->children_) = object->next_;
    if (object->next_ != nullptr) object->next_->previous_ = object->previous_;
  }
  connection->Release();
  object->ReleaseMemory();
}

}  // namespace novalet
