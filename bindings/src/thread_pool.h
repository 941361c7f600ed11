// The threads on which libvirt calls run. Not libuv's: four stuck calls there freeze files, DNS and crypto, and
// process.exit.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "short_mutex.h"

namespace novalet {

struct Lane;

/** One piece of work. The pool owns it from Submit until Finish, which disposes of it. */
class Task {
 public:
  virtual ~Task() = default;
  virtual void Run() = 0;
  /** After Run, when the pool will touch neither the task nor its lane any more. `more`: others wait in its lane, so
   * the news of its end may wait a little for theirs. */
  virtual void Finish(bool more) = 0;

 private:
  friend class ThreadPool;
  friend struct Lane;
  Task* next_ = nullptr;
  Lane* lane_ = nullptr;
};

/** First in, first out. */
struct TaskQueue {
  Task* head = nullptr;
  Task* tail = nullptr;
};

/**
 * The calls of one connection: started in order, at most `limit` at once (the server works on five, and five stuck
 * ones block it). Where calls take less than it takes to wake a thread for the next one, as those of the test driver
 * do, one thread makes them all.
 */
struct Lane {
  static constexpr int kInFlight = 4;
  TaskQueue waiting;
  int running = 0;
  int limit = kInFlight;

 private:
  friend class ThreadPool;
  void Note(int64_t nanoseconds);
  bool quick() const { return average_ < kQuick; }

  // Nanoseconds. A call that lost its processor for a while must not count for many.
  static constexpr int64_t kQuick = 10'000;
  static constexpr int64_t kMostNoted = 100'000;
  int64_t average_ = kMostNoted;  // of some sixteen calls
  bool watched_ = false;          // in ThreadPool::watched_
  uint32_t finished_ = 0;
  uint32_t seen_ = 0;  // finished_ when the watch last looked
};

struct PoolStats {
  size_t size;      // threads
  size_t active;    // tasks running
  size_t queued;    // tasks waiting for a thread or for their lane
  size_t limit;     // most threads
  size_t capacity;  // most tasks waiting
};

/** Elastic: a thread is started when a task finds none idle, the one that was busy last is woken first, and idle ones
 * leave after ten seconds. */
class ThreadPool {
 public:
  static constexpr size_t kThreads = 128;
  static constexpr size_t kQueue = 65536;
  static constexpr size_t kKeptThreads = 2;
  static constexpr int kIdleSeconds = 10;

  /** The process's pool. Never destroyed: its threads may be stuck in libvirt when the process leaves. */
  static ThreadPool& Get();

  /** False when kQueue tasks wait already, or no thread can be started. `must` is for clean-up, which may not be
   * refused. */
  bool Submit(Task* task, Lane* lane, bool must = false);

  /** From now on at most this many of the lane's tasks start beside each other. */
  void SetLimit(Lane* lane, int limit);

  /** `look` is called about every millisecond while a thread watches, and once after it ceased to. */
  void SetOnLook(void (*look)()) { on_look_.store(look); }
  bool watching() const { return watching_.load(); }

  PoolStats Stats();
  /** Calls inside libvirt right now. A hint, for the event loop. */
  size_t Active() const { return active_.load(std::memory_order_relaxed); }

 private:
  struct Idle;
  bool Start(Task* task);
  bool Place(Task* task, bool must, Idle** woken);
  void Refill(Lane* lane);
  bool HaveWatch(Idle** woken);
  bool LeaveToQuickLane(Lane* lane, Idle** woken);
  void Unwatch(Lane* lane);
  void Work(Task* task);
  Task* TakeReady();
  Task* TakeTurn(Lane* lane);
  Task* WaitForTask();
  Task* Watch();
  static void* Main(void* task);

  ShortMutex mutex_;
  TaskQueue ready_;
  Idle* idle_ = nullptr;
  std::vector<Lane*> watched_;  // quick lanes with tasks that could run beside others
  bool watch_wanted_ = false;   // since the watch last looked
  std::atomic<bool> watching_{false};
  std::atomic<void (*)()> on_look_{nullptr};
  size_t threads_ = 0;
  size_t queued_ = 0;
  std::atomic<size_t> active_{0};
};

}  // namespace novalet
