// Functions as data: one row a function, one small template instance a call signature. Everything else about a call is
// the same code for all.
#pragma once

#include <node_api.h>

#include <atomic>
#include <cstdint>

#include "arguments.h"
#include "failure.h"
#include "library.h"

namespace novalet {

/** How a C value crosses: the names that the generated rows use. */
enum class Kind : uint8_t {
  Void,
  Int,
  UInt,
  Long,
  ULong,
  LLong,
  ULLong,
  Size,
  Double,
  OwnedStr,
  BorrowedStr,
  Str,
  UStr,
  Object
};

enum class Dispatch : uint8_t { Sync, Async };

/** One argument or result on its way between JavaScript and C. */
union Slot {
  int as_int;
  unsigned int as_uint;
  long as_long;
  unsigned long as_ulong;
  long long as_llong;
  unsigned long long as_ullong;
  size_t as_size;
  double as_double;
  char* as_string;
  void* as_object;
};

struct Row {
  const char* name;
  const char* since;
  Library library;
  Dispatch dispatch;
  FailureRule rule;
  const char* argument_names;
  /** Calls `function` with the slots: an instance of Signature. */
  void (*call)(void* function, const Slot* arguments, Slot* result);
  Kind result;
  Class result_class;
  uint8_t arity;
  Kind kinds[kMostArguments];
  Class classes[kMostArguments];
  /** The function itself, once a call has looked it up. */
  mutable std::atomic<void*> symbol;
};

/** The native function of every row; its data is the row. */
napi_value InvokeRow(napi_env env, napi_callback_info info);

/** Puts the rows onto the addon's exports. */
bool ExportRows(napi_env env, napi_value exports, const Row* rows, size_t count);

bool ExportLibvirtRows(napi_env env, napi_value exports);
bool ExportQemuRows(napi_env env, napi_value exports);
bool ExportLxcRows(napi_env env, napi_value exports);

/** The C side of each kind: its type, its slot. Objects of every class are one shape here. */
template <Kind kind>
struct Shape;

#define NOVALET_SHAPE(kind, ctype, slot)                                        \
  template <>                                                                   \
  struct Shape<Kind::kind> {                                                    \
    using Type = ctype;                                                         \
    static Type Read(const Slot& from) { return static_cast<Type>(from.slot); } \
    static void Write(Slot* to, Type value) { to->slot = value; }               \
  };
NOVALET_SHAPE(Int, int, as_int)
NOVALET_SHAPE(UInt, unsigned int, as_uint)
NOVALET_SHAPE(Long, long, as_long)
NOVALET_SHAPE(ULong, unsigned long, as_ulong)
NOVALET_SHAPE(LLong, long long, as_llong)
NOVALET_SHAPE(ULLong, unsigned long long, as_ullong)
NOVALET_SHAPE(Size, size_t, as_size)
NOVALET_SHAPE(Double, double, as_double)
NOVALET_SHAPE(OwnedStr, char*, as_string)
NOVALET_SHAPE(Object, void*, as_object)
#undef NOVALET_SHAPE

template <>
struct Shape<Kind::BorrowedStr> {
  using Type = const char*;
  static void Write(Slot* to, Type value) { to->as_string = const_cast<char*>(value); }
};
template <>
struct Shape<Kind::Str> {
  using Type = const char*;
  static Type Read(const Slot& from) { return from.as_string; }
};
template <>
struct Shape<Kind::UStr> {
  using Type = const unsigned char*;
  static Type Read(const Slot& from) { return reinterpret_cast<Type>(from.as_string); }
};
template <>
struct Shape<Kind::Void> {
  using Type = void;
};

template <Kind R, Kind... A>
struct Signature {
  static void Call(void* function, const Slot* arguments, Slot* result) {
    Apply(function, arguments, result, std::make_index_sequence<sizeof...(A)>());
  }

 private:
  template <size_t... I>
  static void Apply(void* function, [[maybe_unused]] const Slot* arguments, [[maybe_unused]] Slot* result,
                    std::index_sequence<I...>) {
    auto* typed = reinterpret_cast<typename Shape<R>::Type (*)(typename Shape<A>::Type...)>(function);
    if constexpr (R == Kind::Void) {
      typed(Shape<A>::Read(arguments[I])...);
    } else {
      Shape<R>::Write(result, typed(Shape<A>::Read(arguments[I])...));
    }
  }
};

/** The tokens of the generated rows, as types: a kind, and for objects their class. */
template <Kind kind_, Class class_ = Class::Connect>
struct Token {
  static constexpr Kind kind = kind_;
  static constexpr Class object_class = class_;
};

template <typename R, typename... A>
constexpr Row MakeRow(Library library, const char* name, const char* since, Dispatch dispatch, FailureRule rule,
                      const char* argument_names) {
  static_assert(sizeof...(A) <= kMostArguments, "raise kMostArguments");
  return {name,
          since,
          library,
          dispatch,
          rule,
          argument_names,
          &Signature<R::kind, A::kind...>::Call,
          R::kind,
          R::object_class,
          sizeof...(A),
          {A::kind...},
          {A::object_class...},
          nullptr};
}

namespace token {
using Void = Token<Kind::Void>;
using Int = Token<Kind::Int>;
using UInt = Token<Kind::UInt>;
using Long = Token<Kind::Long>;
using ULong = Token<Kind::ULong>;
using LLong = Token<Kind::LLong>;
using ULLong = Token<Kind::ULLong>;
using Size = Token<Kind::Size>;
using Double = Token<Kind::Double>;
using OwnedStr = Token<Kind::OwnedStr>;
using BorrowedStr = Token<Kind::BorrowedStr>;
using Str = Token<Kind::Str>;
using UStr = Token<Kind::UStr>;
using Connect = Token<Kind::Object, Class::Connect>;
using Domain = Token<Kind::Object, Class::Domain>;
using DomainCheckpoint = Token<Kind::Object, Class::DomainCheckpoint>;
using DomainSnapshot = Token<Kind::Object, Class::DomainSnapshot>;
using Network = Token<Kind::Object, Class::Network>;
using NetworkPort = Token<Kind::Object, Class::NetworkPort>;
using Interface = Token<Kind::Object, Class::Interface>;
using StoragePool = Token<Kind::Object, Class::StoragePool>;
using StorageVol = Token<Kind::Object, Class::StorageVol>;
using NodeDevice = Token<Kind::Object, Class::NodeDevice>;
using Secret = Token<Kind::Object, Class::Secret>;
using NWFilter = Token<Kind::Object, Class::NWFilter>;
using NWFilterBinding = Token<Kind::Object, Class::NWFilterBinding>;
using Stream = Token<Kind::Object, Class::Stream>;
}  // namespace token

}  // namespace novalet
