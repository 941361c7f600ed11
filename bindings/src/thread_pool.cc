#include "thread_pool.h"

#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <condition_variable>

namespace novalet {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr size_t kStackBytes = 8 << 20;  // the sanitizer's frames are larger
#else
constexpr size_t kStackBytes = 1 << 20;
#endif

}  // namespace

/** A thread with nothing to do, on its own stack; the newest is first. */
struct ThreadPool::Idle {
  std::condition_variable wake;
  Task* handed = nullptr;
  Idle* next = nullptr;
};

ThreadPool& ThreadPool::Get() {
  static ThreadPool* const pool = new ThreadPool();
  return *pool;
}

namespace {

void Push(TaskQueue* queue, Task* task, Task* Task::*next) {
  (queue->tail == nullptr ? queue->head : queue->tail->*next) = task;
  queue->tail = task;
}

Task* Pop(TaskQueue* queue, Task* Task::*next) {
  Task* task = queue->head;
  if (task == nullptr) return nullptr;
  queue->head = task->*next;
  if (queue->head == nullptr) queue->tail = nullptr;
  task->*next = nullptr;
  return task;
}

}  // namespace

bool ThreadPool::Submit(Task* task, Lane* lane, bool must) {
  std::lock_guard lock(mutex_);
  if (queued_ >= kQueue && !must) return false;
  task->lane_ = lane;
  if (lane != nullptr && lane->running >= lane->limit) {
    Push(&lane->waiting, task, &Task::next_);
    ++queued_;
    return true;
  }
  if (!Place(task, must)) return false;
  if (lane != nullptr) ++lane->running;
  return true;
}

/** To an idle thread, a new one, or the queue of those that wait for one. */
bool ThreadPool::Place(Task* task, bool must) {
  if (Idle* idle = idle_; idle != nullptr) {
    idle_ = idle->next;
    idle->handed = task;
    ++active_;
    // Under the lock, for `idle` lives on the stack of the thread that it wakes.
    idle->wake.notify_one();
    return true;
  }
  if (threads_ < kThreads && Start(task)) return true;
  if (threads_ == 0 && !must) return false;
  Push(&ready_, task, &Task::next_);
  ++queued_;
  return true;
}

/** Starts what waits in the lane, as far as its limit allows. */
void ThreadPool::Refill(Lane* lane) {
  while (lane->waiting.head != nullptr && lane->running < lane->limit) {
    ++lane->running;
    --queued_;
    Place(Pop(&lane->waiting, &Task::next_), true);
  }
}

void ThreadPool::SetLimit(Lane* lane, int limit) {
  std::lock_guard lock(mutex_);
  lane->limit = limit;
  Refill(lane);
}

bool ThreadPool::Start(Task* task) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  // Signals are Node's business: a thread of ours must not be chosen to handle them.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  int failed = pthread_create(&thread, &attributes, &ThreadPool::Main, task);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (failed != 0) return false;
  ++threads_;
  ++active_;
  return true;
}

void* ThreadPool::Main(void* task) {
  pthread_setname_np(pthread_self(), "libvirt-call");
  Get().Work(static_cast<Task*>(task));
  return nullptr;
}

void ThreadPool::Work(Task* task) {
  while (task != nullptr) {
    task->Run();
    Task* following;
    {
      std::lock_guard lock(mutex_);
      --active_;
      if (Lane* lane = task->lane_; lane != nullptr) {
        --lane->running;
        if (lane->running < lane->limit) {
          if (Task* waiting = Pop(&lane->waiting, &Task::next_); waiting != nullptr) {
            ++lane->running;
            Push(&ready_, waiting, &Task::next_);  // behind the others: no connection may starve the rest
          }
        }
      }
      following = TakeReady();
    }
    task->Finish();
    task = following != nullptr ? following : WaitForTask();
  }
}

Task* ThreadPool::TakeReady() {
  Task* task = Pop(&ready_, &Task::next_);
  if (task != nullptr) {
    --queued_;
    ++active_;
  }
  return task;
}

Task* ThreadPool::WaitForTask() {
  std::unique_lock lock(mutex_);
  if (Task* task = TakeReady(); task != nullptr) return task;
  Idle self;
  self.next = idle_;
  idle_ = &self;
  while (self.handed == nullptr) {
    if (threads_ <= kKeptThreads) {
      self.wake.wait(lock);
      continue;
    }
    if (self.wake.wait_for(lock, std::chrono::seconds(kIdleSeconds)) == std::cv_status::no_timeout ||
        self.handed != nullptr)
      continue;
    if (threads_ <= kKeptThreads) continue;
    Idle** link = &idle_;
    while (*link != &self) link = &(*link)->next;
    *link = self.next;
    --threads_;
    return nullptr;
  }
  return self.handed;
}

PoolStats ThreadPool::Stats() {
  std::lock_guard lock(mutex_);
  return {threads_, active_.load(), queued_, kThreads, kQueue};
}

}  // namespace novalet
