// By hand: the callback that tells of a connection lost.
#include "../arguments.h"
#include "../library.h"
#include "../registration.h"
#include "overrides.h"

namespace novalet {

void OnConnectionClosed(void*, int reason, void* registration) {
  static_cast<Registration*>(registration)->Tell(nullptr, {reason});
}

namespace {

class CloseCallbackCall final : public Call {
 public:
  CloseCallbackCall(Environment* environment, const char* function, Object* conn, bool on, double id)
      : Call(environment, function), conn_(conn), on_(on), id_(id) {}

 protected:
  void Execute() override {
    if (on_) {
      Register();
    } else if (Have(lib::virConnectUnregisterCloseCallback)) {
      conn_->connection()->SetCloseCallback(false);
      if (lib::virConnectUnregisterCloseCallback(conn_->pointer(), OnConnectionClosed) == -1) FailWithLastError();
    }
  }
  napi_value Result(napi_env env) override {
    napi_value value = nullptr;
    napi_create_int32(env, 0, &value);
    return value;
  }
  bool MayBeDropped() const override { return on_; }
  void SettledTooLate(Environment& environment) override {
    if (!on_) Settled(environment, true);
  }
  void Settled(Environment& environment, bool succeeded) override {
    uint32_t& holds = conn_->connection()->holds;
    if (on_ && succeeded && conn_->pointer() != nullptr) {
      ++holds;
      environment.Hold();
    } else if (!on_ && succeeded && holds > 0) {
      --holds;
      environment.Unhold();
    }
  }

 private:
  void Register() {
    if (!Have(lib::virConnectRegisterCloseCallback)) return;
    auto* registration = new Registration(&environment(), conn_->connection(), id_);
    if (lib::virConnectRegisterCloseCallback(conn_->pointer(), OnConnectionClosed, registration, Registration::Free) ==
        -1) {
      FailWithLastError();
      delete registration;
    } else {
      conn_->connection()->SetCloseCallback(true);
    }
  }

  Object* const conn_;
  const bool on_;
  const double id_;
};

}  // namespace

napi_value ConnectRegisterCloseCallback(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "virConnectRegisterCloseCallback", "conn,registration");
  Object* conn = arguments.NeedHandle(0, Class::Connect);
  double id = arguments.Double(1);
  auto call =
      std::make_unique<CloseCallbackCall>(Environment::Of(env), "virConnectRegisterCloseCallback", conn, true, id);
  if (conn != nullptr) call->Use(conn);
  return Call::Launch(std::move(call), arguments.refusal());
}

napi_value ConnectUnregisterCloseCallback(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "virConnectUnregisterCloseCallback", "conn");
  Object* conn = arguments.NeedHandle(0, Class::Connect);
  auto call =
      std::make_unique<CloseCallbackCall>(Environment::Of(env), "virConnectUnregisterCloseCallback", conn, false, 0);
  if (conn != nullptr) call->Use(conn);
  return Call::Launch(std::move(call), arguments.refusal());
}

}  // namespace novalet
