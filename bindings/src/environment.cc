#include "environment.h"

#include <algorithm>
#include <utility>

#include "call.h"

namespace novalet {
namespace {

// What a handle costs outside of JavaScript's heap, by measurement; tells the garbage collector that handles are not
// free.
constexpr int64_t kHandleBytes = 400;

// All that live, for the pool's watch. Never destroyed: that one outlives main.
std::mutex& environments_mutex = *new std::mutex();
std::vector<Environment*>& environments = *new std::vector<Environment*>();

void OnHandleCollected(napi_env env, void* data, void*) {
  auto* object = static_cast<Object*>(data);
  int64_t total;
  napi_adjust_external_memory(env, -kHandleBytes, &total);
  if (!object->disposed) object->Release();
  object->ReleaseMemory();
}

}  // namespace

Environment* Environment::Create(napi_env env) {
  auto* environment = new Environment(env);
  napi_value name;
  if (napi_create_string_utf8(env, "libvirt", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, environment,
                                      &Environment::OnWake, &environment->wake_) != napi_ok ||
      napi_unref_threadsafe_function(env, environment->wake_) != napi_ok ||
      napi_set_instance_data(env, environment, nullptr, nullptr) != napi_ok) {
    napi_throw_error(env, nullptr, "@novalet/libvirt: Node refused the addon's environment data");
    environment->Release();
    return nullptr;
  }
  {
    std::lock_guard lock(environments_mutex);
    environments.push_back(environment);
  }
  ThreadPool::Get().SetOnLook(&Environment::WakeAll);
  // After the thread-safe function, hence torn down before it.
  napi_add_env_cleanup_hook(
      env, [](void* data) { static_cast<Environment*>(data)->Tear(); }, environment);
  return environment;
}

Environment* Environment::Of(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Environment*>(data);
}

void Environment::Post(Delivery* delivery, bool may_wait) {
  Delivery* newest = posted_.load(std::memory_order_relaxed);
  do {
    delivery->next_ = newest;
  } while (!posted_.compare_exchange_weak(newest, delivery));
  if (woken_.load()) return;  // one wake for all that gather until JavaScript comes to look
  // The pool's watch sees to it that a lone one does not wait for ever.
  if (may_wait && waiting_wake_.fetch_add(1) + 1 < kGathered && ThreadPool::Get().watching()) return;
  Wake();
}

void Environment::Wake() {
  if (woken_.exchange(true)) return;
  waiting_wake_.store(0);
  std::lock_guard lock(gate_);
  if (gone_) return DropPosted();
  napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
}

/** The pool's watch looks: what was posted is told now. */
void Environment::WakeAll() {
  std::lock_guard lock(environments_mutex);
  for (Environment* environment : environments) {
    if (environment->posted_.load() != nullptr) environment->Wake();
  }
}

Delivery* Environment::TakePosted() {
  woken_.store(false);  // before it looks: who posts later wakes it again
  Delivery* newest = posted_.exchange(nullptr);
  Delivery* oldest = nullptr;
  while (newest != nullptr) {
    Delivery* before = newest->next_;
    newest->next_ = oldest;
    oldest = newest;
    newest = before;
  }
  return oldest;
}

void Environment::DropPosted() {
  for (Delivery* delivery = TakePosted(); delivery != nullptr;) {
    Delivery* next = delivery->next_;
    delete delivery;
    delivery = next;
  }
}

void Environment::OnWake(napi_env env, napi_value, void* environment, void*) {
  auto* self = static_cast<Environment*>(environment);
  if (env == nullptr || self->leaving_room_) return;
  if (++self->wakes_ > kWakes) return self->LeaveRoom();
  self->Drain();
}

void Environment::LeaveRoom() {
  if (leaving_room_) return;
  leaving_room_ = CallHook(kNextTurn, 0, nullptr) != nullptr;
}

void Environment::NextTurn() {
  leaving_room_ = false;
  wakes_ = 0;
  Drain();
}

void Environment::Drain() {
  int told = 0;
  // What comes while this tells of the rest is not waited for: it has its own wake.
  bool is_last = left_ == nullptr;
  Delivery* delivery = is_last ? TakePosted() : std::exchange(left_, nullptr);
  while (delivery != nullptr && told < kPortion) {
    Delivery* next = delivery->next_;
    napi_handle_scope scope;
    if (napi_open_handle_scope(env_, &scope) == napi_ok) {
      delivery->Deliver(*this);
      napi_close_handle_scope(env_, scope);
    }
    delete delivery;
    ++told;
    delivery = next;
    if (delivery == nullptr && !is_last) {
      is_last = true;
      delivery = TakePosted();
    }
  }
  left_ = delivery;
  if (left_ != nullptr) LeaveRoom();
}

void Environment::Tear() {
  {
    std::lock_guard lock(environments_mutex);
    environments.erase(std::find(environments.begin(), environments.end(), this));
  }
  {
    std::lock_guard lock(gate_);
    gone_ = true;
    for (Mourner* mourner : mourners_) mourner->EnvironmentGone();
    mourners_.clear();
  }
  while (left_ != nullptr) delete std::exchange(left_, left_->next_);
  DropPosted();
  Release();
}

bool Environment::AddMourner(Mourner* mourner) {
  std::lock_guard lock(gate_);
  if (gone_) return false;
  mourners_.push_back(mourner);
  return true;
}

void Environment::RemoveMourner(Mourner* mourner) {
  std::lock_guard lock(gate_);
  mourners_.erase(std::remove(mourners_.begin(), mourners_.end(), mourner), mourners_.end());
}

void Environment::Hold() {
  if (holds_++ == 0) napi_ref_threadsafe_function(env_, wake_);
}

void Environment::Unhold(uint32_t count) {
  if (count == 0) return;
  holds_ -= count;
  if (holds_ == 0) napi_unref_threadsafe_function(env_, wake_);
}

double Environment::JoinScope(Call* call) {
  if (scope_ != 0) scopes_[scope_].push_back(call);
  return scope_;
}

void Environment::LeaveScope(double scope, Call* call) {
  if (scope == 0) return;
  auto found = scopes_.find(scope);
  if (found == scopes_.end()) return;
  std::vector<Call*>& calls = found->second;
  calls.erase(std::remove(calls.begin(), calls.end(), call), calls.end());
}

void Environment::AbandonScope(double scope, napi_value reason) {
  auto found = scopes_.find(scope);
  if (found == scopes_.end()) return;
  std::vector<Call*> calls = std::move(found->second);
  scopes_.erase(found);
  for (Call* call : calls) call->Abandon(reason);
}

std::vector<std::string> Environment::CallsOfScope(double scope) {
  std::vector<std::string> names;
  auto found = scopes_.find(scope);
  if (found == scopes_.end()) return names;
  for (Call* call : found->second) names.push_back(call->Label());
  return names;
}

bool Environment::SetHook(Hook hook, napi_value function) {
  if (hooks_[hook] != nullptr) napi_delete_reference(env_, hooks_[hook]);
  return napi_create_reference(env_, function, 1, &hooks_[hook]) == napi_ok;
}

napi_value Environment::CallHook(Hook hook, size_t count, const napi_value* arguments) {
  napi_value function = nullptr, receiver, result = nullptr;
  if (hooks_[hook] == nullptr || napi_get_reference_value(env_, hooks_[hook], &function) != napi_ok ||
      function == nullptr)
    return nullptr;
  if (napi_get_undefined(env_, &receiver) != napi_ok) return nullptr;
  if (napi_call_function(env_, receiver, function, count, arguments, &result) != napi_ok) return nullptr;
  return result;
}

napi_value Environment::FailureToJs(Hook hook, const char* function, const Failure& failure) {
  auto text = [this](const std::optional<std::string>& string) {
    return StringOrNull(env_, string ? string->c_str() : nullptr);
  };
  auto number = [this](int32_t value) {
    napi_value result = nullptr;
    napi_create_int32(env_, value, &result);
    return result;
  };
  napi_value arguments[3];
  arguments[0] = StringOrNull(env_, function);
  arguments[1] = StringOrNull(env_, failure.message.c_str());
  if (failure.raised) {
    const napi_value error[] = {number(failure.code),  number(failure.domain), arguments[1],
                                number(failure.level), text(failure.str1),     text(failure.str2),
                                text(failure.str3),    number(failure.int1),   number(failure.int2)};
    arguments[2] = CallHook(kTuple, std::size(error), error);
    if (arguments[2] == nullptr) return nullptr;
  } else {
    napi_get_null(env_, &arguments[2]);
  }
  return CallHook(hook, 3, arguments);
}

napi_value StringOrNull(napi_env env, const char* text) {
  napi_value result = nullptr;
  if (text == nullptr || napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result) != napi_ok)
    napi_get_null(env, &result);
  return result;
}

