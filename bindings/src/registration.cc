#include "registration.h"

#include <utility>

namespace novalet {
namespace {

class EventDelivery final : public Delivery {
 public:
  EventDelivery(double id, Object* object, std::vector<Detail> details)
      : id_(id), object_(object), details_(std::move(details)) {}
  ~EventDelivery() override {
    if (object_ != nullptr) object_->Release();
  }

  void Deliver(Environment& environment) override {
    TellJavaScript(environment, id_, std::exchange(object_, nullptr), details_);
  }

 private:
  const double id_;
  Object* object_;
  const std::vector<Detail> details_;
};

}  // namespace

Registration::Registration(Environment* environment, Connection* connection, double id)
    : environment_(environment), connection_(connection), id_(id) {
  environment->Retain();
  connection->RetainMemory();
}

Registration::~Registration() {
  connection_->ReleaseMemory();
  environment_->Release();
}

void Registration::Tell(Object* object, std::vector<Detail> details) {
  environment_->Post(new EventDelivery(id_, object, std::move(details)));
}

Object* Registration::Borrowed(Class object_class, void* pointer) {
  if (!connection_->TryRetain()) return nullptr;
  Object* object = Reference(object_class, pointer) ? Object::Child(object_class, pointer, connection_) : nullptr;
  connection_->Release();
  return object;
}

void TellJavaScript(Environment& environment, double id, Object* object, const std::vector<Detail>& details) {
  napi_env env = environment.env();
  std::vector<napi_value> arguments(2 + details.size());
  napi_create_double(env, id, &arguments[0]);
  if (object == nullptr) {
    napi_get_null(env, &arguments[1]);
  } else {
    arguments[1] = HandleToJs(env, object);
    if (arguments[1] == nullptr) return;
  }
  for (size_t i = 0; i < details.size(); ++i) {
    arguments[2 + i] = DetailToJs(environment, details[i]);
    if (arguments[2 + i] == nullptr) return;
  }
  if (environment.CallHook(kDeliverEvent, arguments.size(), arguments.data()) != nullptr) return;
  napi_value exception;
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
      napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
    napi_fatal_exception(env, exception);
  }
}

}  // namespace novalet
