// By hand: an array of objects that libvirt allocates becomes a list of handles.
#include <cstdlib>

#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

void ListAll(ValueCall& call) {
  auto* list = call.Own<int(void*, void***, unsigned int)>();
  if (list == nullptr) return;
  void** found = nullptr;
  int count = list(call.object(0), &found, call.flags(1));
  if (!call.Good(count)) return;
  call.out().List(static_cast<size_t>(count), [&](size_t i) { call.PackObject(call.row().result_class, found[i]); });
  std::free(found);
}

constexpr ValueRow Lists(const char* name, const char* since, Class owner, Class element) {
  return {name, since, "object,flags", {An(owner), In::UInt}, 2, ListAll, element};
}

const ValueRow kRows[] = {
    Lists("virConnectListAllDomains", "0.9.13", Class::Connect, Class::Domain),
    Lists("virConnectListAllInterfaces", "0.10.2", Class::Connect, Class::Interface),
    Lists("virConnectListAllNWFilterBindings", "4.5.0", Class::Connect, Class::NWFilterBinding),
    Lists("virConnectListAllNWFilters", "0.10.2", Class::Connect, Class::NWFilter),
    Lists("virConnectListAllNetworks", "0.10.2", Class::Connect, Class::Network),
    Lists("virConnectListAllNodeDevices", "0.10.2", Class::Connect, Class::NodeDevice),
    Lists("virConnectListAllSecrets", "0.10.2", Class::Connect, Class::Secret),
    Lists("virConnectListAllStoragePools", "0.10.2", Class::Connect, Class::StoragePool),
    Lists("virDomainCheckpointListAllChildren", "5.6.0", Class::DomainCheckpoint, Class::DomainCheckpoint),
    Lists("virDomainListAllCheckpoints", "5.6.0", Class::Domain, Class::DomainCheckpoint),
    Lists("virDomainListAllSnapshots", "0.9.13", Class::Domain, Class::DomainSnapshot),
    Lists("virDomainSnapshotListAllChildren", "0.9.13", Class::DomainSnapshot, Class::DomainSnapshot),
    Lists("virNetworkListAllPorts", "5.5.0", Class::Network, Class::NetworkPort),
    Lists("virStoragePoolListAllVolumes", "0.10.2", Class::StoragePool, Class::StorageVol),
};

}  // namespace

bool ExportObjectLists(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
