#include "library.h"

#include <dlfcn.h>

#include <mutex>

namespace novalet {
namespace {

struct Opened {
  const char* file;
  std::once_flag once;
  void* handle = nullptr;
  std::string problem;
};

Opened& Of(Library library) {
  // Never destroyed: detached threads may still be inside libvirt when the process leaves.
  static Opened* const opened = new Opened[4]{{"libvirt.so.0", {}, nullptr, {}},
                                              {"libvirt-qemu.so.0", {}, nullptr, {}},
                                              {"libvirt-lxc.so.0", {}, nullptr, {}},
                                              {"libvirt-admin.so.0", {}, nullptr, {}}};
  return opened[static_cast<size_t>(library)];
}

void* Open(Library library) {
  Opened& opened = Of(library);
  std::call_once(opened.once, [&opened] {
    opened.handle = dlopen(opened.file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (opened.handle == nullptr) {
      const char* reason = dlerror();
      opened.problem = reason == nullptr ? opened.file : reason;
    }
  });
  return opened.handle;
}

void KeepSilent(void*, abi::Error*) {}

}  // namespace

bool OpenLibvirt(std::string* problem) {
  if (Open(Library::Libvirt) == nullptr) {
    *problem = OpenProblem(Library::Libvirt);
    return false;
  }
  if (!lib::virGetLastError.Exists() || !lib::virEventRegisterImpl.Exists() || !lib::virDomainRef.Exists() ||
      !lib::virConnectClose.Exists()) {
    *problem = "the installed libvirt.so.0 is too old: @novalet/libvirt needs libvirt 0.9.13 or newer";
    return false;
  }
  static std::once_flag once;
  static bool initialized = false;
  std::call_once(once, [] {
    initialized = lib::virInitialize() == 0;
    // A rejected promise carries the whole error; a second copy on stderr would only surprise.
    lib::virSetErrorFunc(nullptr, KeepSilent);
  });
  if (!initialized) *problem = "virInitialize() failed";
  return initialized;
}

void* FindSymbol(Library library, const char* name) {
  void* handle = Open(library);
  return handle == nullptr ? nullptr : dlsym(handle, name);
}

std::string OpenProblem(Library library) {
  if (Open(library) != nullptr) return "";
  // Debian's libvirt0 has all four libraries, Fedora's libvirt-libs too.
  return "libvirt's client library cannot be opened (" + Of(library).problem +
         "). Install it: Debian and Ubuntu: apt-get install libvirt0; Fedora and RHEL: dnf install libvirt-libs";
}

std::string InstalledVersion() {
  unsigned long version = 0;
  if (lib::virGetVersion(&version, nullptr, nullptr) != 0) return "an unknown version";
  return std::to_string(version / 1000000) + "." + std::to_string(version / 1000 % 1000) + "." +
         std::to_string(version % 1000);
}

}  // namespace novalet
