// Arguments as they come from JavaScript, checked before anything reaches C.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <string>
#include <vector>

#include "call.h"

namespace novalet {

constexpr size_t kMostArguments = 8;

/** A list of malloc'ed strings. */
class OwnedTexts {
 public:
  OwnedTexts() = default;
  ~OwnedTexts();
  OwnedTexts(const OwnedTexts&) = delete;
  OwnedTexts& operator=(const OwnedTexts&) = delete;

  void Add(char* text) { texts_.push_back(text); }
  /** As libvirt takes it; null when the caller gave null. */
  const char** data() {
    texts_.reserve(1);  // an empty array is not null
    return given ? const_cast<const char**>(texts_.data()) : nullptr;
  }
  unsigned int size() const { return static_cast<unsigned int>(texts_.size()); }

  bool given = false;

 private:
  std::vector<char*> texts_;
};

/** Typed parameters that own their strings. */
class OwnedParameters {
 public:
  OwnedParameters() = default;
  ~OwnedParameters();
  OwnedParameters(const OwnedParameters&) = delete;
  OwnedParameters& operator=(const OwnedParameters&) = delete;

  /** `guessed`: the type is what the value looks like, not what libvirt is known to want. */
  void Add(const abi::TypedParameter& parameter, bool guessed);
  /** Gives those with guessed types the types of the same names in `known`, where their values fit. */
  void Learn(const abi::TypedParameter* known, int count);

  bool guesses() const { return guesses_; }
  /** Null for none. */
  abi::TypedParameter* data() { return parameters_.empty() ? nullptr : parameters_.data(); }
  int size() const { return static_cast<int>(parameters_.size()); }

 private:
  std::vector<abi::TypedParameter> parameters_;
  std::vector<bool> guessed_;
  bool guesses_ = false;
};

/** Half a character, which UTF-8 cannot say and Node would replace, is somewhere in a string. `utf8`: what Node made of
 * it. */
bool HasLoneSurrogate(napi_env env, napi_value string, const char* utf8, size_t length);

/** The object of a handle of that class on which calls may be made; null for anything else. JavaScript's thread. */
Object* UsableObject(napi_env env, napi_value handle, Class object_class);

/** Reads the arguments of one native function; the first refusal is kept and ends the reading. */
class Arguments {
 public:
  /** `names` are the parameters' names, separated by commas; a `?` after one: a string that may be null. */
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
  /** A malloc'ed copy, or null for null and undefined where that may be. Some drivers crash when it may not. */
  char* String(size_t index);
  /** The object of a handle of that class, or null for null and undefined. Borrowed from the handle. */
  Object* Handle(size_t index, Class object_class);
  /** As Handle, where null makes no sense: drivers crash on it. */
  Object* NeedHandle(size_t index, Class object_class);

  /** As JavaScript's if would take it, but there must be something. */
  bool Truth(size_t index);
  /** An array of strings; null and undefined are no array at all. */
  void Texts(size_t index, OwnedTexts* texts);
  void Integers(size_t index, std::vector<int>* integers);
  void Unsigneds(size_t index, std::vector<unsigned int>* unsigneds);
  void Counts(size_t index, std::vector<unsigned long long>* counts);
  void Truths(size_t index, std::vector<bool>* truths);
  /** A copy of a Uint8Array's bytes, or of a string's as UTF-8. */
  void Bytes(size_t index, std::vector<unsigned char>* bytes);
  /** What lib/typed-parameters.ts makes of a dictionary: an array of name, type (0: guess), value, name, ... */
  void Parameters(size_t index, OwnedParameters* parameters);
  /** Handles of that class in an array. */
  void Handles(size_t index, Class object_class, std::vector<Object*>* objects);

 private:
  bool Array(size_t index, const char* expected, uint32_t* length);
  /** Runs `read` with each element in the place of the argument, so that refusals name it: "cpus[2]". */
  template <typename Read>
  void Elements(size_t index, const char* expected, Read read);
  void Parameter(size_t index, int type, abi::TypedParameter* parameter);
  bool Guess(size_t index, int* type);
  bool IsNothing(size_t index);
  void Refuse(size_t index, bool range, const std::string& expected);
  std::string NameOfArgument(size_t index) const;
  bool MayBeNothing(size_t index) const;
  std::string Describe(napi_value value);
  bool BigInt(size_t index, bool is_signed, int64_t* as_signed, uint64_t* as_unsigned);
  bool Number(size_t index, double lowest, double highest, const char* expected, double* value);

  napi_env env_;
  const char* function_;
  const char* names_;
  void* data_ = nullptr;
  napi_value values_[kMostArguments];
  bool ok_ = true;
  std::string part_;  // of the argument that is being read: "[2]", or ".weight"
  Refusal refusal_;
};

}  // namespace novalet
