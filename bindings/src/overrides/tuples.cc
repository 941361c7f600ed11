// By hand: a structure, or several out-parameters, become a tuple, as in Python.
#include <cstdlib>

#include "../abi.h"
#include "../abi_info.h"
#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

/** Writes the structure that the row's function fills; the text and flags that it takes differ. */
template <typename Structure, void (*pack)(Packer&, const Structure&)>
void Fill(ValueCall& call) {
  auto* get = call.Own<int(void*, Structure*)>();
  Structure filled = {};
  if (get != nullptr && call.Good(get(call.object(0), &filled))) pack(call.out(), filled);
}
template <typename Structure, void (*pack)(Packer&, const Structure&)>
void FillByFlags(ValueCall& call) {
  auto* get = call.Own<int(void*, Structure*, unsigned int)>();
  Structure filled = {};
  if (get != nullptr && call.Good(get(call.object(0), &filled, call.flags(1)))) pack(call.out(), filled);
}
template <typename Structure, void (*pack)(Packer&, const Structure&)>
void FillOfDevice(ValueCall& call) {
  auto* get = call.Own<int(void*, const char*, Structure*, size_t)>();
  Structure filled = {};
  if (get != nullptr && call.Good(get(call.object(0), call.text(1), &filled, sizeof filled))) pack(call.out(), filled);
}
template <typename Structure, void (*pack)(Packer&, const Structure&)>
void FillOfDeviceByFlags(ValueCall& call) {
  auto* get = call.Own<int(void*, const char*, Structure*, unsigned int)>();
  Structure filled = {};
  if (get != nullptr && call.Good(get(call.object(0), call.text(1), &filled, call.flags(2)))) pack(call.out(), filled);
}

void DomainInfo(Packer& out, const abi::DomainInfo& info) {
  out.BeginTuple();
  out.Number(info.state);
  out.Unsigned(info.max_mem);
  out.Unsigned(info.memory);
  out.Number(info.nr_virt_cpu);
  out.Unsigned(info.cpu_time);
  out.EndTuple();
}

void ControlInfo(Packer& out, const abi::DomainControlInfo& info) {
  out.BeginTuple();
  out.Number(info.state);
  out.Number(info.details);
  out.Unsigned(info.state_time);
  out.EndTuple();
}

void BlockInfo(Packer& out, const abi::DomainBlockInfo& info) {
  out.BeginTuple();
  for (unsigned long long value : {info.capacity, info.allocation, info.physical}) out.Unsigned(value);
  out.EndTuple();
}

void JobInfo(Packer& out, const abi::DomainJobInfo& info) {
  out.BeginTuple();
  out.Number(info.type);
  for (unsigned long long value : {info.time_elapsed, info.time_remaining, info.data_total, info.data_processed,
                                   info.data_remaining, info.mem_total, info.mem_processed, info.mem_remaining,
                                   info.file_total, info.file_processed, info.file_remaining}) {
    out.Unsigned(value);
  }
  out.EndTuple();
}

void BlockStats(Packer& out, const abi::DomainBlockStats& stats) {
  out.BeginTuple();
  for (long long value : {stats.rd_req, stats.rd_bytes, stats.wr_req, stats.wr_bytes, stats.errs}) out.Signed(value);
  out.EndTuple();
}

void InterfaceStats(Packer& out, const abi::DomainInterfaceStats& stats) {
  out.BeginTuple();
  for (long long value : {stats.rx_bytes, stats.rx_packets, stats.rx_errs, stats.rx_drop, stats.tx_bytes,
                          stats.tx_packets, stats.tx_errs, stats.tx_drop}) {
    out.Signed(value);
  }
  out.EndTuple();
}

void Label(Packer& out, const abi::SecurityLabel& label) {
  out.BeginTuple();
  out.Text(label.label);
  out.Boolean(label.enforcing != 0);
  out.EndTuple();
}

void SecurityModel(Packer& out, const abi::SecurityModel& model) {
  out.BeginTuple();
  out.Text(model.model);
  out.Text(model.doi);
  out.EndTuple();
}

void NodeInfo(Packer& out, const abi::NodeInfo& info) {
  out.BeginTuple();
  out.Text(info.model);
  out.Unsigned(info.memory >> 10);  // MiB, as in Python
  for (unsigned int value : {info.cpus, info.mhz, info.nodes, info.sockets, info.cores, info.threads})
    out.Number(value);
  out.EndTuple();
}

