// By hand: names that libvirt writes into an array of the caller, counted first.
#include <cstdlib>
#include <vector>

#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

// More than this many cannot be asked for: libvirt's protocol has lower limits for each list.
constexpr int kMostNames = 1 << 20;

/** What the row's function needs besides the object: the function that counts. */
template <typename Count>
bool CountOf(ValueCall& call, Function<Count>& function, int* count, unsigned int flags = 0) {
  if (!call.Have(function)) return false;
  if constexpr (std::is_same_v<Count, int(void*)>) {
    *count = function(call.object(0));
  } else {
    *count = function(call.object(0), flags);
  }
  if (*count > kMostNames) *count = kMostNames;
  return call.Good(*count);
}

void PackNames(ValueCall& call, std::vector<char*>* names, int count) {
  call.out().List(static_cast<size_t>(count), [&](size_t i) { call.out().Text((*names)[i]); });
  for (int i = 0; i < count; ++i) std::free((*names)[static_cast<size_t>(i)]);
}

/** int list(object, names, most), counted by `function`. */
template <Function<int(void*)>& function>
void Names(ValueCall& call) {
  auto* list = call.Own<int(void*, char**, int)>();
  int count = 0;
  if (list == nullptr || !CountOf(call, function, &count)) return;
  std::vector<char*> names(static_cast<size_t>(count));
  if (count > 0) count = list(call.object(0), names.data(), count);
  if (call.Good(count)) PackNames(call, &names, count);
}

/** As Names, with flags for both. */
template <Function<int(void*, unsigned int)>& function>
void NamesByFlags(ValueCall& call) {
  auto* list = call.Own<int(void*, char**, int, unsigned int)>();
  int count = 0;
  if (list == nullptr || !CountOf(call, function, &count, call.flags(1))) return;
  std::vector<char*> names(static_cast<size_t>(count));
  if (count > 0) count = list(call.object(0), names.data(), count, call.flags(1));
  if (call.Good(count)) PackNames(call, &names, count);
}

Function<int(void*)> num_of_defined_domains{"virConnectNumOfDefinedDomains", "0.1.5"};
Function<int(void*)> num_of_defined_interfaces{"virConnectNumOfDefinedInterfaces", "0.7.0"};
Function<int(void*)> num_of_defined_networks{"virConnectNumOfDefinedNetworks", "0.2.0"};
Function<int(void*)> num_of_defined_pools{"virConnectNumOfDefinedStoragePools", "0.4.1"};
Function<int(void*)> num_of_domains{"virConnectNumOfDomains", "0.0.3"};
Function<int(void*)> num_of_interfaces{"virConnectNumOfInterfaces", "0.6.4"};
Function<int(void*)> num_of_filters{"virConnectNumOfNWFilters", "0.8.0"};
Function<int(void*)> num_of_networks{"virConnectNumOfNetworks", "0.2.0"};
Function<int(void*)> num_of_secrets{"virConnectNumOfSecrets", "0.7.1"};
Function<int(void*)> num_of_pools{"virConnectNumOfStoragePools", "0.4.1"};
Function<int(void*)> num_of_volumes{"virStoragePoolNumOfVolumes", "0.4.1"};
Function<int(void*)> num_of_caps{"virNodeDeviceNumOfCaps", "0.5.0"};
Function<int(void*, unsigned int)> num_of_children{"virDomainSnapshotNumChildren", "0.9.7"};
Function<int(void*, unsigned int)> num_of_snapshots{"virDomainSnapshotNum", "0.8.0"};
Function<int(void*, const char*, unsigned int)> num_of_devices{"virNodeNumOfDevices", "0.5.0"};

void DeviceNames(ValueCall& call) {
  auto* list = call.Own<int(void*, const char*, char**, int, unsigned int)>();
  if (list == nullptr || !call.Have(num_of_devices)) return;
  int count = num_of_devices(call.object(0), call.text(1), call.flags(2));
  if (!call.Good(count)) return;
  if (count > kMostNames) count = kMostNames;
  std::vector<char*> names(static_cast<size_t>(count));
  if (count > 0) count = list(call.object(0), call.text(1), names.data(), count, call.flags(2));
  if (call.Good(count)) PackNames(call, &names, count);
}

void DomainIds(ValueCall& call) {
  auto* list = call.Own<int(void*, int*, int)>();
  int count = 0;
  if (list == nullptr || !CountOf(call, num_of_domains, &count)) return;
  std::vector<int> ids(static_cast<size_t>(count));
  if (count > 0) count = list(call.object(0), ids.data(), count);
  if (!call.Good(count)) return;
  call.out().List(static_cast<size_t>(count), [&](size_t i) { call.out().Number(ids[i]); });
}

template <typename Execute>
constexpr ValueRow Of(const char* name, const char* since, Class owner, Execute execute) {
  return {name, since, "object", {An(owner)}, 1, execute};
}
template <typename Execute>
constexpr ValueRow ByFlags(const char* name, const char* since, Class owner, Execute execute) {
  return {name, since, "object,flags", {An(owner), In::UInt}, 2, execute};
}

const ValueRow kRows[] = {
    Of("virConnectListDefinedDomains", "0.1.1", Class::Connect, Names<num_of_defined_domains>),
    Of("virConnectListDefinedInterfaces", "0.7.0", Class::Connect, Names<num_of_defined_interfaces>),
    Of("virConnectListDefinedNetworks", "0.2.0", Class::Connect, Names<num_of_defined_networks>),
    Of("virConnectListDefinedStoragePools", "0.4.1", Class::Connect, Names<num_of_defined_pools>),
    Of("virConnectListDomains", "0.0.3", Class::Connect, DomainIds),
    Of("virConnectListInterfaces", "0.6.4", Class::Connect, Names<num_of_interfaces>),
    Of("virConnectListNWFilters", "0.8.0", Class::Connect, Names<num_of_filters>),
    Of("virConnectListNetworks", "0.2.0", Class::Connect, Names<num_of_networks>),
    Of("virConnectListSecrets", "0.7.1", Class::Connect, Names<num_of_secrets>),
    Of("virConnectListStoragePools", "0.4.1", Class::Connect, Names<num_of_pools>),
    Of("virStoragePoolListVolumes", "0.4.1", Class::StoragePool, Names<num_of_volumes>),
    Of("virNodeDeviceListCaps", "0.5.0", Class::NodeDevice, Names<num_of_caps>),
    ByFlags("virDomainSnapshotListChildrenNames", "0.9.7", Class::DomainSnapshot, NamesByFlags<num_of_children>),
    ByFlags("virDomainSnapshotListNames", "0.8.0", Class::Domain, NamesByFlags<num_of_snapshots>),
    {"virNodeListDevices", "0.5.0", "conn,cap?,flags", {An(Class::Connect), In::Text, In::UInt}, 3, DeviceNames},
};

}  // namespace

bool ExportNameLists(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
