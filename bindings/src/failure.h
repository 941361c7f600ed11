// What went wrong in one call, as plain values that may travel between threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "library.h"

namespace novalet {

/**
 * How a row's result tells that the call failed. Same names and meaning as in the generator.
 *   MinusOne       the integer result is -1 (whatever its width)
 *   Zero           the result is 0 (virDomainGetMaxMemory)
 *   Null           the pointer result is NULL
 *   ZeroWithError  the result is 0 and the calling thread's last error is set (virNodeGetFreeMemory)
 *   NullWithError  the result is NULL and the calling thread's last error is set (virNodeDeviceGetParent: the root has
 * none) Never          the result is always a result
 */
enum class FailureRule : uint8_t { MinusOne, Zero, Null, ZeroWithError, NullWithError, Never };

/** A virError by value, or, with `raised` false, a failure for which libvirt left no error. */
struct Failure {
  bool raised = false;
  int code = 0;
  int domain = 0;
  std::string message;
  int level = 0;
  std::optional<std::string> str1, str2, str3;
  int int1 = -1;
  int int2 = -1;
};

/** Copies the calling thread's last error. To be called right after the call that failed, before any other libvirt
 * call. */
Failure CopyLastError(const char* function);

/** An error of libvirt's, or, where it is null or none, that the function failed. */
Failure CopyError(const abi::Error* error, const char* function);

/** The failure of a function that the installed libvirt does not have, or whose library is not installed. */
Failure NotSupported(Library library, const char* function, const char* since);

/** What libvirt says of an object that is not (any longer) valid: "invalid connection pointer in virDomainGetInfo". */
Failure InvalidObject(int code, const char* noun, const char* function);

}  // namespace novalet
