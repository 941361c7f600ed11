// By hand: file descriptors of the caller go in, and stay the caller's; those that come out are the caller's to close.
#include <cstdlib>

#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

unsigned int CountOf(const std::vector<int>& files) { return static_cast<unsigned int>(files.size()); }

void Create(ValueCall& call) {
  auto* create = call.Own<int(void*, unsigned int, int*, unsigned int)>();
  if (create == nullptr) return;
  std::vector<int>& files = call.lists().integers;
  call.OutCount(create(call.object(0), CountOf(files), files.data(), call.flags(2)));
}

void CreateXml(ValueCall& call) {
  auto* create = call.Own<void*(void*, const char*, unsigned int, int*, unsigned int)>();
  if (create == nullptr) return;
  std::vector<int>& files = call.lists().integers;
  void* domain = create(call.object(0), call.text(1), CountOf(files), files.data(), call.flags(3));
  if (call.Good(domain)) call.OutObject(domain);
}

void Associate(ValueCall& call) {
  auto* associate = call.Own<int(void*, const char*, unsigned int, int*, unsigned int)>();
  if (associate == nullptr) return;
  std::vector<int>& files = call.lists().integers;
  call.OutCount(associate(call.object(0), call.text(1), CountOf(files), files.data(), call.flags(3)));
}

void PackFiles(Packer& out, const int* files, size_t count) {
  out.List(count, [&](size_t i) { out.Number(files[i]); });
}

void OpenNamespace(ValueCall& call) {
  auto* open = call.Own<int(void*, int**, unsigned int)>();
  if (open == nullptr) return;
  int* files = nullptr;
  int count = open(call.object(0), &files, call.flags(1));
  if (!call.Good(count)) return;
  PackFiles(call.out(), files, static_cast<size_t>(count));
  std::free(files);
}

constexpr In kDomain = An(Class::Domain);

const ValueRow kRows[] = {
    {"virDomainCreateWithFiles", "1.1.1", "domain,files,flags", {kDomain, In::Integers, In::UInt}, 3, Create},
    {"virDomainCreateXMLWithFiles",
     "1.1.1",
     "conn,xmlDesc,files,flags",
     {An(Class::Connect), In::Text, In::Integers, In::UInt},
     4,
     CreateXml,
     Class::Domain},
    {"virDomainFDAssociate",
     "9.0.0",
     "domain,name,files,flags",
     {kDomain, In::Text, In::Integers, In::UInt},
     4,
     Associate},
    {"virDomainLxcOpenNamespace",
     "1.0.2",
     "domain,flags",
     {kDomain, In::UInt},
     2,
     OpenNamespace,
     Class::Domain,
     Library::Lxc},
};

}  // namespace

bool ExportFileDescriptors(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
