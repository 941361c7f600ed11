// By hand: the caller's buffer becomes the result. Local to the handle, so synchronous.
#include <cstring>

#include "../arguments.h"
#include "../library.h"
#include "overrides.h"

namespace novalet {
namespace {

struct UuidFunction {
  Class object_class;
  bool text;
  Function<int(void*, char*)> function;
};

class UuidCall final : public Call {
 public:
  UuidCall(Environment* environment, UuidFunction& which, Object* object)
      : Call(environment, which.function.name), which_(which), object_(object) {}

 protected:
  void Execute() override {
    if (!Have(which_.function)) return;
    if (which_.function(object_->pointer(), uuid_) == -1) return FailWithLastError();
    // It never changes, and libvirt formats it anew for every question, and once more for its debug log.
    if (which_.text) std::memcpy(object_->known().uuid, uuid_, sizeof uuid_);
  }
  napi_value Result(napi_env env) override {
    napi_value value = nullptr;
    if (which_.text) {
      napi_create_string_latin1(env, uuid_, NAPI_AUTO_LENGTH, &value);
    } else {
      void* copy;
      napi_create_buffer_copy(env, abi::kUuidLength, uuid_, &copy, &value);
    }
    return value;
  }

 private:
  UuidFunction& which_;
  Object* const object_;
  char uuid_[abi::kUuidStringLength] = {};
};

napi_value GetUuid(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  auto& which = *static_cast<UuidFunction*>(data);
  if (which.text) {
    napi_value handle, value = nullptr;
    size_t count = 1;
    napi_get_cb_info(env, info, &count, &handle, nullptr, nullptr);
    Object* known = UsableObject(env, handle, which.object_class);
    if (known != nullptr && known->known().uuid[0] != '\0') {
      napi_create_string_latin1(env, known->known().uuid, abi::kUuidStringLength - 1, &value);
      return value;
    }
  }
  Arguments arguments(env, info, which.function.name, "object");
  Object* object = arguments.NeedHandle(0, which.object_class);
  auto call = std::make_unique<UuidCall>(Environment::Of(env), which, object);
  if (object != nullptr) call->Use(object);
  return Call::Now(std::move(call), arguments.refusal());
}

}  // namespace

bool ExportUuidFunctions(napi_env env, napi_value exports) {
  static UuidFunction functions[] = {
      {Class::Domain, false, {"virDomainGetUUID", "0.0.5"}},
      {Class::Domain, true, {"virDomainGetUUIDString", "0.1.1"}},
      {Class::Network, false, {"virNetworkGetUUID", "0.1.4"}},
      {Class::Network, true, {"virNetworkGetUUIDString", "0.1.4"}},
      {Class::NetworkPort, false, {"virNetworkPortGetUUID", "5.5.0"}},
      {Class::NetworkPort, true, {"virNetworkPortGetUUIDString", "5.5.0"}},
      {Class::StoragePool, false, {"virStoragePoolGetUUID", "0.4.1"}},
      {Class::StoragePool, true, {"virStoragePoolGetUUIDString", "0.4.1"}},
      {Class::Secret, false, {"virSecretGetUUID", "0.7.1"}},
      {Class::Secret, true, {"virSecretGetUUIDString", "0.7.1"}},
      {Class::NWFilter, false, {"virNWFilterGetUUID", "0.8.0"}},
      {Class::NWFilter, true, {"virNWFilterGetUUIDString", "0.8.0"}},
  };
  for (UuidFunction& one : functions) {
    napi_value function;
    if (napi_create_function(env, one.function.name, NAPI_AUTO_LENGTH, GetUuid, &one, &function) != napi_ok ||
        napi_set_named_property(env, exports, one.function.name, function) != napi_ok) {
      return false;
    }
  }
  return true;
}

}  // namespace novalet
