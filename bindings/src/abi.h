// The few public structures of libvirt that hand-written functions read or fill. Their layout is part of libvirt's ABI,
// so the addon builds without libvirt's headers; abi_check.cc holds them against the headers where those are installed.
#pragma once

#include <cstddef>

namespace novalet::abi {

/** virError: what virGetLastError points to. */
struct Error {
  int code;
  int domain;
  char* message;
  int level;
  void* conn;
  void* dom;
  char* str1;
  char* str2;
  char* str3;
  int int1;
  int int2;
  void* net;
};

/** virDomainInfo; memory in KiB, cpu_time in nanoseconds. */
struct DomainInfo {
  unsigned char state;
  unsigned long max_mem;
  unsigned long memory;
  unsigned short nr_virt_cpu;
  unsigned long long cpu_time;
};

/** The values of virTypedParameterType. */
enum TypedParameterType { kInt = 1, kUInt = 2, kLLong = 3, kULLong = 4, kDouble = 5, kBoolean = 6, kString = 7 };

/** virTypedParameter. */
struct TypedParameter {
  char field[80];
  int type;
  union {
    int i;
    unsigned int ui;
    long long l;
    unsigned long long ul;
    double d;
    char b;
    char* s;
  } value;
};

/** virDomainStatsRecord; `dom` is borrowed from the record. */
struct DomainStatsRecord {
  void* dom;
  TypedParameter* params;
  int nparams;
};

/** virConnectCredential; `result` is malloc'ed by the callback and freed by libvirt. */
struct Credential {
  int type;
  const char* prompt;
  const char* challenge;
  const char* defresult;
  char* result;
  unsigned int resultlen;
};

/** virDomainEventGraphicsAddress. */
struct GraphicsAddress {
  int family;
  char* node;
  char* service;
};

/** virDomainEventGraphicsSubjectIdentity. */
struct GraphicsIdentity {
  char* type;
  char* name;
};

/** virDomainEventGraphicsSubject. */
struct GraphicsSubject {
  int count;
  GraphicsIdentity* identities;
};

using CredentialCallback = int (*)(Credential* credentials, unsigned int count, void* opaque);

/** virConnectAuth. */
struct Auth {
  int* credtype;
  unsigned int ncredtype;
  CredentialCallback cb;
  void* cbdata;
};

using FreeCallback = void (*)(void* opaque);
using EventHandleCallback = void (*)(int watch, int fd, int events, void* opaque);
using EventTimeoutCallback = void (*)(int timer, void* opaque);
using EventCallback = void (*)();  // of any event of any class: cast to the event's own signature
using CloseCallback = void (*)(void* conn, int reason, void* opaque);

/** virEventHandleType. */
enum EventHandleType { kReadable = 1, kWritable = 2, kError = 4, kHangup = 8 };

constexpr int kUuidLength = 16;        // VIR_UUID_BUFLEN
constexpr int kUuidStringLength = 37;  // VIR_UUID_STRING_BUFLEN, with the final NUL
constexpr int kErrorNoSupport = 3;     // VIR_ERR_NO_SUPPORT
constexpr int kErrorLevelError = 2;    // VIR_ERR_ERROR

}  // namespace novalet::abi
