// One libvirt call on its way: checked and started on JavaScript's thread, made on a thread of the pool, settled on
// JavaScript's thread again.
#pragma once

#include <node_api.h>

#include <atomic>
#include <memory>

#include "environment.h"
#include "library.h"
#include "object.h"
#include "thread_pool.h"

namespace novalet {

/** An argument that was refused: becomes a TypeError or RangeError. */
struct Refusal {
  bool range = false;
  std::string message;
};

class Call : public Task, public Delivery {
 public:
  Call(Environment* environment, const char* function);
  ~Call() override;

  const char* function() const { return function_; }
  /** `virDomainCreate (web)`: the function, and the name of the domain that it is about. JavaScript's thread. */
  std::string Label() const;
  Environment& environment() { return *environment_; }

  /** Keeps an argument alive, and its connection open, until the call is over. The first one's connection is the lane.
   */
  void Use(Object* object);

  /**
   * The promise of the call's result. Owns the call from here on. `refusal` or `failure` when it is not to be made at
   * all. Null, with an exception pending, only when the environment is on its way out.
   */
  static napi_value Launch(std::unique_ptr<Call> call, const Refusal* refusal = nullptr);
  /** Makes the call here and now, for functions that only read what the object holds. Throws what Launch would reject
   * with. */
  static napi_value Now(std::unique_ptr<Call> call, const Refusal* refusal = nullptr);

  void Fail(Failure failure) { failure_ = std::make_unique<Failure>(std::move(failure)); }
  /** Records the calling thread's last error. */
  void FailWithLastError() { Fail(CopyLastError(function_)); }
  /** False, and the failure noted, when the installed libvirt lacks the function. */
  template <typename F>
  bool Have(F& function) {
    if (function.Exists()) return true;
    Fail(NotSupported(function.library, function.name, function.since));
    return false;
  }

  /** The promise is rejected with `reason` now. A call that has not begun is dropped, unless it must be made in any
   * case; one that has goes on alone. JavaScript's thread. */
  void Abandon(napi_value reason);
  /** Calls that go on though nobody waits for them. */
  static size_t Abandoned() { return abandoned_count_.load(std::memory_order_relaxed); }

  void Run() final;
  void Finish(bool more) final;
  void Deliver(Environment& environment) final;

 protected:
  /** Pool thread (or JavaScript's, for Now): makes the call; on failure calls Fail... before anything else of libvirt.
   */
  virtual void Execute() = 0;
  /** Whose calls are made beside each other only as far as their lane allows: those of the first argument's connection,
   * or those of a stream. */
  virtual Lane* ChooseLane();
  /** JavaScript's thread, after success. Null when JavaScript cannot take it. */
  virtual napi_value Result(napi_env env) = 0;
  /** JavaScript's thread, after failure or success, before the promise is settled. */
  virtual void Settled(Environment&, bool) {}
  /** After success, when the promise had been rejected already because its deadline passed, and Settled(false) called.
   */
  virtual void SettledTooLate(Environment&) {}
  /** False for what cleans up: it is made even if nobody waits any more. */
  virtual bool MayBeDropped() const { return true; }

  /** The connection of a result: the one of the last argument that is a connection, else of the first argument. */
  Connection* ResultConnection();

 private:
  friend class CloseCall;
  bool EnterConnections();
  void LeaveConnections();

  static constexpr size_t kMostObjects = 4;

  Environment* const environment_;
  const char* const function_;
  napi_deferred deferred_ = nullptr;
  std::unique_ptr<Failure> failure_;
  Object* used_[kMostObjects] = {};
  uint8_t used_count_ = 0;
  bool entered_ = false;
  bool held_ = false;

  enum class State : uint8_t { kWaiting, kBegun, kDropped };
  std::atomic<State> state_{State::kWaiting};
  double scope_ = 0;
  bool given_up_ = false;
  bool counted_ = false;
  inline static std::atomic<size_t> abandoned_count_{0};
};

napi_value RefusalToJs(napi_env env, const Refusal& refusal);

}  // namespace novalet
