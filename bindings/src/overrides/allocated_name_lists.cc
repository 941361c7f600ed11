// By hand: an array of strings that libvirt allocates becomes a list.
#include <cstdlib>

#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

void PackAndFree(ValueCall& call, char** texts, int count) {
  if (!call.Good(count)) return;
  call.out().List(static_cast<size_t>(count), [&](size_t i) { call.out().Text(texts[i]); });
  for (int i = 0; i < count; ++i) std::free(texts[i]);
  std::free(texts);
}

void Texts(ValueCall& call) {
  auto* get = call.Own<int(void*, char***, unsigned int)>();
  if (get == nullptr) return;
  char** texts = nullptr;
  int count = get(call.object(0), &texts, call.flags(1));
  PackAndFree(call, texts, count);
}

void TextsOfName(ValueCall& call) {
  auto* get = call.Own<int(void*, const char*, char***, unsigned int)>();
  if (get == nullptr) return;
  char** texts = nullptr;
  int count = get(call.object(0), call.text(1), &texts, call.flags(2));
  PackAndFree(call, texts, count);
}

const ValueRow kRows[] = {
    {"virConnectGetCPUModelNames",
     "1.1.3",
     "conn,arch,flags",
     {An(Class::Connect), In::Text, In::UInt},
     3,
     TextsOfName},
    {"virDomainAuthorizedSSHKeysGet",
     "6.10.0",
     "domain,user,flags",
     {An(Class::Domain), In::Text, In::UInt},
     3,
     TextsOfName},
    {"virDomainGetMessages", "7.1.0", "domain,flags", {An(Class::Domain), In::UInt}, 2, Texts},
};

}  // namespace

bool ExportAllocatedNameLists(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
