// By hand: a list of the caller becomes a C array.
#include <cstdlib>

#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

void KeepText(ValueCall& call, char* text) {
  if (!call.Good(text)) return;
  call.out().Text(text);
  std::free(text);
}

void BaselineCpu(ValueCall& call) {
  auto* baseline = call.Own<char*(void*, const char**, unsigned int, unsigned int)>();
  if (baseline == nullptr) return;
  OwnedTexts& cpus = call.lists().texts;
  KeepText(call, baseline(call.object(0), cpus.data(), cpus.size(), call.flags(2)));
}

void BaselineHypervisorCpu(ValueCall& call) {
  auto* baseline = call.Own<char*(void*, const char*, const char*, const char*, const char*, const char**, unsigned int,
                                  unsigned int)>();
  if (baseline == nullptr) return;
  OwnedTexts& cpus = call.lists().texts;
  KeepText(call, baseline(call.object(0), call.text(1), call.text(2), call.text(3), call.text(4), cpus.data(),
                          cpus.size(), call.flags(6)));
}

void SetKeys(ValueCall& call) {
  auto* set = call.Own<int(void*, const char*, const char**, unsigned int, unsigned int)>();
  if (set == nullptr) return;
  OwnedTexts& keys = call.lists().texts;
  call.OutCount(set(call.object(0), call.text(1), keys.data(), keys.size(), call.flags(3)));
}

/** Freezes or thaws; no list means all. */
void FileSystems(ValueCall& call) {
  auto* act = call.Own<int(void*, const char**, unsigned int, unsigned int)>();
  if (act == nullptr) return;
  OwnedTexts& mountpoints = call.lists().texts;
  call.OutCount(act(call.object(0), mountpoints.data(), mountpoints.size(), call.flags(2)));
}

void SendKey(ValueCall& call) {
  auto* send = call.Own<int(void*, unsigned int, unsigned int, unsigned int*, int, unsigned int)>();
  if (send == nullptr) return;
  std::vector<unsigned int>& keys = call.lists().unsigneds;
  call.OutCount(
      send(call.object(0), call.flags(1), call.flags(2), keys.data(), static_cast<int>(keys.size()), call.flags(4)));
}

void SetGuestTime(ValueCall& call) {
  auto* set = call.Own<int(void*, long long, unsigned int, unsigned int)>();
  if (set == nullptr) return;
  call.OutCount(set(call.object(0), call.wide(1), call.flags(2), call.flags(3)));
}

/** Not the domain's own business, but a method of the domain, as in Python. */
void Revert(ValueCall& call) {
  auto* revert = call.Own<int(void*, unsigned int)>();
  if (revert != nullptr) call.OutCount(revert(call.object(0), call.flags(1)));
}

constexpr In kDomain = An(Class::Domain);
constexpr In kConnect = An(Class::Connect);

const ValueRow kRows[] = {
    {"virConnectBaselineCPU", "0.7.7", "conn,xmlCPUs,flags", {kConnect, In::Texts, In::UInt}, 3, BaselineCpu},
    {"virConnectBaselineHypervisorCPU",
     "4.4.0",
     "conn,emulator?,arch?,machine?,virttype?,xmlCPUs,flags",
     {kConnect, In::Text, In::Text, In::Text, In::Text, In::Texts, In::UInt},
     7,
     BaselineHypervisorCpu},
    {"virDomainAuthorizedSSHKeysSet",
     "6.10.0",
     "domain,user,keys,flags",
     {kDomain, In::Text, In::Texts, In::UInt},
     4,
     SetKeys},
    {"virDomainFSFreeze", "1.2.5", "domain,mountpoints,flags", {kDomain, In::Texts, In::UInt}, 3, FileSystems},
    {"virDomainFSThaw", "1.2.5", "domain,mountpoints,flags", {kDomain, In::Texts, In::UInt}, 3, FileSystems},
    {"virDomainSendKey",
     "0.9.3",
     "domain,codeset,holdtime,keycodes,flags",
     {kDomain, In::UInt, In::UInt, In::Unsigneds, In::UInt},
     5,
     SendKey},
    {"virDomainSetTime",
     "1.2.5",
     "domain,seconds,nseconds,flags",
     {kDomain, In::Long, In::UInt, In::UInt},
     4,
     SetGuestTime},
    {"virDomainRevertToSnapshot", "0.8.0", "snap,flags", {An(Class::DomainSnapshot), In::UInt}, 2, Revert},
};

}  // namespace

bool ExportListsIn(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
