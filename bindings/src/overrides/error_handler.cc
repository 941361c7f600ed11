// By hand: libvirt has one error handler for the whole process, JavaScript may have one in each environment. Until the
// first is registered, libvirt's errors meet the empty handler of library.cc.
#include <algorithm>
#include <mutex>
#include <vector>

#include "../arguments.h"
#include "../failure.h"
#include "../library.h"
#include "overrides.h"

namespace novalet {
namespace {

Function<void(abi::Error*)> virDefaultErrorFunc{"virDefaultErrorFunc", "0.1.0"};

class ErrorDelivery final : public Delivery {
 public:
  explicit ErrorDelivery(Failure failure) : failure_(std::move(failure)) {}
  void Deliver(Environment& environment) override {
    if (environment.FailureToJs(kErrorRaised, "", failure_) != nullptr) return;
    napi_env env = environment.env();
    napi_value exception;
    bool pending = false;
    if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
        napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
      napi_fatal_exception(env, exception);
    }
  }

 private:
  const Failure failure_;
};

/** What an environment wants done with errors, until it goes. */
class Handler final : public Environment::Mourner {
 public:
  enum class Wish { kTell, kPrint };

  /** JavaScript's thread of that environment. */
  static void Set(Environment* environment, std::optional<Wish> wish) {
    Handler* handler = nullptr;
    {
      std::lock_guard lock(mutex_);
      auto found = std::find_if(All().begin(), All().end(),
                                [environment](Handler* one) { return one->environment_ == environment; });
      if (found != All().end()) handler = *found;
      if (wish && handler != nullptr) {
        handler->wish_ = *wish;
        return;
      }
      if (handler != nullptr) All().erase(found);
    }
    if (handler != nullptr) {
      environment->RemoveMourner(handler);
      delete handler;
    }
    if (!wish) return;
    handler = new Handler(environment, *wish);
    if (!environment->AddMourner(handler)) return delete handler;
    std::lock_guard lock(mutex_);
    All().push_back(handler);
    static std::once_flag once;
    std::call_once(once, [] { lib::virSetErrorFunc(nullptr, OnError); });
  }

  void EnvironmentGone() override {
    {
      std::lock_guard lock(mutex_);
      All().erase(std::remove(All().begin(), All().end(), this), All().end());
    }
    delete this;
  }

 private:
  Handler(Environment* environment, Wish wish) : environment_(environment), wish_(wish) { environment->Retain(); }
  ~Handler() override { environment_->Release(); }

  static std::vector<Handler*>& All() {
    static auto* const all = new std::vector<Handler*>();
    return *all;
  }

  /** Any thread: the one that raised the error. */
  static void OnError(void*, abi::Error* error) {
    std::vector<Environment*> told;
    bool print = false;
    {
      std::lock_guard lock(mutex_);
      for (Handler* handler : All()) {
        if (handler->wish_ == Wish::kPrint) {
          print = true;
        } else {
          handler->environment_->Retain();
          told.push_back(handler->environment_);
        }
      }
    }
    if (print && virDefaultErrorFunc.Exists()) virDefaultErrorFunc(error);
    for (Environment* environment : told) {
      environment->Post(new ErrorDelivery(CopyError(error, "libvirt")));
      environment->Release();
    }
  }

  inline static std::mutex mutex_;

  Environment* const environment_;
  Wish wish_;
};

}  // namespace

/** (true to be told by the hook, false to have errors printed as libvirt does, null for neither). */
napi_value SetErrorFunc(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  bool tell = false;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  bool is_set = napi_get_value_bool(env, argument, &tell) == napi_ok;
  Handler::Set(Environment::Of(env),
               is_set ? std::optional(tell ? Handler::Wish::kTell : Handler::Wish::kPrint) : std::nullopt);
  return nullptr;
}

}  // namespace novalet
