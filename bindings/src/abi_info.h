// The structures that a call fills, as abi.h: part of libvirt's ABI, held against its headers by abi_check.cc.
#pragma once

#include <cstddef>

namespace novalet::abi {

struct DomainBlockInfo {
  unsigned long long capacity, allocation, physical;
};
struct DomainControlInfo {
  unsigned int state, details;
  unsigned long long state_time;
};
struct DomainJobInfo {
  int type;
  unsigned long long time_elapsed, time_remaining, data_total, data_processed, data_remaining, mem_total, mem_processed,
      mem_remaining, file_total, file_processed, file_remaining;
};
struct DomainBlockStats {
  long long rd_req, rd_bytes, wr_req, wr_bytes, errs;
};
struct DomainInterfaceStats {
  long long rx_bytes, rx_packets, rx_errs, rx_drop, tx_bytes, tx_packets, tx_errs, tx_drop;
};
struct SecurityLabel {
  char label[4096 + 1];
  int enforcing;
};
struct SecurityModel {
  char model[256 + 1];
  char doi[256 + 1];
};
/** Memory in KiB. */
struct NodeInfo {
  char model[32];
  unsigned long memory;
  unsigned int cpus, mhz, nodes, sockets, cores, threads;
};
struct StoragePoolInfo {
  int state;
  unsigned long long capacity, allocation, available;
};
struct StorageVolInfo {
  int type;
  unsigned long long capacity, allocation;
};
/** virNodeCPUStats and virNodeMemoryStats. */
struct NodeStats {
  char field[80];
  unsigned long long value;
};
struct DomainBlockJobInfo {
  int type;
  unsigned long bandwidth;
  unsigned long long cur, end;
};
struct DomainDiskError {
  char* disk;
  int error;
};
struct DomainMemoryStat {
  int tag;
  unsigned long long value;
};
struct DomainFSInfo {
  char* mountpoint;
  char* name;
  char* fstype;
  size_t alias_count;
  char** aliases;
};
struct DomainIPAddress {
  int type;
  char* addr;
  unsigned int prefix;
};
struct DomainInterface {
  char* name;
  char* hwaddr;
  unsigned int address_count;
  DomainIPAddress* addresses;
};
struct NetworkDHCPLease {
  char* iface;
  long long expirytime;
  int type;
  char* mac;
  char* iaid;
  char* ipaddr;
  unsigned int prefix;
  char* hostname;
  char* clientid;
};
struct VcpuInfo {
  unsigned int number;
  int state;
  unsigned long long cpu_time;
  int cpu;
};
struct DomainIOThreadInfo {
  unsigned int id;
  unsigned char* cpumap;
  int cpumap_length;
};

}  // namespace novalet::abi
