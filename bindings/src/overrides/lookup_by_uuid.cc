// By hand: 16 bytes go in.
#include "../abi.h"
#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

void LookUp(ValueCall& call) {
  auto* look_up = call.Own<void*(void*, const unsigned char*)>();
  if (look_up == nullptr) return;
  const std::vector<unsigned char>& uuid = call.lists().bytes;
  if (uuid.size() != abi::kUuidLength)
    return call.FailWith("uuid must be 16 bytes, not " + std::to_string(uuid.size()));
  void* found = look_up(call.object(0), uuid.data());
  if (call.Good(found)) call.OutObject(found);
}

constexpr ValueRow LooksUp(const char* name, const char* since, Class owner, Class found) {
  return {name, since, "object,uuid", {An(owner), In::Bytes}, 2, LookUp, found};
}

const ValueRow kRows[] = {
    LooksUp("virDomainLookupByUUID", "0.0.5", Class::Connect, Class::Domain),
    LooksUp("virNWFilterLookupByUUID", "0.8.0", Class::Connect, Class::NWFilter),
    LooksUp("virNetworkLookupByUUID", "0.2.0", Class::Connect, Class::Network),
    LooksUp("virNetworkPortLookupByUUID", "5.5.0", Class::Network, Class::NetworkPort),
    LooksUp("virSecretLookupByUUID", "0.7.1", Class::Connect, Class::Secret),
    LooksUp("virStoragePoolLookupByUUID", "0.4.1", Class::Connect, Class::StoragePool),
};

}  // namespace

bool ExportUuidLookups(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