void PoolInfo(Packer& out, const abi::StoragePoolInfo& info) {
  out.BeginTuple();
  out.Number(info.state);
  for (unsigned long long value : {info.capacity, info.allocation, info.available}) out.Unsigned(value);
  out.EndTuple();
}

void VolumeInfo(Packer& out, const abi::StorageVolInfo& info) {
  out.BeginTuple();
  out.Number(info.type);
  out.Unsigned(info.capacity);
  out.Unsigned(info.allocation);
  out.EndTuple();
}

void State(ValueCall& call) {
  auto* get = call.Own<int(void*, int*, int*, unsigned int)>();
  int state = 0, reason = 0;
  if (get == nullptr || !call.Good(get(call.object(0), &state, &reason, call.flags(1)))) return;
  call.out().BeginTuple();
  call.out().Number(state);
  call.out().Number(reason);
  call.out().EndTuple();
}

void SchedulerType(ValueCall& call) {
  auto* get = call.Own<char*(void*, int*)>();
  if (get == nullptr) return;
  int count = 0;
  char* type = get(call.object(0), &count);
  if (!call.Good(type)) return;
  call.out().BeginTuple();
  call.out().Text(type);
  call.out().Number(count);
  call.out().EndTuple();
  std::free(type);
}

void Labels(ValueCall& call) {
  auto* get = call.Own<int(void*, abi::SecurityLabel**)>();
  if (get == nullptr) return;
  abi::SecurityLabel* labels = nullptr;
  int count = get(call.object(0), &labels);
  if (!call.Good(count)) return;
  call.out().List(static_cast<size_t>(count), [&](size_t i) { Label(call.out(), labels[i]); });
  std::free(labels);
}

constexpr In kDomain = An(Class::Domain);
constexpr In kConnect = An(Class::Connect);
constexpr In kVolume = An(Class::StorageVol);

const ValueRow kRows[] = {
    {"virDomainGetInfo", "0.0.3", "domain", {kDomain}, 1, Fill<abi::DomainInfo, DomainInfo>},
    {"virDomainGetState", "0.9.2", "domain,flags", {kDomain, In::UInt}, 2, State},
    {"virDomainGetControlInfo",
     "0.9.3",
     "domain,flags",
     {kDomain, In::UInt},
     2,
     FillByFlags<abi::DomainControlInfo, ControlInfo>},
    {"virDomainGetJobInfo", "0.7.7", "domain", {kDomain}, 1, Fill<abi::DomainJobInfo, JobInfo>},
    {"virDomainGetBlockInfo",
     "0.8.1",
     "domain,path,flags",
     {kDomain, In::Text, In::UInt},
     3,
     FillOfDeviceByFlags<abi::DomainBlockInfo, BlockInfo>},
    {"virDomainBlockStats",
     "0.3.2",
     "domain,path",
     {kDomain, In::Text},
     2,
     FillOfDevice<abi::DomainBlockStats, BlockStats>},
    {"virDomainInterfaceStats",
     "0.3.2",
     "domain,path",
     {kDomain, In::Text},
     2,
     FillOfDevice<abi::DomainInterfaceStats, InterfaceStats>},
    {"virDomainGetSchedulerType", "0.2.3", "domain", {kDomain}, 1, SchedulerType},
    {"virDomainGetSecurityLabel", "0.6.1", "domain", {kDomain}, 1, Fill<abi::SecurityLabel, Label>},
    {"virDomainGetSecurityLabelList", "0.10.0", "domain", {kDomain}, 1, Labels},
    {"virNodeGetInfo", "0.1.0", "conn", {kConnect}, 1, Fill<abi::NodeInfo, NodeInfo>},
    {"virNodeGetSecurityModel", "0.6.1", "conn", {kConnect}, 1, Fill<abi::SecurityModel, SecurityModel>},
    {"virStoragePoolGetInfo", "0.4.1", "pool", {An(Class::StoragePool)}, 1, Fill<abi::StoragePoolInfo, PoolInfo>},
    {"virStorageVolGetInfo", "0.4.1", "vol", {kVolume}, 1, Fill<abi::StorageVolInfo, VolumeInfo>},
    {"virStorageVolGetInfoFlags",
     "3.0.0",
     "vol,flags",
     {kVolume, In::UInt},
     2,
     FillByFlags<abi::StorageVolInfo, VolumeInfo>},
};

}  // namespace

bool ExportTuples(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
