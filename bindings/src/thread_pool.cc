#include "thread_pool.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <mutex>

namespace novalet {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr size_t kStackBytes = 8 << 20;  // the sanitizer's frames are larger
#else
constexpr size_t kStackBytes = 1 << 20;
#endif

// Looks of a millisecond each, after which a watch that had nothing to look after ends.
constexpr int kQuietLooks = 10;

using Clock = std::chrono::steady_clock;

timespec SecondsFromNow(int seconds) {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  time.tv_sec += seconds;
  return time;
}

}  // namespace

/** A thread with nothing to do, on its own stack; the newest is first. */
struct ThreadPool::Idle {
  sem_t wake;
  Task* handed = nullptr;
  Idle* next = nullptr;

  Idle() { sem_init(&wake, 0, 0); }
  ~Idle() { sem_destroy(&wake); }
  /** Not under the pool's lock, on which the woken would stop at once. It may be gone as soon as this posts. */
  static void Wake(Idle* idle) {
    if (idle != nullptr) sem_post(&idle->wake);
  }
  void Wait() {
    while (sem_wait(&wake) != 0) {
    }
  }
  /** False when nothing came in time. */
  bool WaitUntil(const timespec& until) {
    while (sem_clockwait(&wake, CLOCK_MONOTONIC, &until) != 0) {
      if (errno == ETIMEDOUT) return false;
    }
    return true;
  }
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

void Lane::Note(int64_t nanoseconds) {
  average_ += (std::min(nanoseconds, kMostNoted) - average_) / 16;
  ++finished_;
}

bool ThreadPool::Submit(Task* task, Lane* lane, bool must) {
  Idle* woken = nullptr;
  {
    std::lock_guard lock(mutex_);
    if (queued_ >= kQueue && !must) return false;
    task->lane_ = lane;
    if (lane != nullptr && (lane->running >= lane->limit || LeaveToQuickLane(lane, &woken))) {
      Push(&lane->waiting, task, &Task::next_);
      ++queued_;
    } else {
      if (!Place(task, must, &woken)) return false;
      if (lane != nullptr) ++lane->running;
    }
  }
  Idle::Wake(woken);
  return true;
}

/** False when no thread can be had to watch. */
bool ThreadPool::HaveWatch(Idle** woken) {
  watch_wanted_ = true;
  if (watching_) return true;
  if (Idle* idle = idle_; idle != nullptr) {
    idle_ = idle->next;
    *woken = idle;
  } else if (!Start(nullptr)) {
    return false;
  }
  watching_ = true;  // from here on; a new thread may be at it already
  return true;
}

/**
 * Whether the thread that is at a task of the lane is to make the next one, too. It may get stuck, hence the watch:
 * a lane in which nothing ended for a millisecond has all its tasks started that its limit allows.
 */
bool ThreadPool::LeaveToQuickLane(Lane* lane, Idle** woken) {
  if (lane->running == 0 || !lane->quick() || !HaveWatch(woken)) return false;
  if (lane->watched_) return true;
  lane->watched_ = true;
  lane->seen_ = lane->finished_;
  watched_.push_back(lane);
  return true;
}

void ThreadPool::Unwatch(Lane* lane) {
  if (!lane->watched_) return;
  lane->watched_ = false;
  watched_.erase(std::find(watched_.begin(), watched_.end(), lane));
}

/** To an idle thread, which is to be woken, a new one, or the queue of those that wait for one. */
bool ThreadPool::Place(Task* task, bool must, Idle** woken) {
  if (Idle* idle = idle_; idle != nullptr) {
    idle_ = idle->next;
    idle->handed = task;
    ++active_;
    *woken = idle;
    return true;
  }
  if (Start(task)) return true;
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
    Idle* woken = nullptr;
    Place(Pop(&lane->waiting, &Task::next_), true, &woken);
    Idle::Wake(woken);
  }
  Unwatch(lane);
}

void ThreadPool::SetLimit(Lane* lane, int limit) {
  std::lock_guard lock(mutex_);
  lane->limit = limit;
  Refill(lane);
}

