// By hand: the events of five classes and of QEMU's monitor. libvirt has one registration for each event and object;
// lib/events.ts shares it among JavaScript's callbacks. What the callbacks are told is in generator/events.ts.
#include <cstdlib>

#include "../arguments.h"
#include "../event_loop.h"
#include "../library.h"
#include "../registration.h"
#include "overrides.h"

namespace novalet {
namespace {

using Register = Function<int(void*, void*, int, abi::EventCallback, void*, abi::FreeCallback)>;

struct EventClass {
  Class object_class;
  Register enroll;
  Deregister dismiss;
};

EventClass& FactsOf(Class object_class) {
  static EventClass classes[] = {
      {Class::Domain, {"virConnectDomainEventRegisterAny", "0.8.0"}, {"virConnectDomainEventDeregisterAny", "0.8.0"}},
      {Class::Network,
       {"virConnectNetworkEventRegisterAny", "1.2.1"},
       {"virConnectNetworkEventDeregisterAny", "1.2.1"}},
      {Class::StoragePool,
       {"virConnectStoragePoolEventRegisterAny", "2.0.0"},
       {"virConnectStoragePoolEventDeregisterAny", "2.0.0"}},
      {Class::NodeDevice,
       {"virConnectNodeDeviceEventRegisterAny", "2.2.0"},
       {"virConnectNodeDeviceEventDeregisterAny", "2.2.0"}},
      {Class::Secret, {"virConnectSecretEventRegisterAny", "3.0.0"}, {"virConnectSecretEventDeregisterAny", "3.0.0"}},
  };
  for (EventClass& one : classes) {
    if (one.object_class == object_class) return one;
  }
  return classes[0];
}

struct MonitorEvents {
  Function<int(void*, void*, const char*, abi::EventCallback, void*, abi::FreeCallback, unsigned int)> enroll{
      "virConnectDomainQemuMonitorEventRegister", "1.2.3", Library::Qemu};
  Deregister dismiss{"virConnectDomainQemuMonitorEventDeregister", "1.2.3", Library::Qemu};
};

MonitorEvents& Monitor() {
  static MonitorEvents monitor;
  return monitor;
}

/** libvirt's callback for an event with these parameters: copies them, for they are libvirt's until it returns. */
template <Class object_class, typename... Parameters>
struct Callback {
  static int Call(void*, void* pointer, Parameters... parameters, void* registration) {
    auto* told = static_cast<Registration*>(registration);
    if (Object* object = told->Borrowed(object_class, pointer); object != nullptr)
      told->Tell(object, {CopyDetail(parameters)...});
    return 0;
  }
};

/** Typed parameters come as two. */
template <Class object_class>
struct Callback<object_class, abi::TypedParameter*, int> {
  static int Call(void*, void* pointer, abi::TypedParameter* parameters, int count, void* registration) {
    auto* told = static_cast<Registration*>(registration);
    if (Object* object = told->Borrowed(object_class, pointer); object != nullptr)
      told->Tell(object, {CopyDetail(parameters, count)});
    return 0;
  }
};

template <Class object_class, typename... Parameters>
abi::EventCallback CallbackOf() {
  return reinterpret_cast<abi::EventCallback>(&Callback<object_class, Parameters...>::Call);
}

struct Event {
  Class object_class;
  int id;
  abi::EventCallback callback;
};

/** Null for an event that generator/events.ts does not have. */
abi::EventCallback FindCallback(Class object_class, int id) {
#define EVENT(tag, id, ...) {Class::tag, id, CallbackOf<Class::tag __VA_OPT__(, ) __VA_ARGS__>()},
  static const Event events[] = {
#include "events.inc"
  };
#undef EVENT
  for (const Event& one : events) {
    if (one.object_class == object_class && one.id == id) return one.callback;
  }
  return nullptr;
}

/** Ends a registration that was given up before it was there. */
class LateDeregistration final : public Task {
 public:
  LateDeregistration(Connection* connection, Deregister& dismiss, int callback_id)
      : connection_(connection), dismiss_(dismiss), callback_id_(callback_id) {}
  void Run() override {
    connection_->RemoveEvent(dismiss_, callback_id_);
    dismiss_(connection_->pointer(), callback_id_);
  }
  void Finish(bool) override {
    connection_->Leave();
    connection_->Release();
    delete this;
  }

 private:
  Connection* const connection_;
  Deregister& dismiss_;
  const int callback_id_;
};

class RegisterCall : public Call {
 protected:
  RegisterCall(Environment* environment, const char* function, Object* conn, Object* object, double id,
               Deregister& dismiss)
      : Call(environment, function), conn_(conn), object_(object), id_(id), dismiss_(dismiss) {}

  /** The id that libvirt gives; -1 after a failure of its own. */
  virtual int Enroll(void* conn, void* object, Registration* registration) = 0;
  virtual bool CanEnroll() = 0;

  void Execute() final {
    if (!CanEnroll()) return;
    auto* registration = new Registration(&environment(), conn_->connection(), id_);
    callback_id_ = Enroll(conn_->pointer(), object_ == nullptr ? nullptr : object_->pointer(), registration);
    if (callback_id_ == -1) {
      FailWithLastError();
      delete registration;
    } else {
      conn_->connection()->AddEvent(dismiss_, callback_id_);
    }
  }
  napi_value Result(napi_env env) final {
    napi_value value = nullptr;
    napi_create_int32(env, callback_id_, &value);
    return value;
  }
  void Settled(Environment& environment, bool succeeded) final {
    if (!succeeded || conn_->pointer() == nullptr) return;
    ++conn_->connection()->holds;
    environment.Hold();
  }
  void SettledTooLate(Environment&) final {
    Connection* connection = conn_->connection();
    if (callback_id_ == -1 || !connection->Enter()) return;
    connection->Retain();
    ThreadPool::Get().Submit(new LateDeregistration(connection, dismiss_, callback_id_), &connection->lane, true);
  }

