// By hand: an array of objects that libvirt allocates becomes a list of handles.
#include <cstdlib>
#include <utility>
#include <vector>

#include "../arguments.h"
#include "../library.h"
#include "overrides.h"

namespace novalet {
namespace {

class ListCall final : public Call {
 public:
  ListCall(Environment* environment, Object* conn, uint32_t flags)
      : Call(environment, "virConnectListAllDomains"), conn_(conn), flags_(flags) {}
  ~ListCall() override {
    for (Object* object : objects_) {
      if (object != nullptr) object->Release();
    }
  }

 protected:
  void Execute() override {
    void** found = nullptr;
    if (!Have(lib::virConnectListAllDomains)) return;
    int count = lib::virConnectListAllDomains(conn_->pointer(), &found, flags_);
    if (count < 0) return FailWithLastError();
    objects_.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) objects_.push_back(Object::Child(Class::Domain, found[i], conn_->connection()));
    std::free(found);
  }

  napi_value Result(napi_env env) override {
    napi_value list;
    if (napi_create_array_with_length(env, objects_.size(), &list) != napi_ok) return nullptr;
    for (uint32_t i = 0; i < objects_.size(); ++i) {
      napi_value handle = HandleToJs(env, std::exchange(objects_[i], nullptr));
      if (handle == nullptr || napi_set_element(env, list, i, handle) != napi_ok) return nullptr;
    }
    return list;
  }

 private:
  Object* const conn_;
  const uint32_t flags_;
  std::vector<Object*> objects_;
};

}  // namespace

napi_value ConnectListAllDomains(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "virConnectListAllDomains", "conn,flags");
  Object* conn = arguments.NeedHandle(0, Class::Connect);
  uint32_t flags = arguments.Uint32(1);
  auto call = std::make_unique<ListCall>(Environment::Of(env), conn, flags);
  if (conn != nullptr) call->Use(conn);
  return Call::Launch(std::move(call), arguments.refusal());
}

}  // namespace novalet
