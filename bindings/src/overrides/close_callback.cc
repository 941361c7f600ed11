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

Function<int(void*, abi::CloseCallback, void*, abi::FreeCallback)> register_on_admin{
    "virAdmConnectRegisterCloseCallback", "2.0.0", Library::Admin};
Function<int(void*, abi::CloseCallback)> unregister_on_admin{"virAdmConnectUnregisterCloseCallback", "2.0.0",
                                                             Library::Admin};

auto& RegisterCloseCallback(Class connection_class) {
  return connection_class == Class::AdmConnect ? register_on_admin : lib::virConnectRegisterCloseCallback;
}

}  // namespace

Function<int(void*, abi::CloseCallback)>& UnregisterCloseCallback(Class connection_class) {
  return connection_class == Class::AdmConnect ? unregister_on_admin : lib::virConnectUnregisterCloseCallback;
}

namespace {

/** Ends a registration that was given up before it was there. */
class LateUnregistration final : public Task {
 public:
  explicit LateUnregistration(Connection* connection) : connection_(connection) {}
  void Run() override {
    connection_->SetCloseCallback(false);
    lib::virConnectUnregisterCloseCallback(connection_->pointer(), OnConnectionClosed);
  }
  void Finish(bool) override {
    connection_->Leave();
    connection_->Release();
    delete this;
  }

 private:
  Connection* const connection_;
};

class CloseCallbackCall final : public Call {
 public:
  CloseCallbackCall(Environment* environment, const char* function, Object* conn, bool on, double id)
      : Call(environment, function), conn_(conn), on_(on), id_(id) {}

 protected:
  void Execute() override {
    if (on_) {
      Register();
    } else if (auto& unregister = UnregisterCloseCallback(conn_->object_class()); Have(unregister)) {
      conn_->connection()->SetCloseCallback(false);
      if (unregister(conn_->pointer(), OnConnectionClosed) == -1) FailWithLastError();
    }
  }
  napi_value Result(napi_env env) override {
    napi_value value = nullptr;
    napi_create_int32(env, 0, &value);
    return value;
  }
  bool MayBeDropped() const override { return on_; }
  void SettledTooLate(Environment&) override {
    Connection* connection = conn_->connection();
    if (!on_ || !connection->Enter()) return;
    connection->Retain();
    ThreadPool::Get().Submit(new LateUnregistration(connection), &connection->lane, true);
  }

 private:
  void Register() {
    auto& register_callback = RegisterCloseCallback(conn_->object_class());
    if (!Have(register_callback)) return;
    auto* registration = new Registration(&environment(), conn_->connection(), id_);
    if (register_callback(conn_->pointer(), OnConnectionClosed, registration, Registration::Free) == -1) {
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

napi_value Register(napi_env env, napi_callback_info info, const char* function, Class connection_class) {
  Arguments arguments(env, info, function, "conn,registration");
  Object* conn = arguments.NeedHandle(0, connection_class);
  double id = arguments.Double(1);
  auto call = std::make_unique<CloseCallbackCall>(Environment::Of(env), function, conn, true, id);
  if (conn != nullptr) call->Use(conn);
  return Call::Launch(std::move(call), arguments.refusal());
}

napi_value Unregister(napi_env env, napi_callback_info info, const char* function, Class connection_class) {
  Arguments arguments(env, info, function, "conn");
  Object* conn = arguments.NeedHandle(0, connection_class);
  auto call = std::make_unique<CloseCallbackCall>(Environment::Of(env), function, conn, false, 0);
  if (conn != nullptr) call->Use(conn);
  return Call::Launch(std::move(call), arguments.refusal());
}

}  // namespace

napi_value ConnectRegisterCloseCallback(napi_env env, napi_callback_info info) {
  return Register(env, info, "virConnectRegisterCloseCallback", Class::Connect);
}

napi_value ConnectUnregisterCloseCallback(napi_env env, napi_callback_info info) {
  return Unregister(env, info, "virConnectUnregisterCloseCallback", Class::Connect);
}

napi_value AdmConnectRegisterCloseCallback(napi_env env, napi_callback_info info) {
  return Register(env, info, "virAdmConnectRegisterCloseCallback", Class::AdmConnect);
}

napi_value AdmConnectUnregisterCloseCallback(napi_env env, napi_callback_info info) {
  return Unregister(env, info, "virAdmConnectUnregisterCloseCallback", Class::AdmConnect);
}

}  // namespace novalet
