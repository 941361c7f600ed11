#include "registration.h"

#include <utility>

#include "library.h"

namespace novalet {
namespace {

constexpr int kMostDetails = 4;

class EventDelivery final : public Delivery {
 public:
  EventDelivery(double id, Object* object, int count, const int* details) : id_(id), object_(object), count_(count) {
    for (int i = 0; i < count; ++i) details_[i] = details[i];
  }
  ~EventDelivery() override {
    if (object_ != nullptr) object_->Release();
  }

  void Deliver(Environment& environment) override {
    napi_env env = environment.env();
    napi_value arguments[2 + kMostDetails];
    napi_create_double(env, id_, &arguments[0]);
    if (object_ == nullptr) {
      napi_get_null(env, &arguments[1]);
    } else {
      arguments[1] = HandleToJs(env, std::exchange(object_, nullptr));
      if (arguments[1] == nullptr) return;
    }
    for (int i = 0; i < count_; ++i) napi_create_int32(env, details_[i], &arguments[2 + i]);
    if (environment.CallHook(kDeliverEvent, 2 + count_, arguments) != nullptr) return;
    // A callback threw: to Node that is an uncaught exception, as from any event listener.
    napi_value exception;
    bool pending = false;
    if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
        napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
      napi_fatal_exception(env, exception);
    }
  }

 private:
  const double id_;
  Object* object_;
  const int count_;
  int details_[kMostDetails];
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

void Registration::Tell(Object* object, int detail_count, const int* details) {
  environment_->Post(new EventDelivery(id_, object, detail_count, details));
}

Object* Registration::BorrowedDomain(void* domain) {
  if (!connection_->TryRetain()) return nullptr;
  Object* object = lib::virDomainRef(domain) == 0 ? Object::Child(Class::Domain, domain, connection_) : nullptr;
  connection_->Release();
  return object;
}

}  // namespace novalet
