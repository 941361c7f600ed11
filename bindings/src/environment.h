// What belongs to one JavaScript environment (the main thread or a worker thread): the way back onto its thread, and
// the functions of ours that live there. Nothing of it is static, so that environments come and go.
#pragma once

#include <node_api.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "failure.h"
#include "object.h"

namespace novalet {

class Call;
class Environment;

/** Something that came about on another thread and is to be told on JavaScript's. */
class Delivery {
 public:
  virtual ~Delivery() = default;
  /** JavaScript's thread, inside a handle scope. Every call into JavaScript may fail: the environment may be on its way
   * out. */
  virtual void Deliver(Environment& environment) = 0;

 private:
  friend class Environment;
  Delivery* next_ = nullptr;
};

/** The functions of lib/native.ts that the addon calls. */
enum Hook : size_t {
  kFailure,         // (function, error) -> what a promise is rejected with
  kThrowable,       // (function, error) -> the libvirtError that a synchronous call throws
  kTuple,           // (...items) -> items: five times cheaper than filling an array from here
  kDeliverEvent,    // (registration, object, ...details)
  kAskCredentials,  // (request, credentials)
  kUnpack,          // (shape, numbers, texts, handles) -> the value: see packer.h
  kErrorRaised,     // ("", message, error)
  kNextTurn,        // () has Node call drain() in the next turn of its loop
  kHookCount,
};

class Environment {
 public:
  /** Makes the environment's data and ties it to the environment's life. Null, with an exception pending, when that
   * fails. */
  static Environment* Create(napi_env env);
  static Environment* Of(napi_env env);

  napi_env env() const { return env_; }

  /** Hands over a delivery; it is deleted after it was told, or untold when the environment has gone. `may_wait`: more
   * will come soon, and one wake for some of them will do. Any thread. */
  void Post(Delivery* delivery, bool may_wait = false);

  /** The next turn of Node's loop has come. */
  void NextTurn();

  /** While held, the process does not end by itself: once for a call under way, once for a registration. JavaScript's
   * thread. */
  void Hold();
  void Unhold(uint32_t count = 1);

  /** Calls launched from now on belong to this scope; 0: to none. */
  void EnterScope(double scope) { scope_ = scope; }
  /** Notes the call in the current scope, which is returned. JavaScript's thread, like the others. */
  double JoinScope(Call* call);
  void LeaveScope(double scope, Call* call);
  /** Its calls so far are not waited for any more. */
  void AbandonScope(double scope, napi_value reason);
  /** What messages call the calls that have not ended. */
  std::vector<std::string> CallsOfScope(double scope);
  void CloseScope(double scope) { scopes_.erase(scope); }

  bool SetHook(Hook hook, napi_value function);
  /** Null when the hook threw or the environment is on its way out. */
  napi_value CallHook(Hook hook, size_t count, const napi_value* arguments);

  /** Whether 64-bit integers are to become bigints. JavaScript's thread only. */
  bool bigint() const { return bigint_; }
  void SetBigint(bool bigint) { bigint_ = bigint; }

  napi_value FailureToJs(Hook hook, const char* function, const Failure& failure);

  void Retain() { owners_.fetch_add(1, std::memory_order_relaxed); }
  void Release() {
    if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  /** To be told when the environment goes, from its thread. */
  class Mourner {
   public:
    virtual ~Mourner() = default;
    virtual void EnvironmentGone() = 0;
  };
  /** False when it has gone already. Any thread. */
  bool AddMourner(Mourner* mourner);
  void RemoveMourner(Mourner* mourner);

 private:
  explicit Environment(napi_env env) : env_(env) {}
  void Tear();
  void LeaveRoom();
  void Drain();
  void Wake();
  static void WakeAll();
  /** All that was posted, the oldest first. */
  Delivery* TakePosted();
  void DropPosted();
  static void OnWake(napi_env env, napi_value, void* environment, void*);

  // At most this many deliveries, and wakes, in one turn of Node's loop, so that a flood leaves room for timers and
  // sockets. Node itself would go on for a thousand wakes, each with calls enough behind it for the next.
  static constexpr int kPortion = 1000;
  static constexpr int kWakes = 16;
  // Deliveries that may wait for each other, about as many as a connection's calls in flight.
  static constexpr int kGathered = 4;

  const napi_env env_;
  std::atomic<uint32_t> owners_{1};
  napi_threadsafe_function wake_ = nullptr;
  napi_ref hooks_[kHookCount] = {};
  uint32_t holds_ = 0;
  bool bigint_ = false;
  double scope_ = 0;
  std::unordered_map<double, std::vector<Call*>> scopes_;

  int wakes_ = 0;              // JavaScript's thread: since the last turn that is known
  bool leaving_room_ = false;  // the same: the next turn drains
  Delivery* left_ = nullptr;   // the same: what the last turn left over, the oldest first
  // Lists the newest first. No lock: whoever wakes JavaScript's thread would hold it for as long as the kernel takes.
  std::atomic<Delivery*> posted_{nullptr};
  std::atomic<bool> woken_{false};    // and has not looked since
  std::atomic<int> waiting_wake_{0};  // posted since it was last woken

  std::mutex gate_;  // between those who wake the environment and its end
  bool gone_ = false;
  std::vector<Mourner*> mourners_;
};

/** A JavaScript string, or null. */
napi_value StringOrNull(napi_env env, const char* text);

/** A 64-bit integer: a number, rounded above 2^53, or a bigint where the environment wants those. */
napi_value Int64ToJs(napi_env env, int64_t value);
napi_value Uint64ToJs(napi_env env, uint64_t value);

/** A handle for JavaScript; takes over one strong reference. */
napi_value HandleToJs(napi_env env, Object* object);
/** An array of handles; takes over the references, and leaves null where it has. Null when JavaScript cannot take it.
 */
napi_value HandlesToJs(Environment& environment, Object** objects, size_t count);

}  // namespace novalet
