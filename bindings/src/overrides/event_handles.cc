// By hand: file descriptors and timers of JavaScript's on libvirt's event loop. A descriptor, or a timer of no time,
// would be told of again and again until JavaScript has had its turn, so each is off until its callback has returned.
#include <algorithm>
#include <mutex>

#include "../arguments.h"
#include "../event_loop.h"
#include "../library.h"
#include "../registration.h"
#include "overrides.h"

namespace novalet {
namespace {

Function<int(int, int, abi::EventHandleCallback, void*, abi::FreeCallback)> virEventAddHandle{"virEventAddHandle",
                                                                                              "0.9.3"};
Function<void(int, int)> virEventUpdateHandle{"virEventUpdateHandle", "0.9.3"};
Function<int(int)> virEventRemoveHandle{"virEventRemoveHandle", "0.9.3"};
Function<int(int, abi::EventTimeoutCallback, void*, abi::FreeCallback)> virEventAddTimeout{"virEventAddTimeout",
                                                                                           "0.9.3"};
Function<void(int, int)> virEventUpdateTimeout{"virEventUpdateTimeout", "0.9.3"};
Function<int(int)> virEventRemoveTimeout{"virEventRemoveTimeout", "0.9.3"};

enum class Kind { kHandle, kTimeout };

/** One entry of the loop: libvirt has it as opaque, JavaScript by its number. */
class Entry final : public Environment::Mourner {
 public:
  Entry(Environment* environment, Kind kind, double registration)
      : environment_(environment), kind_(kind), registration_(registration) {
    environment->Retain();
  }

  Environment& environment() { return *environment_; }
  int id() const { return id_; }
  double registration() const { return registration_; }

  /** The environment's entry of that number; null when it has none. JavaScript's thread. */
  static Entry* Find(Environment* environment, Kind kind, int id) {
    std::lock_guard lock(mutex_);
    for (Entry* entry : All()) {
      if (entry->environment_ == environment && entry->kind_ == kind && entry->id_ == id) return entry;
    }
    return nullptr;
  }

  /** False, and the entry gone, when the loop does not take it. */
  bool Add(int fd, int wanted) {
    std::unique_lock lock(mutex_);
    wanted_ = wanted;
    // The callback may come before the number is known here, and waits for the lock.
    id_ = kind_ == Kind::kHandle ? virEventAddHandle(fd, wanted, OnHandle, this, OnFree)
                                 : virEventAddTimeout(wanted, OnTimeout, this, OnFree);
    if (id_ < 0) {
      lock.unlock();
      OnFree(this);
      return false;
    }
    All().push_back(this);
    lock.unlock();
    environment_->AddMourner(this);
    return true;
  }

  /** Events of a handle, milliseconds of a timer. */
  void Update(int wanted) {
    std::lock_guard lock(mutex_);
    wanted_ = wanted;
    if (!telling_) Arm(wanted);
  }

  int Remove() {
    environment_->RemoveMourner(this);
    return Forget();
  }

  void EnvironmentGone() override { Forget(); }

  /** JavaScript has heard. */
  static void Heard(Environment* environment, Kind kind, int id) {
    Entry* entry = Find(environment, kind, id);
    if (entry == nullptr) return;
    std::lock_guard lock(mutex_);
    entry->telling_ = false;
    entry->Arm(entry->wanted_);
  }

 private:
  ~Entry() override { environment_->Release(); }

  static std::vector<Entry*>& All() {
    static auto* const all = new std::vector<Entry*>();
    return *all;
  }

  int Forget() {
    std::lock_guard lock(mutex_);
    All().erase(std::remove(All().begin(), All().end(), this), All().end());
    return kind_ == Kind::kHandle ? virEventRemoveHandle(id_) : virEventRemoveTimeout(id_);
  }

  /** With the lock. */
  void Arm(int wanted) {
    if (kind_ == Kind::kHandle) {
      virEventUpdateHandle(id_, wanted);
    } else {
      virEventUpdateTimeout(id_, wanted);
    }
  }

  void Tell(std::vector<Detail> details);

  static void OnHandle(int watch, int fd, int events, void* opaque) {
    static_cast<Entry*>(opaque)->Tell({watch, fd, events});
  }
  static void OnTimeout(int timer, void* opaque) { static_cast<Entry*>(opaque)->Tell({timer}); }
  static void OnFree(void* opaque) { delete static_cast<Entry*>(opaque); }

  inline static std::mutex mutex_;

