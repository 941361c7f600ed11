// By hand: a map of CPUs, one bit each, becomes a list of booleans, or the other way round. How many CPUs there are,
// the node tells first.
#include <cstdlib>
#include <vector>

#include "../abi.h"
#include "../abi_info.h"
#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

Function<int(void*, unsigned char**, unsigned int*, unsigned int)> node_cpu_map{"virNodeGetCPUMap", "1.0.0"};
Function<void*(void*)> connection_of{"virDomainGetConnect", "0.3.0"};
Function<int(void*, abi::DomainInfo*)> domain_info{"virDomainGetInfo", "0.0.3"};

/** The host's CPUs; less than 0, and the failure noted, when it cannot tell. */
int HostCpus(ValueCall& call) {
  if (!call.Have(node_cpu_map) || !call.Have(connection_of)) return -1;
  int cpus = node_cpu_map(connection_of(call.object(0)), nullptr, nullptr, 0);
  return call.Good(cpus) ? cpus : -1;
}

/** The domain's virtual CPUs. */
int VirtualCpus(ValueCall& call) {
  abi::DomainInfo info = {};
  if (!call.Have(domain_info) || !call.Good(domain_info(call.object(0), &info))) return -1;
  return info.nr_virt_cpu;
}

constexpr size_t BytesFor(int cpus) { return (static_cast<size_t>(cpus) + 7) / 8; }

void NodeMap(ValueCall& call) {
  auto* get = call.Own<int(void*, unsigned char**, unsigned int*, unsigned int)>();
  if (get == nullptr) return;
  unsigned char* map = nullptr;
  unsigned int online = 0;
  int cpus = get(call.object(0), &map, &online, call.flags(1));
  if (!call.Good(cpus)) return;
  call.out().BeginTuple();
  call.out().Number(cpus);
  call.out().CpuMap(map, BytesFor(cpus), static_cast<size_t>(cpus));
  call.out().Number(online);
  call.out().EndTuple();
  std::free(map);
}

/** One map of the domain's emulator. */
void EmulatorPin(ValueCall& call) {
  auto* get = call.Own<int(void*, unsigned char*, int, unsigned int)>();
  int cpus = get == nullptr ? -1 : HostCpus(call);
  if (cpus < 0) return;
  std::vector<unsigned char> map(BytesFor(cpus));
  if (!call.Good(get(call.object(0), map.data(), static_cast<int>(map.size()), call.flags(1)))) return;
  call.out().CpuMap(map.data(), map.size(), static_cast<size_t>(cpus));
}

void PackMaps(ValueCall& call, const std::vector<unsigned char>& maps, int count, int cpus) {
  const size_t bytes = BytesFor(cpus);
  call.out().List(static_cast<size_t>(count), [&](size_t vcpu) {
    call.out().CpuMap(maps.data() + vcpu * bytes, bytes, static_cast<size_t>(cpus));
  });
}

void VcpuPins(ValueCall& call) {
  auto* get = call.Own<int(void*, int, unsigned char*, int, unsigned int)>();
  int cpus = get == nullptr ? -1 : HostCpus(call);
  int vcpus = cpus < 0 ? -1 : VirtualCpus(call);
  if (vcpus < 0) return;
  std::vector<unsigned char> maps(BytesFor(cpus) * static_cast<size_t>(vcpus));
  if (!call.Good(get(call.object(0), vcpus, maps.data(), static_cast<int>(BytesFor(cpus)), call.flags(1)))) return;
  PackMaps(call, maps, vcpus, cpus);
}

void Vcpus(ValueCall& call) {
  auto* get = call.Own<int(void*, abi::VcpuInfo*, int, unsigned char*, int)>();
  int cpus = get == nullptr ? -1 : HostCpus(call);
  int vcpus = cpus < 0 ? -1 : VirtualCpus(call);
  if (vcpus < 0) return;
  std::vector<abi::VcpuInfo> infos(static_cast<size_t>(vcpus));
  std::vector<unsigned char> maps(BytesFor(cpus) * static_cast<size_t>(vcpus));
  int count = get(call.object(0), infos.data(), vcpus, maps.data(), static_cast<int>(BytesFor(cpus)));
  if (!call.Good(count)) return;
  Packer& out = call.out();
  out.BeginTuple();
  out.List(static_cast<size_t>(count), [&](size_t i) {
    out.BeginTuple();
    out.Number(infos[i].number);
    out.Number(infos[i].state);
    out.Unsigned(infos[i].cpu_time);
    out.Number(infos[i].cpu);
    out.EndTuple();
  });
  PackMaps(call, maps, count, cpus);
  out.EndTuple();
}

