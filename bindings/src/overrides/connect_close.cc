// By hand: closing waits for the calls under way, ends the registrations and frees the children, so that libvirt really
// closes.
#include <utility>

#include "../arguments.h"
#include "overrides.h"

namespace novalet {

class CloseCall final : public Call {
 public:
  CloseCall(Environment* environment, const char* function, Connection* connection)
      : Call(environment, function), connection_(connection) {}

  static napi_value Close(std::unique_ptr<CloseCall> call) {
    Connection* connection = call->connection_;
    if (std::optional<Failure> why = connection->WhyUnusable(call->function())) {
      call->Fail(std::move(*why));
      return Launch(std::move(call));
    }
    napi_value promise = nullptr;
    napi_env env = call->environment().env();
    if (napi_create_promise(env, &call->deferred_, &promise) != napi_ok) return nullptr;
    call->Use(connection);
    call->environment().Hold();
    call->held_ = true;
    call->scope_ = call->environment().JoinScope(call.get());
    connection->BeginClose(call.release());
    return promise;
  }

 protected:
  bool MayBeDropped() const override { return false; }
  void Execute() override {
    references_ = connection_->ReleaseAll();
    if (references_ == -1) FailWithLastError();
  }
  napi_value Result(napi_env env) override {
    napi_value value = nullptr;
    napi_create_int32(env, references_, &value);
    return value;
  }
  void Settled(Environment& environment, bool) override { environment.Unhold(std::exchange(connection_->holds, 0)); }

 private:
  Connection* const connection_;
  int references_ = 0;
};

namespace {

napi_value Close(napi_env env, napi_callback_info info, const char* function, Class connection_class) {
  Arguments arguments(env, info, function, "conn");
  Object* conn = arguments.NeedHandle(0, connection_class);
  auto call = std::make_unique<CloseCall>(Environment::Of(env), function, static_cast<Connection*>(conn));
  if (conn == nullptr) return Call::Launch(std::move(call), arguments.refusal());
  return CloseCall::Close(std::move(call));
}

}  // namespace

napi_value ConnectClose(napi_env env, napi_callback_info info) {
  return Close(env, info, "virConnectClose", Class::Connect);
}

napi_value AdmConnectClose(napi_env env, napi_callback_info info) {
  return Close(env, info, "virAdmConnectClose", Class::AdmConnect);
}

}  // namespace novalet
