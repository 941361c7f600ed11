// One libvirt call on its way: checked and started on JavaScript's thread, made on a thread of the pool, settled on
// JavaScript's thread again.
#pragma once

#include <node_api.h>

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

  void Run() final;
  void Finish() final;
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
  /** As Settled, in its place, after success when the promise had been rejected already because its deadline passed. */
  virtual void SettledTooLate(Environment&) {}

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
};

napi_value RefusalToJs(napi_env env, const Refusal& refusal);

}  // namespace novalet
