#include "event_loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "library.h"
#include "short_mutex.h"
#include "thread_pool.h"

namespace novalet {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How long a handle stays out of epoll after the last call disabled it, while other calls are under way (see
// Loop::UpdateHandle).
constexpr milliseconds kRearmDelay{1};

struct Watch {
  int fd;
  int events;
  abi::EventHandleCallback callback;
  void* opaque;
  abi::FreeCallback free;
};

struct Timer {
  int interval;  // milliseconds; negative: off
  Clock::time_point due;
  abi::EventTimeoutCallback callback;
  void* opaque;
  abi::FreeCallback free;
};

/** What epoll is asked for on one descriptor. */
struct Descriptor {
  std::vector<int> watches;
  uint32_t armed = 0;
  bool in_epoll = false;
  bool deferred = false;  // in Loop::deferred_
  Clock::time_point rearm;
};

/** All of it may be called from any thread; callbacks and frees run on the loop's own. */
class Loop {
 public:
  int AddHandle(int fd, int events, abi::EventHandleCallback callback, void* opaque, abi::FreeCallback free) {
    std::lock_guard lock(mutex_);
    if (!Start()) return -1;
    int watch = next_id_++;
    watches_[watch] = {fd, events, callback, opaque, free};
    Descriptor& descriptor = descriptors_[fd];
    descriptor.watches.push_back(watch);
    descriptor.in_epoll = false;  // a new watch may mean a new file under an old number
    if (Arm(fd, descriptor)) return watch;
    Forget(watch);
    return -1;
  }

  /**
   * The client of a remote connection disables its watch around every call, for it reads the socket itself meanwhile.
   * Doing all that with the kernel, and waking this thread for replies that belong to calling threads, costs most of
   * the rate. So while other calls are under way, enabling waits until no call has disabled the watch for a
   * millisecond; they read events too.
   */
  void UpdateHandle(int watch, int events) {
    std::lock_guard lock(mutex_);
    auto found = watches_.find(watch);
    if (found == watches_.end()) return;
    found->second.events = events;
    int fd = found->second.fd;
    Descriptor& descriptor = descriptors_[fd];
    if (events != 0 && descriptor.armed == 0 && ThreadPool::Get().Active() > 1) {
      descriptor.rearm = Clock::now() + kRearmDelay;
      if (descriptor.deferred) return;
      descriptor.deferred = true;
      deferred_.push_back(fd);
      if (deferred_.size() == 1) Wake();
      return;
    }
    Arm(fd, descriptor);
  }

  int RemoveHandle(int watch) {
    std::lock_guard lock(mutex_);
    auto found = watches_.find(watch);
    if (found == watches_.end()) return -1;
    if (found->second.free != nullptr) frees_.emplace_back(found->second.free, found->second.opaque);
    Forget(watch);
    // libvirt frees must not run inside the removal: it may hold the lock that they take.
    Wake();
    return 0;
  }

  int AddTimeout(int interval, abi::EventTimeoutCallback callback, void* opaque, abi::FreeCallback free) {
    std::lock_guard lock(mutex_);
    if (!Start()) return -1;
    int id = next_id_++;
    timers_[id] = {interval, Due(interval), callback, opaque, free};
    if (interval >= 0) Wake();
    return id;
  }

  void UpdateTimeout(int id, int interval) {
    std::lock_guard lock(mutex_);
    auto found = timers_.find(id);
    if (found == timers_.end()) return;
    found->second.interval = interval;
    found->second.due = Due(interval);
    if (interval >= 0) Wake();
  }

  int RemoveTimeout(int id) {
    std::lock_guard lock(mutex_);
    auto found = timers_.find(id);
    if (found == timers_.end()) return -1;
    if (found->second.free != nullptr) frees_.emplace_back(found->second.free, found->second.opaque);
    timers_.erase(found);
    Wake();
    return 0;
  }

 private:
  static Clock::time_point Due(int interval) { return Clock::now() + milliseconds(std::max(interval, 0)); }

  static uint32_t ToEpoll(int events) {
    // Errors and hang-ups are told for every descriptor that epoll has at all.
    return ((events & abi::kReadable) ? EPOLLIN : 0u) | ((events & abi::kWritable) ? EPOLLOUT : 0u);
  }

  static int FromEpoll(uint32_t events) {
    return ((events & EPOLLIN) ? abi::kReadable : 0) | ((events & EPOLLOUT) ? abi::kWritable : 0) |
           ((events & EPOLLERR) ? abi::kError : 0) | ((events & EPOLLHUP) ? abi::kHangup : 0);
  }

  /** Brings epoll in line with what the descriptor's watches want. */
  bool Arm(int fd, Descriptor& descriptor) {
    int wanted = 0;
    for (int watch : descriptor.watches) wanted |= watches_[watch].events;
    if (wanted == 0) {
      if (descriptor.in_epoll) epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
      descriptor.in_epoll = false;
      descriptor.armed = 0;
      return true;
    }
    uint32_t mask = ToEpoll(wanted);
    if (descriptor.in_epoll && descriptor.armed == mask) return true;
    epoll_event event = {};
    event.events = mask;
    event.data.fd = fd;
    int first = descriptor.in_epoll ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    int failed = epoll_ctl(epoll_, first, fd, &event);
    if (failed != 0 && errno == (first == EPOLL_CTL_MOD ? ENOENT : EEXIST)) {
      failed = epoll_ctl(epoll_, first == EPOLL_CTL_MOD ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
    }
    if (failed != 0) return false;
    descriptor.in_epoll = true;
    descriptor.armed = mask == 0 ? static_cast<uint32_t>(EPOLLERR) : mask;
    return true;
  }

  void Forget(int watch) {
    int fd = watches_[watch].fd;
    watches_.erase(watch);
    auto found = descriptors_.find(fd);
    std::vector<int>& watches = found->second.watches;
    watches.erase(std::remove(watches.begin(), watches.end(), watch), watches.end());
    Arm(fd, found->second);  // fails harmlessly when the file is closed already
    if (!watches.empty()) return;
    if (found->second.deferred) deferred_.erase(std::remove(deferred_.begin(), deferred_.end(), fd), deferred_.end());
    descriptors_.erase(found);
  }

  bool Start() {
    if (started_) return true;
    if (epoll_ == -1) epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (wake_ == -1) wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.fd = wake_;
    if (epoll_ == -1 || wake_ == -1 || (epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0 && errno != EEXIST))
      return false;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    started_ = pthread_create(&thread, nullptr, &Loop::Main, this) == 0;
    if (started_) {
      pthread_detach(thread);
      thread_ = thread;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started_;
  }

  void Wake() {
    if (!started_ || pthread_equal(thread_, pthread_self())) return;
    uint64_t one = 1;
    [[maybe_unused]] ssize_t written = write(wake_, &one, sizeof one);
  }

  static void* Main(void* loop) {
    pthread_setname_np(pthread_self(), "libvirt-events");
    static_cast<Loop*>(loop)->Work();
    return nullptr;
  }

  void Work() {
    epoll_event ready[64];
    for (;;) {
      int count = epoll_wait(epoll_, ready, 64, Patience());
      for (int i = 0; i < count; ++i) {
        if (ready[i].data.fd == wake_) {
          uint64_t wakes;
          [[maybe_unused]] ssize_t taken = read(wake_, &wakes, sizeof wakes);
        } else {
          Dispatch(ready[i].data.fd, FromEpoll(ready[i].events));
        }
      }
      FireTimers();
      Rearm();
      RunFrees();
    }
  }

  /** Milliseconds until there is something to do without being told; -1: never. */
  int Patience() {
    std::lock_guard lock(mutex_);
    if (!frees_.empty()) return 0;
    Clock::time_point until = Clock::time_point::max();
    for (const auto& [id, timer] : timers_) {
      if (timer.interval >= 0) until = std::min(until, timer.due);
    }
    for (int fd : deferred_) until = std::min(until, descriptors_[fd].rearm);
    if (until == Clock::time_point::max()) return -1;
    auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
    return static_cast<int>(std::clamp<int64_t>(left, 0, INT32_MAX));
  }

  void Dispatch(int fd, int events) {
    std::vector<int> ids;
    {
      std::lock_guard lock(mutex_);
      auto found = descriptors_.find(fd);
      if (found == descriptors_.end()) return;
      ids = found->second.watches;
    }
    for (int id : ids) {
      Watch watch;
      {
        std::lock_guard lock(mutex_);
        auto found = watches_.find(id);  // an earlier callback may have removed it
        if (found == watches_.end() || found->second.fd != fd) continue;
        watch = found->second;
      }
      int told = events & (watch.events | abi::kError | abi::kHangup);
      if (watch.events != 0 && told != 0) watch.callback(id, fd, told, watch.opaque);
    }
  }

  void FireTimers() {
    std::vector<int> due;
    {
      std::lock_guard lock(mutex_);
      Clock::time_point now = Clock::now();
      for (auto& [id, timer] : timers_) {
        if (timer.interval >= 0 && timer.due <= now) due.push_back(id);
      }
    }
    for (int id : due) {
      Timer timer;
      {
        std::lock_guard lock(mutex_);
        auto found = timers_.find(id);
        if (found == timers_.end() || found->second.interval < 0) continue;
        found->second.due = Due(found->second.interval);
        timer = found->second;
      }
      timer.callback(id, timer.opaque);
    }
  }

  void Rearm() {
    std::lock_guard lock(mutex_);
    if (deferred_.empty()) return;
    Clock::time_point now = Clock::now();
    for (size_t i = 0; i < deferred_.size();) {
      Descriptor& descriptor = descriptors_[deferred_[i]];
      if (descriptor.rearm > now) {
        ++i;
        continue;
      }
      descriptor.deferred = false;
      Arm(deferred_[i], descriptor);
      deferred_[i] = deferred_.back();
      deferred_.pop_back();
    }
  }

  void RunFrees() {
    std::vector<std::pair<abi::FreeCallback, void*>> frees;
    {
      std::lock_guard lock(mutex_);
      frees.swap(frees_);
    }
    for (auto [free, opaque] : frees) free(opaque);
  }

  ShortMutex mutex_;
  bool started_ = false;
  pthread_t thread_{};
  int epoll_ = -1;
  int wake_ = -1;
  int next_id_ = 1;
  std::unordered_map<int, Watch> watches_;
  std::unordered_map<int, Descriptor> descriptors_;
  std::vector<int> deferred_;
  std::map<int, Timer> timers_;
  std::vector<std::pair<abi::FreeCallback, void*>> frees_;
};

Loop& TheLoop() {
  static Loop* const loop = new Loop();  // never destroyed: its thread outlives main
  return *loop;
}

int AddHandle(int fd, int events, abi::EventHandleCallback callback, void* opaque, abi::FreeCallback free) {
  return TheLoop().AddHandle(fd, events, callback, opaque, free);
}
void UpdateHandle(int watch, int events) { TheLoop().UpdateHandle(watch, events); }
int RemoveHandle(int watch) { return TheLoop().RemoveHandle(watch); }
int AddTimeout(int interval, abi::EventTimeoutCallback callback, void* opaque, abi::FreeCallback free) {
  return TheLoop().AddTimeout(interval, callback, opaque, free);
}
void UpdateTimeout(int timer, int interval) { TheLoop().UpdateTimeout(timer, interval); }
int RemoveTimeout(int timer) { return TheLoop().RemoveTimeout(timer); }

}  // namespace

void EventLoop::Register() {
  static std::once_flag once;
  std::call_once(once, [] {
    lib::virEventRegisterImpl(AddHandle, UpdateHandle, RemoveHandle, AddTimeout, UpdateTimeout, RemoveTimeout);
  });
}

}  // namespace novalet
