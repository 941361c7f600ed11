// By hand: callbacks. libvirt has one registration for each event and object; lib/events.ts shares it among
// JavaScript's callbacks.
#include "../arguments.h"
#include "../library.h"
#include "../registration.h"
#include "overrides.h"

namespace novalet {
namespace {

int OnLifecycle(void*, void* domain, int event, int detail, void* registration) {
  auto* told = static_cast<Registration*>(registration);
  Object* object = told->BorrowedDomain(domain);
  const int details[] = {event, detail};
  if (object != nullptr) told->Tell(object, 2, details);
  return 0;
}

class RegisterCall final : public Call {
 public:
  RegisterCall(Environment* environment, Object* conn, Object* domain, int event, double id)
      : Call(environment, "virConnectDomainEventRegisterAny"), conn_(conn), domain_(domain), event_(event), id_(id) {}

 protected:
  void Execute() override {
    if (!Have(lib::virConnectDomainEventRegisterAny)) return;
    auto* registration = new Registration(&environment(), conn_->connection(), id_);
    callback_id_ = lib::virConnectDomainEventRegisterAny(
        conn_->pointer(), domain_ == nullptr ? nullptr : domain_->pointer(), event_,
        reinterpret_cast<abi::DomainEventCallback>(OnLifecycle), registration, Registration::Free);
    if (callback_id_ == -1) {
      FailWithLastError();
      delete registration;
    } else {
      conn_->connection()->AddEvent(callback_id_);
    }
  }
  napi_value Result(napi_env env) override {
    napi_value value = nullptr;
    napi_create_int32(env, callback_id_, &value);
    return value;
  }
  void Settled(Environment& environment, bool succeeded) override {
    if (!succeeded || conn_->pointer() == nullptr) return;
    ++conn_->connection()->holds;
    environment.Hold();
  }

 private:
  Object* const conn_;
  Object* const domain_;
  const int event_;
  const double id_;
  int callback_id_ = -1;
};

class DeregisterCall final : public Call {
 public:
  DeregisterCall(Environment* environment, Object* conn, int callback_id)
      : Call(environment, "virConnectDomainEventDeregisterAny"), conn_(conn), callback_id_(callback_id) {}

 protected:
  void Execute() override {
    if (!Have(lib::virConnectDomainEventDeregisterAny)) return;
    conn_->connection()->RemoveEvent(callback_id_);
    if (lib::virConnectDomainEventDeregisterAny(conn_->pointer(), callback_id_) == -1) FailWithLastError();
  }
  napi_value Result(napi_env env) override {
    napi_value value = nullptr;
    napi_create_int32(env, 0, &value);
    return value;
  }
  // Also after a failure, say of a connection that has died: nothing will be heard of it any more.
  void Settled(Environment& environment, bool) override {
    if (conn_->connection()->holds == 0) return;
    --conn_->connection()->holds;
    environment.Unhold();
  }

 private:
  Object* const conn_;
  const int callback_id_;
};

}  // namespace

/** (conn, dom or null, event, id of the registration) -> libvirt's callback id. Only life-cycle events so far. */
napi_value ConnectDomainEventRegisterAny(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "virConnectDomainEventRegisterAny", "conn,dom,eventID,registration");
  Object* conn = arguments.NeedHandle(0, Class::Connect);
  Object* domain = arguments.Handle(1, Class::Domain);
  int event = arguments.Int32(2);
  double id = arguments.Double(3);
  auto call = std::make_unique<RegisterCall>(Environment::Of(env), conn, domain, event, id);
  if (conn != nullptr) call->Use(conn);
  if (domain != nullptr) call->Use(domain);
  Refusal unknown{true, "virConnectDomainEventRegisterAny: event " + std::to_string(event) + " is not supported yet"};
  return Call::Launch(std::move(call), !arguments.ok()                       ? arguments.refusal()
                                       : event != abi::kDomainEventLifecycle ? &unknown
                                                                             : nullptr);
}

napi_value ConnectDomainEventDeregisterAny(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "virConnectDomainEventDeregisterAny", "conn,callbackID");
  Object* conn = arguments.NeedHandle(0, Class::Connect);
  int callback_id = arguments.Int32(1);
  auto call = std::make_unique<DeregisterCall>(Environment::Of(env), conn, callback_id);
  if (conn != nullptr) call->Use(conn);
  return Call::Launch(std::move(call), arguments.refusal());
}

}  // namespace novalet
