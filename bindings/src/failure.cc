#include "failure.h"

#include "library.h"

namespace novalet {
namespace {

std::optional<std::string> Copy(const char* text) {
  return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

}  // namespace

Failure CopyLastError(const char* function) { return CopyError(lib::virGetLastError(), function); }

Failure CopyError(const abi::Error* error, const char* function) {
  Failure failure;
  if (error == nullptr || error->code == 0) {
    failure.message = std::string(function) + "() failed";
    return failure;
  }
  failure.raised = true;
  failure.code = error->code;
  failure.domain = error->domain;
  failure.message = error->message == nullptr ? std::string(function) + "() failed" : error->message;
  failure.level = error->level;
  failure.str1 = Copy(error->str1);
  failure.str2 = Copy(error->str2);
  failure.str3 = Copy(error->str3);
  failure.int1 = error->int1;
  failure.int2 = error->int2;
  return failure;
}

Failure NotSupported(Library library, const char* function, const char* since) {
  Failure failure;
  failure.raised = true;
  failure.code = abi::kErrorNoSupport;
  failure.level = abi::kErrorLevelError;
  std::string problem = OpenProblem(library);
  if (!problem.empty()) {
    failure.message = std::string(function) + ": " + problem;
  } else {
    failure.message = std::string(function) + " needs " +
                      (*since == '\0' ? "a later libvirt" : std::string("libvirt ") + since + " or newer") +
                      "; installed is " + InstalledVersion();
  }
  failure.str1 = function;
  return failure;
}

Failure InvalidObject(int code, const char* noun, const char* function) {
  Failure failure;
  failure.raised = true;
  failure.code = code;
  failure.level = abi::kErrorLevelError;
  failure.str1 = std::string("invalid ") + noun + " pointer in %s";
  failure.str2 = function;
  failure.message = std::string("invalid ") + noun + " pointer in " + function;
  return failure;
}

}  // namespace novalet
