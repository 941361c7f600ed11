// By hand: the one out-parameter becomes the result.
#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

/** A flag, a version, or a quantity; only quantities are of 64 bits. */
enum class As { Number, Wide };

template <typename Value, As as>
void Pack(Packer& out, Value value) {
  if constexpr (as == As::Number) {
    out.Number(static_cast<double>(value));
  } else {
    out.Unsigned(value);
  }
}

template <typename Value, As as>
void Get(ValueCall& call) {
  auto* get = call.Own<int(void*, Value*)>();
  Value value = 0;
  if (get != nullptr && call.Good(get(call.object(0), &value))) Pack<Value, as>(call.out(), value);
}

template <typename Value, As as>
void GetByFlags(ValueCall& call) {
  auto* get = call.Own<int(void*, Value*, unsigned int)>();
  Value value = 0;
  if (get != nullptr && call.Good(get(call.object(0), &value, call.flags(1)))) Pack<Value, as>(call.out(), value);
}

constexpr In kDomain = An(Class::Domain);
constexpr In kConnect = An(Class::Connect);

const ValueRow kRows[] = {
    {"virConnectGetLibVersion", "0.7.3", "conn", {kConnect}, 1, Get<unsigned long, As::Number>},
    {"virConnectGetVersion", "0.0.3", "conn", {kConnect}, 1, Get<unsigned long, As::Number>},
    {"virDomainGetAutostart", "0.2.1", "domain", {kDomain}, 1, Get<int, As::Number>},
    {"virNetworkGetAutostart", "0.2.1", "network", {An(Class::Network)}, 1, Get<int, As::Number>},
    {"virNodeDeviceGetAutostart", "7.8.0", "dev", {An(Class::NodeDevice)}, 1, Get<int, As::Number>},
    {"virStoragePoolGetAutostart", "0.4.1", "pool", {An(Class::StoragePool)}, 1, Get<int, As::Number>},
    {"virDomainMigrateGetCompressionCache",
     "1.0.3",
     "domain,flags",
     {kDomain, In::UInt},
     2,
     GetByFlags<unsigned long long, As::Wide>},
    {"virDomainMigrateGetMaxDowntime",
     "3.7.0",
     "domain,flags",
     {kDomain, In::UInt},
     2,
     GetByFlags<unsigned long long, As::Wide>},
    {"virDomainMigrateGetMaxSpeed",
     "0.9.5",
     "domain,flags",
     {kDomain, In::UInt},
     2,
     GetByFlags<unsigned long, As::Wide>},
};

}  // namespace

bool ExportOutParameters(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
