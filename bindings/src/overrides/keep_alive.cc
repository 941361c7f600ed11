// By hand although its signature is plain: before 10.4.0, libvirt hangs or crashes when keepalive gives up a connection
// that has more than one call under way (CVE-2024-4418). There, a connection with keepalive makes its calls one after
// the other.
#include "../arguments.h"
#include "../library.h"
#include "overrides.h"

namespace novalet {
namespace {

constexpr unsigned long kRepaired = 10004000;

class KeepAliveCall final : public Call {
 public:
  KeepAliveCall(Environment* environment, Object* conn, int interval, unsigned int count)
      : Call(environment, "virConnectSetKeepAlive"), conn_(conn), interval_(interval), count_(count) {}

  /** Before the call is queued, so that it, too, begins only when the others are over. */
  void Serialize() {
    unsigned long version = 0;
    if (interval_ > 0 && lib::virGetVersion(&version, nullptr, nullptr) == 0 && version < kRepaired) {
      ThreadPool::Get().SetLimit(&conn_->connection()->lane, 1);
      conn_->connection()->one_at_a_time = true;
    }
  }

 protected:
  void Execute() override {
    if (!Have(lib::virConnectSetKeepAlive)) return;
    result_ = lib::virConnectSetKeepAlive(conn_->pointer(), interval_, count_);
    if (result_ == -1) FailWithLastError();
    // 1: the daemon does not know keepalive; 0 with no interval: it is off.
    if (result_ == 0 && interval_ > 0) return;
    conn_->connection()->one_at_a_time = false;
    ThreadPool::Get().SetLimit(&conn_->connection()->lane, Lane::kInFlight);
  }
  napi_value Result(napi_env env) override {
    napi_value value = nullptr;
    napi_create_int32(env, result_, &value);
    return value;
  }

 private:
  Object* const conn_;
  const int interval_;
  const unsigned int count_;
  int result_ = 0;
};

}  // namespace

napi_value ConnectSetKeepAlive(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "virConnectSetKeepAlive", "conn,interval,count");
  Object* conn = arguments.NeedHandle(0, Class::Connect);
  int interval = arguments.Int32(1);
  uint32_t count = arguments.Uint32(2);
  auto call = std::make_unique<KeepAliveCall>(Environment::Of(env), conn, interval, count);
  if (conn != nullptr) call->Use(conn);
  if (arguments.ok()) call->Serialize();
  return Call::Launch(std::move(call), arguments.refusal());
}

}  // namespace novalet
