// By hand: typed parameters in an array that libvirt allocates become a dictionary.
#include "../parameter_getter.h"
#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

void PackAndFree(ValueCall& call, int result, abi::TypedParameter* parameters, int count) {
  if (!call.Good(result)) return;
  call.out().Parameters(parameters, count);
  if (lib::virTypedParamsFree.Exists()) lib::virTypedParamsFree(parameters, count);
}

/** The count is an int, or in one function an unsigned int, of the same size. */
void OfObject(ValueCall& call) {
  auto* get = call.Own<int(void*, abi::TypedParameter**, int*, unsigned int)>();
  if (get == nullptr) return;
  abi::TypedParameter* parameters = nullptr;
  int count = 0;
  int result = get(call.object(0), &parameters, &count, call.flags(1));
  PackAndFree(call, result, parameters, count);
}

void OfGuest(ValueCall& call) {
  auto* get = call.Own<int(void*, unsigned int, abi::TypedParameter**, int*, unsigned int)>();
  if (get == nullptr) return;
  abi::TypedParameter* parameters = nullptr;
  int count = 0;
  int result = get(call.object(0), call.flags(1), &parameters, &count, call.flags(2));
  PackAndFree(call, result, parameters, count);
}

void OfJob(ValueCall& call) {
  auto* get = call.Own<int(void*, int*, abi::TypedParameter**, int*, unsigned int)>();
  if (get == nullptr) return;
  abi::TypedParameter* parameters = nullptr;
  int type = 0, count = 0;
  if (!call.Good(get(call.object(0), &type, &parameters, &count, call.flags(1)))) return;
  Packer& out = call.out();
  out.BeginRecord();
  for (int i = 0; i < count; ++i) out.Parameter(parameters[i]);
  out.Key("type");
  out.Number(type);
  out.EndRecord();
  if (lib::virTypedParamsFree.Exists()) lib::virTypedParamsFree(parameters, count);
}

constexpr ValueRow Plain(const char* name, const char* since, Class owner) {
  return {name, since, "object,flags", {An(owner), In::UInt}, 2, OfObject};
}

const ValueRow kRows[] = {
    Plain("virDomainGetPerfEvents", "1.3.3", Class::Domain),
    Plain("virDomainGetGuestVcpus", "2.0.0", Class::Domain),
    Plain("virDomainGetLaunchSecurityInfo", "4.5.0", Class::Domain),
    Plain("virNodeGetSEVInfo", "4.5.0", Class::Connect),
    Plain("virNetworkPortGetParameters", "5.5.0", Class::NetworkPort),
    {"virDomainGetGuestInfo", "5.7.0", "domain,types,flags", {An(Class::Domain), In::UInt, In::UInt}, 3, OfGuest},
    {"virDomainGetJobStats", "1.0.3", "domain,flags", {An(Class::Domain), In::UInt}, 2, OfJob},
};

}  // namespace

bool ExportAllocatedParameters(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
