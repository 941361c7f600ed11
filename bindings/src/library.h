// libvirt's shared libraries, opened when first needed: one binary of the addon serves every libvirt.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "abi.h"

namespace novalet {

enum class Library : uint8_t { Libvirt, Qemu, Lxc, Admin };

/** Opens libvirt.so.0. False, and what to install, when it is not there or lacks what the runtime itself needs. */
bool OpenLibvirt(std::string* problem);

/** A public function of a library, or null when the library or the function is missing. Any thread. */
void* FindSymbol(Library library, const char* name);

/** Why a library cannot be used, and what to install; empty when it can. */
std::string OpenProblem(Library library);

/** The installed libvirt as "9.0.0". */
std::string InstalledVersion();

/** A libvirt function that hand-written code calls, looked up on first use. */
template <typename Signature>
class Function;

template <typename R, typename... A>
class Function<R(A...)> {
 public:
  constexpr Function(const char* name, const char* since, Library library = Library::Libvirt)
      : name(name), since(since), library(library) {}

  const char* const name;
  const char* const since;
  const Library library;

  bool Exists() { return Find() != nullptr; }
  /** Only where Exists() is certain. */
  R operator()(A... args) { return reinterpret_cast<R (*)(A...)>(Find())(args...); }

 private:
  void* Find() {
    void* found = symbol_.load(std::memory_order_relaxed);
    if (found == nullptr) {
      found = FindSymbol(library, name);
      symbol_.store(found, std::memory_order_relaxed);
    }
    return found;
  }

  std::atomic<void*> symbol_{nullptr};
};

/** libvirt's functions by their own names. Its objects are void* here: the class is checked where a handle comes in. */
namespace lib {

inline Function<int()> virInitialize{"virInitialize", "0.1.0"};
inline Function<int(unsigned long*, const char*, unsigned long*)> virGetVersion{"virGetVersion", "0.0.3"};
inline Function<abi::Error*()> virGetLastError{"virGetLastError", "0.1.0"};
inline Function<void()> virResetLastError{"virResetLastError", "0.1.0"};
inline Function<void(void*, void (*)(void*, abi::Error*))> virSetErrorFunc{"virSetErrorFunc", "0.1.0"};

inline Function<int(void*)> virConnectClose{"virConnectClose", "0.0.3"};
inline Function<int(void*)> virDomainRef{"virDomainRef", "0.6.0"};
inline Function<int(void*)> virDomainFree{"virDomainFree", "0.0.3"};

inline Function<int(void*)> virStreamAbort{"virStreamAbort", "0.7.2"};
inline Function<int(void*)> virStreamEventRemoveCallback{"virStreamEventRemoveCallback", "0.7.2"};

inline Function<int(void*, int, unsigned int)> virConnectSetKeepAlive{"virConnectSetKeepAlive", "0.9.8"};
inline Function<void*(const char*, abi::Auth*, unsigned int)> virConnectOpenAuth{"virConnectOpenAuth", "0.4.0"};
inline Function<int(void*, unsigned int, abi::DomainStatsRecord***, unsigned int)> virConnectGetAllDomainStats{
    "virConnectGetAllDomainStats", "1.2.8"};
inline Function<int(void**, unsigned int, abi::DomainStatsRecord***, unsigned int)> virDomainListGetStats{
    "virDomainListGetStats", "1.2.8"};
inline Function<void(abi::DomainStatsRecord**)> virDomainStatsRecordListFree{"virDomainStatsRecordListFree", "1.2.8"};

inline Function<int(void*, abi::CloseCallback, void*, abi::FreeCallback)> virConnectRegisterCloseCallback{
    "virConnectRegisterCloseCallback", "0.10.0"};
inline Function<int(void*, abi::CloseCallback)> virConnectUnregisterCloseCallback{"virConnectUnregisterCloseCallback",
                                                                                  "0.10.0"};

using AddHandle = int (*)(int fd, int events, abi::EventHandleCallback, void* opaque, abi::FreeCallback);
using UpdateHandle = void (*)(int watch, int events);
using RemoveHandle = int (*)(int watch);
using AddTimeout = int (*)(int milliseconds, abi::EventTimeoutCallback, void* opaque, abi::FreeCallback);
using UpdateTimeout = void (*)(int timer, int milliseconds);
using RemoveTimeout = int (*)(int timer);
inline Function<void(AddHandle, UpdateHandle, RemoveHandle, AddTimeout, UpdateTimeout, RemoveTimeout)>
    virEventRegisterImpl{"virEventRegisterImpl", "0.5.0"};

}  // namespace lib
}  // namespace novalet