  Environment* const environment_;
  const Kind kind_;
  const double registration_;
  int id_ = -1;
  int wanted_ = 0;
  bool telling_ = false;
};

class EntryDelivery final : public Delivery {
 public:
  EntryDelivery(Kind kind, int id, double registration, std::vector<Detail> details)
      : kind_(kind), id_(id), registration_(registration), details_(std::move(details)) {}

  void Deliver(Environment& environment) override {
    TellJavaScript(environment, registration_, nullptr, details_);
    Entry::Heard(&environment, kind_, id_);
  }

 private:
  const Kind kind_;
  const int id_;
  const double registration_;
  const std::vector<Detail> details_;
};

void Entry::Tell(std::vector<Detail> details) {
  {
    std::lock_guard lock(mutex_);
    if (telling_) return;
    telling_ = true;
    Arm(kind_ == Kind::kHandle ? 0 : -1);
  }
  environment_->Post(new EntryDelivery(kind_, id_, registration_, std::move(details)));
}

/** Any of the six; the work is a few lines, done at once. */
class EntryCall final : public Call {
 public:
  using Work = std::optional<int> (*)(Environment*, const int* numbers, double registration);
  EntryCall(Environment* environment, const char* function, Work work, std::vector<int> numbers, double registration)
      : Call(environment, function), work_(work), numbers_(std::move(numbers)), registration_(registration) {}

 protected:
  void Execute() override {
    EventLoop::Register();
    lib::virResetLastError();  // the loop itself leaves no error
    result_ = work_(&environment(), numbers_.data(), registration_);
    if (result_ && *result_ < 0) FailWithLastError();
  }
  napi_value Result(napi_env env) override {
    napi_value value = nullptr;
    if (result_) {
      napi_create_int32(env, *result_, &value);
    } else {
      napi_get_undefined(env, &value);
    }
    return value;
  }

 private:
  const Work work_;
  const std::vector<int> numbers_;
  const double registration_;
  std::optional<int> result_;
};

template <Kind kind>
std::optional<int> Add(Environment* environment, const int* numbers, double registration) {
  auto* entry = new Entry(environment, kind, registration);
  bool added = kind == Kind::kHandle ? entry->Add(numbers[0], numbers[1]) : entry->Add(-1, numbers[0]);
  if (!added) return -1;
  environment->Hold();
  return entry->id();
}

template <Kind kind>
std::optional<int> Update(Environment* environment, const int* numbers, double) {
  Entry* entry = Entry::Find(environment, kind, numbers[0]);
  if (entry != nullptr) entry->Update(numbers[1]);
  return std::nullopt;
}

template <Kind kind>
std::optional<int> Remove(Environment* environment, const int* numbers, double) {
  Entry* entry = Entry::Find(environment, kind, numbers[0]);
  if (entry == nullptr) return -1;
  environment->Unhold();
  return entry->Remove();
}

struct EntryFunction {
  const char* name;
  const char* arguments;
  int numbers;
  bool registers;
  EntryCall::Work work;
};

constexpr EntryFunction kFunctions[] = {
    {"virEventAddHandle", "fd,events,registration", 2, true, Add<Kind::kHandle>},
    {"virEventUpdateHandle", "watch,events", 2, false, Update<Kind::kHandle>},
    {"virEventRemoveHandle", "watch", 1, false, Remove<Kind::kHandle>},
    {"virEventAddTimeout", "timeout,registration", 1, true, Add<Kind::kTimeout>},
    {"virEventUpdateTimeout", "timer,timeout", 2, false, Update<Kind::kTimeout>},
    {"virEventRemoveTimeout", "timer", 1, false, Remove<Kind::kTimeout>},
};

napi_value Invoke(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  const auto& which = *static_cast<const EntryFunction*>(data);
  Arguments arguments(env, info, which.name, which.arguments);
  std::vector<int> numbers;
  for (int i = 0; i < which.numbers; ++i) numbers.push_back(arguments.Int32(static_cast<size_t>(i)));
  double registration = which.registers ? arguments.Double(static_cast<size_t>(which.numbers)) : 0;
  return Call::Now(
      std::make_unique<EntryCall>(Environment::Of(env), which.name, which.work, std::move(numbers), registration),
      arguments.refusal());
}

}  // namespace

bool ExportEventHandleFunctions(napi_env env, napi_value exports) {
  for (const EntryFunction& one : kFunctions) {
    napi_value function;
    if (napi_create_function(env, one.name, NAPI_AUTO_LENGTH, Invoke, const_cast<EntryFunction*>(&one), &function) !=
            napi_ok ||
        napi_set_named_property(env, exports, one.name, function) != napi_ok)
      return false;
  }
  return true;
}

}  // namespace novalet
