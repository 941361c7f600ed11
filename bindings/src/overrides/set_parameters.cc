// By hand: a dictionary becomes typed parameters. Where a name is not in the table of lib/typed-parameters.ts, the type
// is learned from the function that gets the same parameters; libvirt refuses what is wrong then.
#include <cstdlib>

#include "../parameter_getter.h"
#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

using GetParameters = int(void*, abi::TypedParameter*, int*, unsigned int);
using GetDeviceParameters = int(void*, const char*, abi::TypedParameter*, int*, unsigned int);
using GetAllocated = int(void*, abi::TypedParameter**, int*, unsigned int);

/** `get(parameters, &count)`, counted first and then filled. A get that fails teaches nothing. */
template <typename Get>
void LearnCounted(OwnedParameters& parameters, Get get) {
  int count = 0;
  if (get(nullptr, &count) < 0 || count <= 0) return;
  FilledParameters known(count);
  if (get(known.data(), &count) >= 0) parameters.Learn(known.data(), count);
}

template <Function<GetParameters>& getter>
void Set(ValueCall& call) {
  auto* set = call.Own<int(void*, abi::TypedParameter*, int, unsigned int)>();
  if (set == nullptr) return;
  OwnedParameters& parameters = call.lists().parameters;
  if (parameters.guesses() && getter.Exists()) {
    LearnCounted(parameters, [&](abi::TypedParameter* known, int* count) {
      return getter(call.object(0), known, count, call.flags(2));
    });
  }
  call.OutCount(set(call.object(0), parameters.data(), parameters.size(), call.flags(2)));
}

template <Function<GetDeviceParameters>& getter>
void SetOfDevice(ValueCall& call) {
  auto* set = call.Own<int(void*, const char*, abi::TypedParameter*, int, unsigned int)>();
  if (set == nullptr) return;
  OwnedParameters& parameters = call.lists().parameters;
  if (parameters.guesses() && getter.Exists()) {
    LearnCounted(parameters, [&](abi::TypedParameter* known, int* count) {
      return getter(call.object(0), call.text(1), known, count, call.flags(3));
    });
  }
  call.OutCount(set(call.object(0), call.text(1), parameters.data(), parameters.size(), call.flags(3)));
}

template <Function<GetAllocated>& getter>
void SetAllocated(ValueCall& call) {
  auto* set = call.Own<int(void*, abi::TypedParameter*, int, unsigned int)>();
  if (set == nullptr) return;
  OwnedParameters& parameters = call.lists().parameters;
  if (parameters.guesses() && getter.Exists() && lib::virTypedParamsFree.Exists()) {
    abi::TypedParameter* known = nullptr;
    int count = 0;
    if (getter(call.object(0), &known, &count, call.flags(2)) >= 0) {
      parameters.Learn(known, count);
      lib::virTypedParamsFree(known, count);
    }
  }
  call.OutCount(set(call.object(0), parameters.data(), parameters.size(), call.flags(2)));
}

/** Nothing to learn from: what is not in the table goes as it looks. */
void SetByLooks(ValueCall& call) {
  auto* set = call.Own<int(void*, abi::TypedParameter*, int, unsigned int)>();
  if (set == nullptr) return;
  OwnedParameters& parameters = call.lists().parameters;
  call.OutCount(set(call.object(0), parameters.data(), parameters.size(), call.flags(2)));
}

void SetIoThread(ValueCall& call) {
  auto* set = call.Own<int(void*, unsigned int, abi::TypedParameter*, int, unsigned int)>();
  if (set == nullptr) return;
  OwnedParameters& parameters = call.lists().parameters;
  call.OutCount(set(call.object(0), call.flags(1), parameters.data(), parameters.size(), call.flags(3)));
}

void BlockCopy(ValueCall& call) {
  auto* copy = call.Own<int(void*, const char*, const char*, abi::TypedParameter*, int, unsigned int)>();
  if (copy == nullptr) return;
  OwnedParameters& parameters = call.lists().parameters;
  call.OutCount(copy(call.object(0), call.text(1), call.text(2), parameters.data(), parameters.size(), call.flags(4)));
}

void MigrateTo(ValueCall& call) {
  auto* migrate = call.Own<void*(void*, void*, abi::TypedParameter*, unsigned int, unsigned int)>();
  if (migrate == nullptr) return;
  OwnedParameters& parameters = call.lists().parameters;
  void* domain = migrate(call.object(0), call.object(1), parameters.data(),
                         static_cast<unsigned int>(parameters.size()), call.flags(3));
  if (call.Good(domain)) call.OutObject(domain);
}

void MigrateToUri(ValueCall& call) {
  auto* migrate = call.Own<int(void*, const char*, abi::TypedParameter*, unsigned int, unsigned int)>();
  if (migrate == nullptr) return;
  OwnedParameters& parameters = call.lists().parameters;
  call.OutCount(migrate(call.object(0), call.text(1), parameters.data(), static_cast<unsigned int>(parameters.size()),
                        call.flags(3)));
}

