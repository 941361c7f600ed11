// By hand: lists of structures that libvirt allocates become lists of tuples or dictionaries.
#include <cstdlib>

#include "../abi_info.h"
#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

Function<void(abi::DomainFSInfo*)> free_file_system{"virDomainFSInfoFree", "1.2.11"};
Function<void(abi::DomainInterface*)> free_interface{"virDomainInterfaceFree", "1.2.14"};
Function<void(abi::NetworkDHCPLease*)> free_lease{"virNetworkDHCPLeaseFree", "1.2.6"};

template <typename Structure>
void FreeAll(Function<void(Structure*)>& free_one, Structure** list, int count) {
  for (int i = 0; i < count; ++i) {
    if (free_one.Exists()) free_one(list[i]);
  }
  std::free(list);
}

void FileSystems(ValueCall& call) {
  auto* get = call.Own<int(void*, abi::DomainFSInfo***, unsigned int)>();
  if (get == nullptr) return;
  abi::DomainFSInfo** list = nullptr;
  int count = get(call.object(0), &list, call.flags(1));
  if (!call.Good(count)) return;
  Packer& out = call.out();
  out.List(static_cast<size_t>(count), [&](size_t i) {
    const abi::DomainFSInfo& one = *list[i];
    out.BeginTuple();
    out.TextOrNull(one.mountpoint);
    out.TextOrNull(one.name);
    out.TextOrNull(one.fstype);
    out.List(one.alias_count, [&](size_t alias) { out.Text(one.aliases[alias]); });
    out.EndTuple();
  });
  FreeAll(free_file_system, list, count);
}

/** By name; an interface without addresses has null for them. */
void Addresses(ValueCall& call) {
  auto* get = call.Own<int(void*, abi::DomainInterface***, unsigned int, unsigned int)>();
  if (get == nullptr) return;
  abi::DomainInterface** list = nullptr;
  int count = get(call.object(0), &list, call.flags(1), call.flags(2));
  if (!call.Good(count)) return;
  Packer& out = call.out();
  out.BeginRecord();
  for (int i = 0; i < count; ++i) {
    const abi::DomainInterface& one = *list[i];
    out.Key(one.name);
    out.BeginRecord();
    out.Key("addrs");
    if (one.address_count == 0) {
      out.Null();
    } else {
      out.List(one.address_count, [&](size_t a) {
        out.BeginRecord();
        out.Key("addr");
        out.TextOrNull(one.addresses[a].addr);
        out.Key("prefix");
        out.Number(one.addresses[a].prefix);
        out.Key("type");
        out.Number(one.addresses[a].type);
        out.EndRecord();
      });
    }
    out.Key("hwaddr");
    out.TextOrNull(one.hwaddr);
    out.EndRecord();
  }
  out.EndRecord();
  FreeAll(free_interface, list, count);
}

void Leases(ValueCall& call) {
  auto* get = call.Own<int(void*, const char*, abi::NetworkDHCPLease***, unsigned int)>();
  if (get == nullptr) return;
  abi::NetworkDHCPLease** list = nullptr;
  int count = get(call.object(0), call.text(1), &list, call.flags(2));
  if (!call.Good(count)) return;
  Packer& out = call.out();
  auto text = [&out](const char* key, const char* value) {
    out.Key(key);
    out.TextOrNull(value);
  };
  out.List(static_cast<size_t>(count), [&](size_t i) {
    const abi::NetworkDHCPLease& one = *list[i];
    out.BeginRecord();
    text("iface", one.iface);
    out.Key("expirytime");
    out.Signed(one.expirytime);
    out.Key("type");
    out.Number(one.type);
    text("mac", one.mac);
    text("ipaddr", one.ipaddr);
    out.Key("prefix");
    out.Number(one.prefix);
    text("hostname", one.hostname);
    text("clientid", one.clientid);
    text("iaid", one.iaid);
    out.EndRecord();
  });
  FreeAll(free_lease, list, count);
}

constexpr In kDomain = An(Class::Domain);

const ValueRow kRows[] = {
    {"virDomainGetFSInfo", "1.2.11", "domain,flags", {kDomain, In::UInt}, 2, FileSystems},
    {"virDomainInterfaceAddresses", "1.2.14", "domain,source,flags", {kDomain, In::UInt, In::UInt}, 3, Addresses},
    {"virNetworkGetDHCPLeases", "1.2.6", "network,mac?,flags", {An(Class::Network), In::Text, In::UInt}, 3, Leases},
};

}  // namespace

bool ExportStructureLists(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
