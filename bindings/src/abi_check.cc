// Not part of the addon: build-addon compiles it, where libvirt's headers are installed, to hold abi.h against them.
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "abi.h"
#include "abi_info.h"

#define SAME_SIZE(ours, theirs) static_assert(sizeof(novalet::abi::ours) == sizeof(theirs), #theirs " has another size")
#define SAME_PLACE(ours, field, theirs, its_field)                                  \
  static_assert(offsetof(novalet::abi::ours, field) == offsetof(theirs, its_field), \
                #theirs "." #its_field " is elsewhere")

SAME_SIZE(Error, virError);
SAME_PLACE(Error, message, virError, message);
SAME_PLACE(Error, level, virError, level);
SAME_PLACE(Error, str1, virError, str1);
SAME_PLACE(Error, str3, virError, str3);
SAME_PLACE(Error, int2, virError, int2);

SAME_SIZE(DomainInfo, virDomainInfo);
SAME_PLACE(DomainInfo, max_mem, virDomainInfo, maxMem);
SAME_PLACE(DomainInfo, memory, virDomainInfo, memory);
SAME_PLACE(DomainInfo, nr_virt_cpu, virDomainInfo, nrVirtCpu);
SAME_PLACE(DomainInfo, cpu_time, virDomainInfo, cpuTime);

SAME_SIZE(TypedParameter, virTypedParameter);
SAME_PLACE(TypedParameter, type, virTypedParameter, type);
SAME_PLACE(TypedParameter, value, virTypedParameter, value);

SAME_SIZE(DomainStatsRecord, virDomainStatsRecord);
SAME_PLACE(DomainStatsRecord, params, virDomainStatsRecord, params);
SAME_PLACE(DomainStatsRecord, nparams, virDomainStatsRecord, nparams);

SAME_SIZE(Credential, virConnectCredential);
SAME_PLACE(Credential, result, virConnectCredential, result);
SAME_PLACE(Credential, resultlen, virConnectCredential, resultlen);

SAME_SIZE(GraphicsAddress, virDomainEventGraphicsAddress);
SAME_PLACE(GraphicsAddress, service, virDomainEventGraphicsAddress, service);

SAME_SIZE(GraphicsIdentity, virDomainEventGraphicsSubjectIdentity);
SAME_PLACE(GraphicsIdentity, name, virDomainEventGraphicsSubjectIdentity, name);

SAME_SIZE(GraphicsSubject, virDomainEventGraphicsSubject);
SAME_PLACE(GraphicsSubject, identities, virDomainEventGraphicsSubject, identities);

SAME_SIZE(Auth, virConnectAuth);
SAME_PLACE(Auth, cb, virConnectAuth, cb);
SAME_PLACE(Auth, cbdata, virConnectAuth, cbdata);

static_assert(novalet::abi::kUuidLength == VIR_UUID_BUFLEN);
static_assert(novalet::abi::kUuidStringLength == VIR_UUID_STRING_BUFLEN);
static_assert(novalet::abi::kErrorNoSupport == VIR_ERR_NO_SUPPORT);
static_assert(novalet::abi::kErrorLevelError == VIR_ERR_ERROR);
static_assert(int{novalet::abi::kString} == int{VIR_TYPED_PARAM_STRING} &&
              int{novalet::abi::kInt} == int{VIR_TYPED_PARAM_INT});
static_assert(int{novalet::abi::kReadable} == int{VIR_EVENT_HANDLE_READABLE} &&
              int{novalet::abi::kHangup} == int{VIR_EVENT_HANDLE_HANGUP});

SAME_SIZE(DomainBlockInfo, virDomainBlockInfo);
SAME_SIZE(DomainControlInfo, virDomainControlInfo);
SAME_PLACE(DomainControlInfo, state_time, virDomainControlInfo, stateTime);
SAME_SIZE(DomainJobInfo, virDomainJobInfo);
SAME_PLACE(DomainJobInfo, file_remaining, virDomainJobInfo, fileRemaining);
SAME_SIZE(DomainBlockStats, virDomainBlockStatsStruct);
SAME_SIZE(DomainInterfaceStats, virDomainInterfaceStatsStruct);
SAME_PLACE(DomainInterfaceStats, tx_drop, virDomainInterfaceStatsStruct, tx_drop);
SAME_SIZE(SecurityLabel, virSecurityLabel);
SAME_PLACE(SecurityLabel, enforcing, virSecurityLabel, enforcing);
SAME_SIZE(SecurityModel, virSecurityModel);
SAME_PLACE(SecurityModel, doi, virSecurityModel, doi);
SAME_SIZE(NodeInfo, virNodeInfo);
SAME_PLACE(NodeInfo, memory, virNodeInfo, memory);
SAME_PLACE(NodeInfo, threads, virNodeInfo, threads);
SAME_SIZE(StoragePoolInfo, virStoragePoolInfo);
SAME_PLACE(StoragePoolInfo, available, virStoragePoolInfo, available);
SAME_SIZE(StorageVolInfo, virStorageVolInfo);
SAME_SIZE(NodeStats, virNodeCPUStats);
SAME_PLACE(NodeStats, value, virNodeCPUStats, value);
SAME_SIZE(NodeStats, virNodeMemoryStats);
SAME_SIZE(DomainBlockJobInfo, virDomainBlockJobInfo);
SAME_PLACE(DomainBlockJobInfo, end, virDomainBlockJobInfo, end);
SAME_SIZE(DomainDiskError, virDomainDiskError);
SAME_SIZE(DomainMemoryStat, virDomainMemoryStatStruct);
SAME_SIZE(DomainFSInfo, virDomainFSInfo);
SAME_PLACE(DomainFSInfo, aliases, virDomainFSInfo, devAlias);
SAME_SIZE(DomainIPAddress, virDomainIPAddress);
SAME_SIZE(DomainInterface, virDomainInterface);
SAME_PLACE(DomainInterface, addresses, virDomainInterface, addrs);
SAME_SIZE(NetworkDHCPLease, virNetworkDHCPLease);
SAME_PLACE(NetworkDHCPLease, ipaddr, virNetworkDHCPLease, ipaddr);
SAME_PLACE(NetworkDHCPLease, clientid, virNetworkDHCPLease, clientid);
SAME_SIZE(VcpuInfo, virVcpuInfo);
SAME_PLACE(VcpuInfo, cpu, virVcpuInfo, cpu);
SAME_SIZE(DomainIOThreadInfo, virDomainIOThreadInfo);
SAME_PLACE(DomainIOThreadInfo, cpumap_length, virDomainIOThreadInfo, cpumaplen);