 private:
  Object* const conn_;
  Object* const object_;
  const double id_;
  Deregister& dismiss_;
  int callback_id_ = -1;
};

class RegisterEventCall final : public RegisterCall {
 public:
  RegisterEventCall(Environment* environment, EventClass& facts, Object* conn, Object* object, int event, double id)
      : RegisterCall(environment, facts.enroll.name, conn, object, id, facts.dismiss), facts_(facts), event_(event) {}

 protected:
  bool CanEnroll() override { return Have(facts_.enroll); }
  int Enroll(void* conn, void* object, Registration* registration) override {
    return facts_.enroll(conn, object, event_, FindCallback(facts_.object_class, event_), registration,
                         Registration::Free);
  }

 private:
  EventClass& facts_;
  const int event_;
};

class RegisterMonitorCall final : public RegisterCall {
 public:
  RegisterMonitorCall(Environment* environment, Object* conn, Object* domain, char* event, double id, uint32_t flags)
      : RegisterCall(environment, Monitor().enroll.name, conn, domain, id, Monitor().dismiss),
        event_(event),
        flags_(flags) {}
  ~RegisterMonitorCall() override { std::free(event_); }

 protected:
  bool CanEnroll() override { return Have(Monitor().enroll); }
  int Enroll(void* conn, void* domain, Registration* registration) override {
    return Monitor().enroll(conn, domain, event_,
                            CallbackOf<Class::Domain, const char*, long long, unsigned int, const char*>(),
                            registration, Registration::Free, flags_);
  }

 private:
  char* const event_;
  const uint32_t flags_;
};

class DeregisterCall final : public Call {
 public:
  DeregisterCall(Environment* environment, Deregister& dismiss, Object* conn, int callback_id)
      : Call(environment, dismiss.name), dismiss_(dismiss), conn_(conn), callback_id_(callback_id) {}

 protected:
  bool MayBeDropped() const override { return false; }
  void Execute() override {
    if (!Have(dismiss_)) return;
    conn_->connection()->RemoveEvent(dismiss_, callback_id_);
    if (dismiss_(conn_->pointer(), callback_id_) == -1) FailWithLastError();
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
  Deregister& dismiss_;
  Object* const conn_;
  const int callback_id_;
};

/** (conn, object or null, event, id of the registration) -> libvirt's callback id. */
napi_value RegisterAny(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  auto& facts = *static_cast<EventClass*>(data);
  Arguments arguments(env, info, facts.enroll.name, "conn,object,eventID,registration");
  Object* conn = arguments.NeedHandle(0, Class::Connect);
  Object* object = arguments.Handle(1, facts.object_class);
  int event = arguments.Int32(2);
  double id = arguments.Double(3);
  auto call = std::make_unique<RegisterEventCall>(Environment::Of(env), facts, conn, object, event, id);
  if (conn != nullptr) call->Use(conn);
  if (object != nullptr) call->Use(object);
  Refusal unknown{true, std::string(facts.enroll.name) + ": there is no event " + std::to_string(event)};
  return Call::Launch(std::move(call), !arguments.ok()                                      ? arguments.refusal()
                                       : FindCallback(facts.object_class, event) == nullptr ? &unknown
                                                                                            : nullptr);
}

/** (conn, domain or null, event or null, id of the registration, flags) -> libvirt's callback id. */
napi_value RegisterMonitor(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, Monitor().enroll.name, "conn,dom,event?,registration,flags");
  Object* conn = arguments.NeedHandle(0, Class::Connect);
  Object* domain = arguments.Handle(1, Class::Domain);
  char* event = arguments.String(2);
  double id = arguments.Double(3);
  uint32_t flags = arguments.Uint32(4);
  auto call = std::make_unique<RegisterMonitorCall>(Environment::Of(env), conn, domain, event, id, flags);
  if (conn != nullptr) call->Use(conn);
  if (domain != nullptr) call->Use(domain);
  return Call::Launch(std::move(call), arguments.refusal());
}

/** (conn, libvirt's callback id). */
napi_value DeregisterAny(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  auto& dismiss = *static_cast<Deregister*>(data);
  Arguments arguments(env, info, dismiss.name, "conn,callbackID");
  Object* conn = arguments.NeedHandle(0, Class::Connect);
  int callback_id = arguments.Int32(1);
  auto call = std::make_unique<DeregisterCall>(Environment::Of(env), dismiss, conn, callback_id);
  if (conn != nullptr) call->Use(conn);
  return Call::Launch(std::move(call), arguments.refusal());
}

bool Export(napi_env env, napi_value exports, const char* name, napi_callback callback, void* data) {
  napi_value function;
  return napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, data, &function) == napi_ok &&
         napi_set_named_property(env, exports, name, function) == napi_ok;
}

}  // namespace

bool ExportEventFunctions(napi_env env, napi_value exports) {
  for (Class object_class : {Class::Domain, Class::Network, Class::StoragePool, Class::NodeDevice, Class::Secret}) {
    EventClass& facts = FactsOf(object_class);
    if (!Export(env, exports, facts.enroll.name, RegisterAny, &facts) ||
        !Export(env, exports, facts.dismiss.name, DeregisterAny, &facts.dismiss))
      return false;
  }
  return Export(env, exports, Monitor().enroll.name, RegisterMonitor, nullptr) &&
         Export(env, exports, Monitor().dismiss.name, DeregisterAny, &Monitor().dismiss);
}

}  // namespace novalet
