// By hand: a structure, or two out-parameters, become a tuple, as in Python.
#include "../arguments.h"
#include "../library.h"
#include "overrides.h"

namespace novalet {
namespace {

class InfoCall final : public Call {
 public:
  InfoCall(Environment* environment, Object* domain) : Call(environment, "virDomainGetInfo"), domain_(domain) {}

 protected:
  void Execute() override {
    if (Have(lib::virDomainGetInfo) && lib::virDomainGetInfo(domain_->pointer(), &info_) == -1) FailWithLastError();
  }
  napi_value Result(napi_env env) override {
    napi_value items[5];
    napi_create_uint32(env, info_.state, &items[0]);
    items[1] = Uint64ToJs(env, info_.max_mem);
    items[2] = Uint64ToJs(env, info_.memory);
    napi_create_uint32(env, info_.nr_virt_cpu, &items[3]);
    items[4] = Uint64ToJs(env, info_.cpu_time);
    return environment().CallHook(kTuple, 5, items);
  }

 private:
  Object* const domain_;
  abi::DomainInfo info_ = {};
};

class StateCall final : public Call {
 public:
  StateCall(Environment* environment, Object* domain, uint32_t flags)
      : Call(environment, "virDomainGetState"), domain_(domain), flags_(flags) {}

 protected:
  void Execute() override {
    if (Have(lib::virDomainGetState) && lib::virDomainGetState(domain_->pointer(), &state_, &reason_, flags_) == -1)
      FailWithLastError();
  }
  napi_value Result(napi_env env) override {
    napi_value items[2];
    napi_create_int32(env, state_, &items[0]);
    napi_create_int32(env, reason_, &items[1]);
    return environment().CallHook(kTuple, 2, items);
  }

 private:
  Object* const domain_;
  const uint32_t flags_;
  int state_ = 0;
  int reason_ = 0;
};

}  // namespace

napi_value DomainGetInfo(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "virDomainGetInfo", "domain");
  Object* domain = arguments.NeedHandle(0, Class::Domain);
  auto call = std::make_unique<InfoCall>(Environment::Of(env), domain);
  if (domain != nullptr) call->Use(domain);
  return Call::Launch(std::move(call), arguments.refusal());
}

napi_value DomainGetState(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "virDomainGetState", "domain,flags");
  Object* domain = arguments.NeedHandle(0, Class::Domain);
  uint32_t flags = arguments.Uint32(1);
  auto call = std::make_unique<StateCall>(Environment::Of(env), domain, flags);
  if (domain != nullptr) call->Use(domain);
  return Call::Launch(std::move(call), arguments.refusal());
}

}  // namespace novalet