napi_value Int64ToJs(napi_env env, int64_t value) {
  napi_value result = nullptr;
  if (Environment::Of(env)->bigint()) {
    napi_create_bigint_int64(env, value, &result);
  } else {
    napi_create_double(env, static_cast<double>(value), &result);
  }
  return result;
}

napi_value Uint64ToJs(napi_env env, uint64_t value) {
  napi_value result = nullptr;
  if (Environment::Of(env)->bigint()) {
    napi_create_bigint_uint64(env, value, &result);
  } else {
    napi_create_double(env, static_cast<double>(value), &result);
  }
  return result;
}

namespace {

napi_value UncountedHandle(napi_env env, Object* object) {
  napi_value handle = nullptr;
  object->RetainMemory();
  if (napi_create_external(env, object, OnHandleCollected, nullptr, &handle) == napi_ok) return handle;
  object->Release();
  object->ReleaseMemory();
  return nullptr;
}

void Count(napi_env env, size_t handles) {
  int64_t total;
  napi_adjust_external_memory(env, static_cast<int64_t>(handles) * kHandleBytes, &total);
}

// As many arguments as a function call has room for on a small stack.
constexpr size_t kMostInOneCall = 8192;

}  // namespace

napi_value HandleToJs(napi_env env, Object* object) {
  napi_value handle = UncountedHandle(env, object);
  if (handle != nullptr) Count(env, 1);
  return handle;
}

napi_value HandlesToJs(Environment& environment, Object** objects, size_t count) {
  napi_env env = environment.env();
  std::vector<napi_value> handles(count);
  for (size_t i = 0; i < count; ++i) {
    handles[i] = UncountedHandle(env, std::exchange(objects[i], nullptr));
    if (handles[i] == nullptr) {
      Count(env, i);
      return nullptr;
    }
  }
  Count(env, count);
  // JavaScript puts its arguments into an array ten times quicker than they are put there one by one.
  if (count <= kMostInOneCall) return environment.CallHook(kTuple, count, handles.data());
  napi_value array = nullptr;
  if (napi_create_array_with_length(env, count, &array) != napi_ok) return nullptr;
  for (size_t i = 0; i < count; ++i) {
    if (napi_set_element(env, array, static_cast<uint32_t>(i), handles[i]) != napi_ok) return nullptr;
  }
  return array;
}

}  // namespace novalet