Function<void(abi::DomainIOThreadInfo*)> free_io_thread{"virDomainIOThreadInfoFree", "1.2.14"};

void IoThreads(ValueCall& call) {
  auto* get = call.Own<int(void*, abi::DomainIOThreadInfo***, unsigned int)>();
  int cpus = get == nullptr ? -1 : HostCpus(call);
  if (cpus < 0) return;
  abi::DomainIOThreadInfo** list = nullptr;
  int count = get(call.object(0), &list, call.flags(1));
  if (!call.Good(count)) return;
  Packer& out = call.out();
  out.List(static_cast<size_t>(count), [&](size_t i) {
    out.BeginTuple();
    out.Number(list[i]->id);
    out.CpuMap(list[i]->cpumap, static_cast<size_t>(list[i]->cpumap_length), static_cast<size_t>(cpus));
    out.EndTuple();
  });
  for (int i = 0; i < count; ++i) {
    if (free_io_thread.Exists()) free_io_thread(list[i]);
  }
  std::free(list);
}

/** As libvirt takes it: a short list is filled up with false, a long one cut. Empty, and the failure noted, when the
 * host cannot tell its CPUs. */
std::vector<unsigned char> MapOf(ValueCall& call) {
  int cpus = HostCpus(call);
  if (cpus < 0) return {};
  std::vector<unsigned char> map(BytesFor(cpus));
  const std::vector<bool>& wanted = call.lists().truths;
  for (size_t cpu = 0; cpu < wanted.size() && cpu < static_cast<size_t>(cpus); ++cpu) {
    if (wanted[cpu]) map[cpu / 8] = static_cast<unsigned char>(map[cpu / 8] | 1 << cpu % 8);
  }
  return map;
}

void PinEmulator(ValueCall& call) {
  auto* pin = call.Own<int(void*, unsigned char*, int, unsigned int)>();
  if (pin == nullptr) return;
  std::vector<unsigned char> map = MapOf(call);
  if (map.empty()) return;
  call.OutCount(pin(call.object(0), map.data(), static_cast<int>(map.size()), call.flags(2)));
}

void PinVcpu(ValueCall& call) {
  auto* pin = call.Own<int(void*, unsigned int, unsigned char*, int)>();
  if (pin == nullptr) return;
  std::vector<unsigned char> map = MapOf(call);
  if (map.empty()) return;
  call.OutCount(pin(call.object(0), call.flags(1), map.data(), static_cast<int>(map.size())));
}

void PinByFlags(ValueCall& call) {
  auto* pin = call.Own<int(void*, unsigned int, unsigned char*, int, unsigned int)>();
  if (pin == nullptr) return;
  std::vector<unsigned char> map = MapOf(call);
  if (map.empty()) return;
  call.OutCount(pin(call.object(0), call.flags(1), map.data(), static_cast<int>(map.size()), call.flags(3)));
}

constexpr In kDomain = An(Class::Domain);

const ValueRow kRows[] = {
    {"virNodeGetCPUMap", "1.0.0", "conn,flags", {An(Class::Connect), In::UInt}, 2, NodeMap},
    {"virDomainGetEmulatorPinInfo", "0.10.0", "domain,flags", {kDomain, In::UInt}, 2, EmulatorPin},
    {"virDomainGetVcpuPinInfo", "0.9.3", "domain,flags", {kDomain, In::UInt}, 2, VcpuPins},
    {"virDomainGetVcpus", "0.1.4", "domain", {kDomain}, 1, Vcpus},
    {"virDomainGetIOThreadInfo", "1.2.14", "domain,flags", {kDomain, In::UInt}, 2, IoThreads},
    {"virDomainPinEmulator", "0.10.0", "domain,cpumap,flags", {kDomain, In::Truths, In::UInt}, 3, PinEmulator},
    {"virDomainPinVcpu", "0.1.4", "domain,vcpu,cpumap", {kDomain, In::UInt, In::Truths}, 3, PinVcpu},
    {"virDomainPinVcpuFlags",
     "0.9.3",
     "domain,vcpu,cpumap,flags",
     {kDomain, In::UInt, In::Truths, In::UInt},
     4,
     PinByFlags},
    {"virDomainPinIOThread",
     "1.2.14",
     "domain,iothread_val,cpumap,flags",
     {kDomain, In::UInt, In::Truths, In::UInt},
     4,
     PinByFlags},
};

}  // namespace

bool ExportCpuMaps(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