Function<GetParameters> get_blkio{"virDomainGetBlkioParameters", "0.9.0"};
Function<GetParameters> get_memory{"virDomainGetMemoryParameters", "0.8.5"};
Function<GetParameters> get_numa{"virDomainGetNumaParameters", "0.9.9"};
Function<GetParameters> get_node_memory{"virNodeGetMemoryParameters", "0.10.2"};
Function<GetDeviceParameters> get_interface{"virDomainGetInterfaceParameters", "0.9.9"};
Function<GetDeviceParameters> get_io_tune{"virDomainGetBlockIoTune", "0.9.8"};
Function<GetAllocated> get_perf_events{"virDomainGetPerfEvents", "1.3.3"};
Function<GetAllocated> get_port{"virNetworkPortGetParameters", "5.5.0"};
Function<GetParameters> get_scheduler{"virDomainGetSchedulerParametersFlags", "0.9.2"};
Function<char*(void*, int*)> scheduler_type{"virDomainGetSchedulerType", "0.2.3"};

/** The scheduler's parameters are counted by another function. */
void LearnScheduler(ValueCall& call, unsigned int flags) {
  OwnedParameters& parameters = call.lists().parameters;
  if (!parameters.guesses() || !get_scheduler.Exists() || !scheduler_type.Exists()) return;
  int count = 0;
  std::free(scheduler_type(call.object(0), &count));
  if (count <= 0) return;
  FilledParameters known(count);
  if (get_scheduler(call.object(0), known.data(), &count, flags) >= 0) parameters.Learn(known.data(), count);
}

void SetScheduler(ValueCall& call) {
  auto* set = call.Own<int(void*, abi::TypedParameter*, int)>();
  if (set == nullptr) return;
  LearnScheduler(call, 0);
  OwnedParameters& parameters = call.lists().parameters;
  call.OutCount(set(call.object(0), parameters.data(), parameters.size()));
}

void SetSchedulerByFlags(ValueCall& call) {
  auto* set = call.Own<int(void*, abi::TypedParameter*, int, unsigned int)>();
  if (set == nullptr) return;
  LearnScheduler(call, call.flags(2));
  OwnedParameters& parameters = call.lists().parameters;
  call.OutCount(set(call.object(0), parameters.data(), parameters.size(), call.flags(2)));
}

constexpr In kDomain = An(Class::Domain);
constexpr In kConnect = An(Class::Connect);

constexpr ValueRow Plain(const char* name, const char* since, Class owner, void (*execute)(ValueCall&)) {
  return {name, since, "object,params,flags", {An(owner), In::Parameters, In::UInt}, 3, execute};
}
constexpr ValueRow Device(const char* name, const char* since, const char* argument_names,
                          void (*execute)(ValueCall&)) {
  return {name, since, argument_names, {kDomain, In::Text, In::Parameters, In::UInt}, 4, execute};
}

const ValueRow kRows[] = {
    Plain("virDomainSetBlkioParameters", "0.9.0", Class::Domain, Set<get_blkio>),
    Plain("virDomainSetMemoryParameters", "0.8.5", Class::Domain, Set<get_memory>),
    Plain("virDomainSetNumaParameters", "0.9.9", Class::Domain, Set<get_numa>),
    Plain("virNodeSetMemoryParameters", "0.10.2", Class::Connect, Set<get_node_memory>),
    Plain("virDomainSetPerfEvents", "1.3.3", Class::Domain, SetAllocated<get_perf_events>),
    Plain("virNetworkPortSetParameters", "5.5.0", Class::NetworkPort, SetAllocated<get_port>),
    Plain("virDomainSetSchedulerParametersFlags", "0.9.2", Class::Domain, SetSchedulerByFlags),
    {"virDomainSetSchedulerParameters", "0.2.3", "domain,params", {kDomain, In::Parameters}, 2, SetScheduler},
    Device("virDomainSetInterfaceParameters", "0.9.9", "domain,device,params,flags", SetOfDevice<get_interface>),
    Device("virDomainSetBlockIoTune", "0.9.8", "domain,disk,params,flags", SetOfDevice<get_io_tune>),
    Plain("virConnectSetIdentity", "5.8.0", Class::Connect, SetByLooks),
    Plain("virDomainSetLaunchSecurityState", "8.0.0", Class::Domain, SetByLooks),
    Plain("virDomainSaveParams", "8.4.0", Class::Domain, SetByLooks),
    Plain("virDomainRestoreParams", "8.4.0", Class::Connect, SetByLooks),
    {"virDomainSetIOThreadParams",
     "4.10.0",
     "domain,iothread_val,params,flags",
     {kDomain, In::UInt, In::Parameters, In::UInt},
     4,
     SetIoThread},
    {"virDomainBlockCopy",
     "1.2.8",
     "domain,disk,destxml,params,flags",
     {kDomain, In::Text, In::Text, In::Parameters, In::UInt},
     5,
     BlockCopy},
    {"virDomainMigrate3",
     "1.1.0",
     "domain,dconn,params,flags",
     {kDomain, kConnect, In::Parameters, In::UInt},
     4,
     MigrateTo,
     Class::Domain},
    {"virDomainMigrateToURI3",
     "1.1.0",
     "domain,dconnuri?,params,flags",
     {kDomain, In::Text, In::Parameters, In::UInt},
     4,
     MigrateToUri},
};

}  // namespace

bool ExportParameterSetters(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
