// Arguments as they come from JavaScript, checked before anything reaches C.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <string>
#include <vector>

#include "call.h"

namespace novalet {

constexpr size_t kMostArguments = 8;

/** Reads the arguments of one native function; the first refusal is kept and ends the reading. */
class Arguments {
 public:
  /** `names` are the parameters' names, separated by commas. */
  Arguments(napi_env env, napi_callback_info info, const char* function, const char* names);

  bool ok() const { return ok_; }
  const Refusal* refusal() const { return ok_ ? nullptr : &refusal_; }
  void* data() const { return data_; }
  napi_value at(size_t index) const { return values_[index]; }

  /** A whole number within the limits. */
  int32_t Int32(size_t index);
  /** Flags may have come out of JavaScript's `|`, which is signed: -2^31 to 2^32-1, taken as 32 bits. */
  uint32_t Uint32(size_t index);
  int64_t Int64(size_t index);
  uint64_t Uint64(size_t index);
  double Double(size_t index);
  /** A whole number within limits of the caller's. */
  double Whole(size_t index, double lowest, double highest);
  /** A copy of its bytes. */
  std::vector<char> Uint8Array(size_t index);
  /** A malloc'ed copy, or null for null and undefined. */
  char* String(size_t index);
  /** The object of a handle of that class, or null for null and undefined. Borrowed from the handle. */
  Object* Handle(size_t index, Class object_class);
  /** As Handle, where null makes no sense. */
  Object* NeedHandle(size_t index, Class object_class);

 private:
  bool IsNothing(size_t index);
  void Refuse(size_t index, bool range, const std::string& expected);
  std::string NameOfArgument(size_t index) const;
  std::string Describe(napi_value value);
  bool BigInt(size_t index, bool is_signed, int64_t* as_signed, uint64_t* as_unsigned);
  bool Number(size_t index, double lowest, double highest, const char* expected, double* value);

  napi_env env_;
  const char* function_;
  const char* names_;
  void* data_ = nullptr;
  napi_value values_[kMostArguments];
  bool ok_ = true;
  Refusal refusal_;
};

}  // namespace novalet
