// By hand: typed parameters of the whole domain, or of one CPU after the other, become a list of dictionaries.
#include <algorithm>

#include "../parameter_getter.h"
#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

constexpr int kMostAtOnce = 128;  // CPUs in one call: libvirt's protocol takes no more

using GetStats = int(void*, abi::TypedParameter*, unsigned int, int, unsigned int, unsigned int);

void Total(ValueCall& call, GetStats* get) {
  int count = get(call.object(0), nullptr, 0, -1, 1, call.flags(2));
  if (!call.Good(count)) return;
  FilledParameters parameters(count);
  if (count > 0) {
    count = get(call.object(0), parameters.data(), static_cast<unsigned int>(count), -1, 1, call.flags(2));
    if (!call.Good(count)) return;
  }
  call.out().List(1, [&](size_t) { call.out().Parameters(parameters.data(), count); });
}

void EachCpu(ValueCall& call, GetStats* get) {
  int cpus = get(call.object(0), nullptr, 0, 0, 0, call.flags(2));
  if (!call.Good(cpus)) return;
  int count = get(call.object(0), nullptr, 0, 0, 1, call.flags(2));
  if (!call.Good(count)) return;
  FilledParameters parameters(count * cpus);
  for (int cpu = 0; cpu < cpus && count > 0; cpu += kMostAtOnce) {
    auto now = static_cast<unsigned int>(std::min(cpus - cpu, kMostAtOnce));
    if (!call.Good(get(call.object(0), parameters.data() + cpu * count, static_cast<unsigned int>(count), cpu, now,
                       call.flags(2)))) {
      return;
    }
  }
  // A parameter that libvirt did not fill has no type and is left out.
  call.out().List(static_cast<size_t>(cpus),
                  [&](size_t cpu) { call.out().Parameters(parameters.data() + static_cast<int>(cpu) * count, count); });
}

void CpuStats(ValueCall& call) {
  auto* get = call.Own<GetStats>();
  if (get == nullptr) return;
  if (call.truth(1)) {
    Total(call, get);
  } else {
    EachCpu(call, get);
  }
}

const ValueRow kRows[] = {
    {"virDomainGetCPUStats", "0.9.10", "domain,total,flags", {An(Class::Domain), In::Truth, In::UInt}, 3, CpuStats},
};

}  // namespace

bool ExportDomainCpuStats(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
