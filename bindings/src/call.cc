#include "call.h"

namespace novalet {

Call::Call(Environment* environment, const char* function) : environment_(environment), function_(function) {
  environment->Retain();
}

Call::~Call() {
  if (counted_) --abandoned_count_;
  for (size_t i = 0; i < used_count_; ++i) used_[i]->Release();
  environment_->Release();
}

void Call::Use(Object* object) {
  if (object->disposed || !object->TryRetain())
    return Fail(*object->WhyUnusable(function_));  // its last owner may have gone
  used_[used_count_++] = object;
}

napi_value RefusalToJs(napi_env env, const Refusal& refusal) {
  napi_value message = nullptr, error = nullptr;
  napi_create_string_utf8(env, refusal.message.c_str(), refusal.message.size(), &message);
  (refusal.range ? napi_create_range_error : napi_create_type_error)(env, nullptr, message, &error);
  return error;
}

bool Call::EnterConnections() {
  for (size_t i = 0; i < used_count_; ++i) {
    if (std::optional<Failure> why = used_[i]->WhyUnusable(function_)) {
      Fail(std::move(*why));
      return false;
    }
  }
  // All usable and nobody but this thread closes them, so each can be entered; one that two arguments share is entered
  // twice.
  for (size_t i = 0; i < used_count_; ++i) used_[i]->connection()->Enter();
  entered_ = true;
  return true;
}

void Call::LeaveConnections() {
  if (!entered_) return;
  entered_ = false;
  for (size_t i = 0; i < used_count_; ++i) used_[i]->connection()->Leave();
}

std::string Call::Label() const {
  static Function<const char*(void*)> name_of("virDomainGetName", "0.0.3");
  std::string label = function_;
  if (used_count_ == 0 || used_[0]->object_class() != Class::Domain || !name_of.Exists()) return label;
  Object* object = used_[0];
  // Inside the connection, which cannot free its domains meanwhile.
  if (!object->connection()->Enter()) return label;
  if (void* domain = object->pointer(); domain != nullptr) {
    if (const char* name = name_of(domain); name != nullptr) label += std::string(" (") + name + ")";
  }
  object->connection()->Leave();
  return label;
}

napi_value Call::Launch(std::unique_ptr<Call> call, const Refusal* refusal) {
  Environment& environment = *call->environment_;
  napi_env env = environment.env();
  napi_value promise = nullptr;
  if (napi_create_promise(env, &call->deferred_, &promise) != napi_ok) return nullptr;
  if (refusal != nullptr) {
    napi_reject_deferred(env, call->deferred_, RefusalToJs(env, *refusal));
    return promise;
  }
  if (call->failure_ == nullptr && call->EnterConnections()) {
    Lane* lane = call->ChooseLane();
    environment.Hold();
    call->held_ = true;
    call->scope_ = environment.JoinScope(call.get());
    if (ThreadPool::Get().Submit(call.get(), lane)) {
      call.release();
      return promise;
    }
    call->LeaveConnections();
    environment.LeaveScope(call->scope_, call.get());
    call->scope_ = 0;
    Failure full;
    full.message = std::string(call->function_) + ": " + std::to_string(ThreadPool::kQueue) +
                   " calls wait for libvirt already; wait for some of them before making more";
    call->Fail(std::move(full));
  }
  call->Deliver(environment);
  return promise;
}

napi_value Call::Now(std::unique_ptr<Call> call, const Refusal* refusal) {
  Environment& environment = *call->environment_;
  napi_env env = environment.env();
  if (refusal != nullptr) {
    napi_throw(env, RefusalToJs(env, *refusal));
    return nullptr;
  }
  if (call->failure_ == nullptr) {
    for (size_t i = 0; i < call->used_count_ && call->failure_ == nullptr; ++i) {
      if (std::optional<Failure> why = call->used_[i]->WhyUnusable(call->function_)) call->Fail(std::move(*why));
    }
    if (call->failure_ == nullptr) call->Execute();
  }
  if (call->failure_ == nullptr) return call->Result(env);
  napi_value error = environment.FailureToJs(kThrowable, call->function_, *call->failure_);
  if (error != nullptr) napi_throw(env, error);
  return nullptr;
}

Lane* Call::ChooseLane() {
  if (used_count_ == 0) return nullptr;
  Connection* connection = used_[0]->connection();
  if (used_[0]->object_class() == Class::Stream && !connection->one_at_a_time)
    return &static_cast<StreamObject*>(used_[0])->lane;
  return &connection->lane;
}

void Call::Run() {
  State waiting = State::kWaiting;
  if (state_.compare_exchange_strong(waiting, State::kBegun)) Execute();
}

void Call::Abandon(napi_value reason) {
  State waiting = State::kWaiting;
  if (!MayBeDropped() || !state_.compare_exchange_strong(waiting, State::kDropped)) {
    counted_ = true;
    ++abandoned_count_;
  }
  given_up_ = true;
  Settled(*environment_, false);
  napi_reject_deferred(environment_->env(), deferred_, reason);
  // Nobody waits for it any more, so it keeps no process.
  if (held_) environment_->Unhold();
  held_ = false;
}

void Call::Finish(bool more) {
  LeaveConnections();
  environment_->Post(this, more);
}

void Call::Deliver(Environment& environment) {
  napi_env env = environment.env();
  if (given_up_) {
    if (failure_ == nullptr && state_ == State::kBegun) SettledTooLate(environment);
    return;
  }
  environment.LeaveScope(scope_, this);
  Settled(environment, failure_ == nullptr);
  if (failure_ == nullptr) {
    napi_value result = Result(env);
    if (result != nullptr) {
      napi_resolve_deferred(env, deferred_, result);
    } else {
      napi_value exception = nullptr;
      if (napi_get_and_clear_last_exception(env, &exception) == napi_ok)
        napi_reject_deferred(env, deferred_, exception);
    }
  } else {
    napi_value failure = environment.FailureToJs(kFailure, function_, *failure_);
    if (failure != nullptr) napi_reject_deferred(env, deferred_, failure);
  }
  if (held_) environment.Unhold();
}

Connection* Call::ResultConnection() {
  for (size_t i = used_count_; i > 0; --i) {
    if (used_[i - 1]->object_class() == Class::Connect) return static_cast<Connection*>(used_[i - 1]);
  }
  return used_count_ == 0 ? nullptr : used_[0]->connection();
}

}  // namespace novalet
