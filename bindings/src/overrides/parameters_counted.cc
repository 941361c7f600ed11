// By hand: typed parameters that are counted first and then filled become a dictionary.
#include <cstdlib>

#include "../parameter_getter.h"
#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

/** `get(parameters, &count)` twice: with nothing for the count, then with the room for them. */
template <typename Get>
void CountAndFill(ValueCall& call, Get get) {
  int count = 0;
  if (!call.Good(get(nullptr, &count))) return;
  FilledParameters parameters(count);
  if (count > 0 && !call.Good(get(parameters.data(), &count))) return;
  call.out().Parameters(parameters.data(), count);
}

void OfObject(ValueCall& call) {
  auto* get = call.Own<int(void*, abi::TypedParameter*, int*, unsigned int)>();
  if (get == nullptr) return;
  CountAndFill(call, [&](abi::TypedParameter* parameters, int* count) {
    return get(call.object(0), parameters, count, call.flags(1));
  });
}

void OfDevice(ValueCall& call) {
  auto* get = call.Own<int(void*, const char*, abi::TypedParameter*, int*, unsigned int)>();
  if (get == nullptr) return;
  CountAndFill(call, [&](abi::TypedParameter* parameters, int* count) {
    return get(call.object(0), call.text(1), parameters, count, call.flags(2));
  });
}

Function<char*(void*, int*)> scheduler_type{"virDomainGetSchedulerType", "0.2.3"};

/** How many there are, the scheduler's type tells. */
int SchedulerCount(ValueCall& call) {
  int count = 0;
  if (!call.Have(scheduler_type)) return -1;
  char* type = scheduler_type(call.object(0), &count);
  if (!call.Good(type)) return -1;
  std::free(type);
  return count;
}

void OfScheduler(ValueCall& call) {
  auto* get = call.Own<int(void*, abi::TypedParameter*, int*)>();
  int count = get == nullptr ? -1 : SchedulerCount(call);
  if (count < 0) return;
  FilledParameters parameters(count);
  if (count > 0 && !call.Good(get(call.object(0), parameters.data(), &count))) return;
  call.out().Parameters(parameters.data(), count);
}

void OfSchedulerByFlags(ValueCall& call) {
  auto* get = call.Own<int(void*, abi::TypedParameter*, int*, unsigned int)>();
  int count = get == nullptr ? -1 : SchedulerCount(call);
  if (count < 0) return;
  FilledParameters parameters(count);
  if (count > 0 && !call.Good(get(call.object(0), parameters.data(), &count, call.flags(1)))) return;
  call.out().Parameters(parameters.data(), count);
}

constexpr ValueRow Plain(const char* name, const char* since, Class owner) {
  return {name, since, "object,flags", {An(owner), In::UInt}, 2, OfObject};
}
constexpr ValueRow Device(const char* name, const char* since, const char* argument_names) {
  return {name, since, argument_names, {An(Class::Domain), In::Text, In::UInt}, 3, OfDevice};
}

const ValueRow kRows[] = {
    Plain("virDomainGetBlkioParameters", "0.9.0", Class::Domain),
    Plain("virDomainGetMemoryParameters", "0.8.5", Class::Domain),
    Plain("virDomainGetNumaParameters", "0.9.9", Class::Domain),
    Plain("virNodeGetMemoryParameters", "0.10.2", Class::Connect),
    Device("virDomainGetInterfaceParameters", "0.9.9", "domain,device,flags"),
    Device("virDomainGetBlockIoTune", "0.9.8", "domain,disk,flags"),
    Device("virDomainBlockStatsFlags", "0.9.5", "domain,path,flags"),
    {"virDomainGetSchedulerParameters", "0.2.3", "domain", {An(Class::Domain)}, 1, OfScheduler},
    {"virDomainGetSchedulerParametersFlags",
     "0.9.2",
     "domain,flags",
     {An(Class::Domain), In::UInt},
     2,
     OfSchedulerByFlags},
};

}  // namespace

bool ExportCountedParameters(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
