// Functions by hand whose arguments or results are more than plain values: one row a function, one C++ function for all
// rows that differ in names alone. Everything else about a call is the same code for all.
#pragma once

#include <node_api.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "arguments.h"
#include "call.h"
#include "packer.h"

namespace novalet {

/** What a value row takes: a plain value, a list, or an object. */
enum class In : uint8_t {
  Int,
  UInt,
  Long,
  ULong,
  Text,
  Truth,       // any value, as JavaScript's if would take it
  Texts,       // array of strings, or null
  Integers,    // array of signed 32-bit integers
  Unsigneds,   // array of unsigned 32-bit integers
  Counts,      // array of unsigned 64-bit integers
  Truths,      // array of whatever, each as by Truth
  Bytes,       // Uint8Array, or a string as UTF-8
  Parameters,  // typed parameters: [name, type or 0, value, ...]
  Objects,     // from here on: one object, of Class(in - Objects)
};
constexpr In An(Class object_class) {
  return static_cast<In>(static_cast<uint8_t>(In::Objects) + static_cast<uint8_t>(object_class));
}

class ValueCall;

struct ValueRow {
  const char* name;
  const char* since;
  const char* argument_names;
  In inputs[kMostArguments];
  uint8_t arity;
  /** Pool thread: makes the call and writes the result, or notes the failure. */
  void (*execute)(ValueCall& call);
  /** Of the object that the call gives, where it gives any. */
  Class result_class = Class::Domain;
  Library library = Library::Libvirt;
  /** It only reads what the object holds: answered at once. */
  bool local = false;
  /** The function itself, once a call has looked it up. */
  mutable std::atomic<void*> symbol{nullptr};
};

/** Arguments of lists, and what libvirt is to find where it looks for them. A call has at most one of each. */
struct ListArguments {
  OwnedTexts texts;
  std::vector<int> integers;
  std::vector<unsigned int> unsigneds;
  std::vector<unsigned long long> counts;
  std::vector<bool> truths;
  std::vector<unsigned char> bytes;
  OwnedParameters parameters;
};

class ValueCall final : public Call {
 public:
  ValueCall(Environment* environment, const ValueRow& row);
  ~ValueCall() override;

  void Read(Arguments& from);

  const ValueRow& row() const { return row_; }
  /** Argument `index`, which the row says is of that kind. */
  void* object(size_t index) const { return arguments_[index].object; }
  int integer(size_t index) const { return static_cast<int>(arguments_[index].wide); }
  unsigned int flags(size_t index) const { return static_cast<unsigned int>(arguments_[index].wide); }
  int64_t wide(size_t index) const { return arguments_[index].wide; }
  uint64_t unsigned_wide(size_t index) const { return static_cast<uint64_t>(arguments_[index].wide); }
  bool truth(size_t index) const { return arguments_[index].wide != 0; }
  const char* text(size_t index) const { return arguments_[index].text; }
  ListArguments& lists() { return lists_; }

  Packer& out() { return out_; }
  /** The result is these bytes; takes over the malloc'ed memory. */
  void OutBytes(void* bytes, size_t count);
  /** The result is a new object of the row's class, maybe a connection; takes over the reference. */
  void OutObject(void* pointer);
  /** An element of the result that is an object. */
  void PackObject(Class object_class, void* pointer);
  /** The result is this number, unless it says that the call failed. */
  void OutCount(int value) {
    if (Good(value)) out_.Number(value);
  }

  /** The row's own function; null, and the failure noted, when the installed library lacks it. */
  template <typename Signature>
  Signature* Own() {
    return reinterpret_cast<Signature*>(FindOwn());
  }
  /** Whether `result` says that the call succeeded; the failure is noted if not. */
  template <typename R>
  bool Good(R result) {
    bool failed;
    if constexpr (std::is_pointer_v<R>) {
      failed = result == nullptr;
    } else {
      failed = result < 0;
    }
    if (failed) FailWithLastError();
    return !failed;
  }
  /** A failure that is not libvirt's. */
  void FailWith(const std::string& message);

 protected:
  void Execute() override { row_.execute(*this); }
  napi_value Result(napi_env env) override;

 private:
  void* FindOwn();

  union Argument {
    int64_t wide;
    char* text;
    void* object;
  };

  const ValueRow& row_;
  Argument arguments_[kMostArguments] = {};
  ListArguments lists_;
  Packer out_;
  void* bytes_ = nullptr;
  size_t byte_count_ = 0;
};

/** Puts the rows onto the addon's exports. */
bool ExportValueRows(napi_env env, napi_value exports, const ValueRow* rows, size_t count);
template <size_t count>
bool ExportValueRows(napi_env env, napi_value exports, const ValueRow (&rows)[count]) {
  return ExportValueRows(env, exports, rows, count);
}

}  // namespace novalet
