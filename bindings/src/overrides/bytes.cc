// By hand: bytes of a given length go in or come out.
#include <cstdlib>

#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

// libvirt's protocol carries far less in one call; this only keeps a slip from asking for all memory.
constexpr uint64_t kMostBytes = 1 << 30;

/** A buffer for the result; null, and the failure noted, when it cannot be had. */
unsigned char* Room(ValueCall& call, uint64_t size) {
  auto* buffer =
      size > kMostBytes ? nullptr : static_cast<unsigned char*>(std::malloc(size == 0 ? 1 : static_cast<size_t>(size)));
  if (buffer == nullptr) call.FailWith("size must be at most 1073741824, not " + std::to_string(size));
  return buffer;
}

void Keep(ValueCall& call, int result, unsigned char* buffer, uint64_t size) {
  if (call.Good(result)) return call.OutBytes(buffer, static_cast<size_t>(size));
  std::free(buffer);
}

void BlockPeek(ValueCall& call) {
  auto* peek = call.Own<int(void*, const char*, unsigned long long, size_t, void*, unsigned int)>();
  uint64_t size = call.unsigned_wide(3);
  unsigned char* buffer = peek == nullptr ? nullptr : Room(call, size);
  if (buffer == nullptr) return;
  Keep(call,
       peek(call.object(0), call.text(1), call.unsigned_wide(2), static_cast<size_t>(size), buffer, call.flags(4)),
       buffer, size);
}

void MemoryPeek(ValueCall& call) {
  auto* peek = call.Own<int(void*, unsigned long long, size_t, void*, unsigned int)>();
  uint64_t size = call.unsigned_wide(2);
  unsigned char* buffer = peek == nullptr ? nullptr : Room(call, size);
  if (buffer == nullptr) return;
  Keep(call, peek(call.object(0), call.unsigned_wide(1), static_cast<size_t>(size), buffer, call.flags(3)), buffer,
       size);
}

void SecretValue(ValueCall& call) {
  auto* get = call.Own<unsigned char*(void*, size_t*, unsigned int)>();
  if (get == nullptr) return;
  size_t size = 0;
  unsigned char* value = get(call.object(0), &size, call.flags(1));
  if (call.Good(value)) call.OutBytes(value, size);
}

void SetSecretValue(ValueCall& call) {
  auto* set = call.Own<int(void*, const unsigned char*, size_t, unsigned int)>();
  if (set == nullptr) return;
  const std::vector<unsigned char>& value = call.lists().bytes;
  // libvirt wants a pointer even to nothing.
  static const unsigned char kNothing[1] = {};
  call.OutCount(set(call.object(0), value.empty() ? kNothing : value.data(), value.size(), call.flags(2)));
}

constexpr In kDomain = An(Class::Domain);
constexpr In kSecret = An(Class::Secret);

const ValueRow kRows[] = {
    {"virDomainBlockPeek",
     "0.4.2",
     "domain,disk,offset,size,flags",
     {kDomain, In::Text, In::ULong, In::ULong, In::UInt},
     5,
     BlockPeek},
    {"virDomainMemoryPeek",
     "0.4.2",
     "domain,start,size,flags",
     {kDomain, In::ULong, In::ULong, In::UInt},
     4,
     MemoryPeek},
    {"virSecretGetValue", "0.7.1", "secret,flags", {kSecret, In::UInt}, 2, SecretValue},
    {"virSecretSetValue", "0.7.1", "secret,value,flags", {kSecret, In::Bytes, In::UInt}, 3, SetSecretValue},
};

}  // namespace

bool ExportBytes(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
