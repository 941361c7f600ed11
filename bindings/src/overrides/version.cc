// By hand: two out-parameters, the second only for a driver that was named.
#include <cstdlib>

#include "../arguments.h"
#include "../library.h"
#include "overrides.h"

namespace novalet {
namespace {

class VersionCall final : public Call {
 public:
  VersionCall(Environment* environment, char* driver) : Call(environment, "virGetVersion"), driver_(driver) {}
  ~VersionCall() override { std::free(driver_); }

 protected:
  void Execute() override {
    if (lib::virGetVersion(&library_version_, driver_, driver_ == nullptr ? nullptr : &driver_version_) == -1)
      FailWithLastError();
  }
  napi_value Result(napi_env env) override {
    napi_value items[2];  // numbers in every mode
    napi_create_double(env, static_cast<double>(library_version_), &items[0]);
    napi_create_double(env, static_cast<double>(driver_version_), &items[1]);
    return driver_ == nullptr ? items[0] : environment().CallHook(kTuple, 2, items);
  }

 private:
  char* const driver_;
  unsigned long library_version_ = 0;
  unsigned long driver_version_ = 0;
};

}  // namespace

napi_value GetVersion(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info, "virGetVersion", "name?");
  char* name = arguments.String(0);
  return Call::Now(std::make_unique<VersionCall>(Environment::Of(env), name), arguments.refusal());
}

}  // namespace novalet