/** A new thread; without a task it is one that watches. */
bool ThreadPool::Start(Task* task) {
  if (threads_ >= kThreads) return false;
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
  if (task != nullptr) ++active_;
  return true;
}

void* ThreadPool::Main(void* task) {
  pthread_setname_np(pthread_self(), "libvirt-call");
  Get().Work(static_cast<Task*>(task));
  return nullptr;
}

void ThreadPool::Work(Task* task) {
  if (task == nullptr) task = Watch();
  if (task == nullptr) task = WaitForTask();
  while (task != nullptr) {
    auto began = Clock::now();
    task->Run();
    auto taken = Clock::now() - began;
    Task* following;
    Idle* woken = nullptr;
    bool more = false;
    {
      std::lock_guard lock(mutex_);
      --active_;
      if (Lane* lane = task->lane_; lane != nullptr) {
        lane->Note(std::chrono::nanoseconds(taken).count());
        --lane->running;
        following = TakeTurn(lane);
        more = lane->waiting.head != nullptr && HaveWatch(&woken);
      } else {
        following = TakeReady();
      }
    }
    Idle::Wake(woken);
    task->Finish(more);
    task = following != nullptr ? following : WaitForTask();
  }
}

/** The next task for a thread that has just finished one of the lane. */
Task* ThreadPool::TakeTurn(Lane* lane) {
  // A lane that has ceased to be quick starts all that it may.
  bool alone = !lane->watched_ || lane->quick();
  if (lane->running < lane->limit) {
    if (Task* waiting = Pop(&lane->waiting, &Task::next_); waiting != nullptr) {
      ++lane->running;
      Push(&ready_, waiting, &Task::next_);  // behind the others: no connection may starve the rest
    }
  }
  if (!alone) Refill(lane);
  if (lane->waiting.head == nullptr) Unwatch(lane);
  return TakeReady();
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
  for (;;) {
    Idle self;
    bool may_leave;
    {
      std::lock_guard lock(mutex_);
      if (Task* task = TakeReady(); task != nullptr) return task;
      self.next = idle_;
      idle_ = &self;
      may_leave = threads_ > kKeptThreads;
    }
    if (!may_leave) {
      self.Wait();
    } else if (!self.WaitUntil(SecondsFromNow(kIdleSeconds))) {
      std::unique_lock lock(mutex_);
      Idle** link = &idle_;
      while (*link != nullptr && *link != &self) link = &(*link)->next;
      if (*link == &self) {
        *link = self.next;
        if (threads_ <= kKeptThreads) continue;
        --threads_;
        return nullptr;
      }
      lock.unlock();
      self.Wait();  // it was called in the same moment
    }
    if (self.handed != nullptr) return self.handed;
    if (Task* task = Watch(); task != nullptr) return task;
  }
}

/** Looks after the quick lanes, and that no news waits for long, until that was not wanted for a while. */
Task* ThreadPool::Watch() {
  constexpr timespec kMillisecond{0, 1'000'000};
  auto look = [this] {
    if (auto* on_look = on_look_.load(); on_look != nullptr) on_look();
  };
  Task* task = nullptr;
  // Whoever begins to watch was chosen for it, and it alone ends that: what it sees of `watching_` may be old.
  for (int quiet = 0;;) {
    nanosleep(&kMillisecond, nullptr);
    look();
    std::lock_guard lock(mutex_);
    // Tasks that wait for a thread have none but this one.
    bool needed = ready_.head != nullptr;
    quiet = watched_.empty() && !watch_wanted_ ? quiet + 1 : 0;
    watch_wanted_ = false;
    std::vector<Lane*> lanes = watched_;
    for (Lane* lane : lanes) {
      if (needed || lane->seen_ == lane->finished_) Refill(lane);
      lane->seen_ = lane->finished_;
    }
    if (!needed && quiet < kQuietLooks) continue;
    task = TakeReady();
    watching_ = false;
    break;
  }
  look();  // who posted before it ceased relies on it
  return task;
}

PoolStats ThreadPool::Stats() {
  std::lock_guard lock(mutex_);
  return {threads_, active_.load(), queued_, kThreads, kQueue};
}

}  // namespace novalet
