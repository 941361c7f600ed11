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
  void Finish(bool) override {
    connection_->ReleaseMemory();
    delete this;
  }

 private:
  Connection* const connection_;
};

}  // namespace

/** A stream that nobody ended. */
class ForgottenStream final : public Task {
 public:
  /** Takes over the object's memory and its hold on the connection. */
  ForgottenStream(StreamObject* stream, void* pointer)
      : stream_(stream), pointer_(pointer), entered_(stream->connection()->Enter()) {}
  void Run() override { EndStream(pointer_, stream_->has_callback); }
  void Finish(bool) override {
    Connection* connection = stream_->connection();
    if (entered_) connection->Leave();
    connection->Release();
    stream_->ReleaseMemory();
    delete this;
  }

 private:
  StreamObject* const stream_;
  void* const pointer_;
  const bool entered_;
};

Reaper& Reaper::Get() {
  static Reaper* const reaper = new Reaper();
  return *reaper;
}

void Reaper::Take(Object* object) {
  Object* head = dead_.load(std::memory_order_relaxed);
  do {
    object->next_dead_ = head;
  } while (!dead_.compare_exchange_weak(head, object, std::memory_order_release, std::memory_order_relaxed));
  // It takes all at once, so only the first of them need wake it.
  if (head == nullptr || !started_) Wake();
}

void Reaper::Wake() {
  std::lock_guard lock(mutex_);
  wake_.notify_one();
  if (started_) return;
  pthread_t thread;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  // Not started for want of memory or threads: a later burial tries again.
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
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return dead_.load(std::memory_order_relaxed) != nullptr; });
    }
    Object* object = dead_.exchange(nullptr, std::memory_order_acquire);
    while (object != nullptr) {
      Object* next = object->next_dead_;
      Free(object);
      object = next;
    }
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
    std::unique_lock lock(connection->children_mutex_);
    connection->Unlink(object);
    if (object->class_ == Class::Stream) {
      void* pointer = object->pointer_.exchange(nullptr, std::memory_order_acq_rel);
      lock.unlock();
      if (pointer != nullptr) {
        auto* forgotten = new ForgottenStream(static_cast<StreamObject*>(object), pointer);
        ThreadPool::Get().Submit(forgotten, &connection->lane, true);
        return;
      }
    } else {
      connection->FreeChild(object);
    }
  }
  connection->Release();
  object->ReleaseMemory();
}

}  // namespace novalet
