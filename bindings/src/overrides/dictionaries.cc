// By hand: structures of fixed fields become dictionaries.
#include <cstdlib>
#include <vector>

#include "../abi_info.h"
#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

/** No job is an empty dictionary. */
void BlockJob(ValueCall& call) {
  auto* get = call.Own<int(void*, const char*, abi::DomainBlockJobInfo*, unsigned int)>();
  if (get == nullptr) return;
  abi::DomainBlockJobInfo info = {};
  int found = get(call.object(0), call.text(1), &info, call.flags(2));
  if (!call.Good(found)) return;
  Packer& out = call.out();
  out.BeginRecord();
  if (found > 0) {
    out.Key("type");
    out.Number(info.type);
    out.Key("bandwidth");
    out.Unsigned(info.bandwidth);
    out.Key("cur");
    out.Unsigned(info.cur);
    out.Key("end");
    out.Unsigned(info.end);
  }
  out.EndRecord();
}

void DiskErrors(ValueCall& call) {
  auto* get = call.Own<int(void*, abi::DomainDiskError*, unsigned int, unsigned int)>();
  if (get == nullptr) return;
  int count = get(call.object(0), nullptr, 0, call.flags(1));
  if (!call.Good(count)) return;
  std::vector<abi::DomainDiskError> errors(static_cast<size_t>(count));
  if (count > 0) count = get(call.object(0), errors.data(), static_cast<unsigned int>(count), call.flags(1));
  if (!call.Good(count)) return;
  call.out().BeginRecord();
  for (int i = 0; i < count; ++i) {
    const abi::DomainDiskError& one = errors[static_cast<size_t>(i)];
    call.out().Key(one.disk);
    call.out().Number(one.error);
    std::free(one.disk);
  }
  call.out().EndRecord();
}

/** By virDomainMemoryStatTags; what a later libvirt adds has no name here and is left out. */
constexpr const char* kMemoryStats[] = {"swap_in",     "swap_out",        "major_fault",   "minor_fault", "unused",
                                        "available",   "actual",          "rss",           "usable",      "last_update",
                                        "disk_caches", "hugetlb_pgalloc", "hugetlb_pgfail"};

void MemoryStats(ValueCall& call) {
  auto* get = call.Own<int(void*, abi::DomainMemoryStat*, unsigned int, unsigned int)>();
  if (get == nullptr) return;
  abi::DomainMemoryStat stats[64];
  int count = get(call.object(0), stats, std::size(stats), 0);
  if (!call.Good(count)) return;
  call.out().BeginRecord();
  for (int i = 0; i < count; ++i) {
    auto tag = static_cast<size_t>(stats[i].tag);
    if (tag >= std::size(kMemoryStats)) continue;
    call.out().Key(kMemoryStats[tag]);
    call.out().Unsigned(stats[i].value);
  }
  call.out().EndRecord();
}

void GuestTime(ValueCall& call) {
  auto* get = call.Own<int(void*, long long*, unsigned int*, unsigned int)>();
  long long seconds = 0;
  unsigned int nanoseconds = 0;
  if (get == nullptr || !call.Good(get(call.object(0), &seconds, &nanoseconds, call.flags(1)))) return;
  call.out().BeginRecord();
  call.out().Key("seconds");
  call.out().Signed(seconds);
  call.out().Key("nseconds");
  call.out().Number(nanoseconds);
  call.out().EndRecord();
}

constexpr In kDomain = An(Class::Domain);

const ValueRow kRows[] = {
    {"virDomainGetBlockJobInfo", "0.9.4", "domain,path,flags", {kDomain, In::Text, In::UInt}, 3, BlockJob},
    {"virDomainGetDiskErrors", "0.9.10", "domain,flags", {kDomain, In::UInt}, 2, DiskErrors},
    {"virDomainMemoryStats", "0.7.5", "domain", {kDomain}, 1, MemoryStats},
    {"virDomainGetTime", "1.2.5", "domain,flags", {kDomain, In::UInt}, 2, GuestTime},
};

}  // namespace

bool ExportDictionaries(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
