#include "row.h"

#include <cstdlib>
#include <cstring>
#include <utility>

#include "event_loop.h"
#include "library_claim.h"

namespace novalet {
namespace {

/** A call of a row. */
class RowCall final : public Call {
 public:
  RowCall(Environment* environment, const Row& row) : Call(environment, row.name), row_(row) {}

  ~RowCall() override {
    for (size_t i = 0; i < row_.arity; ++i) {
      if (IsString(row_.kinds[i])) std::free(arguments_[i].as_string);
    }
    if (owns_string_) std::free(result_.as_string);
    if (object_ != nullptr) object_->Release();
  }

  void Read(Arguments& from) {
    for (size_t i = 0; i < row_.arity && from.ok(); ++i) ReadOne(from, i);
  }

 protected:
  void Execute() override {
    void* function = row_.symbol.load(std::memory_order_relaxed);
    if (function == nullptr) {
      function = FindSymbol(row_.library, row_.name);
      if (function == nullptr) return Fail(NotSupported(row_.library, row_.name, row_.since));
      row_.symbol.store(function, std::memory_order_relaxed);
    }
    if (row_.result == Kind::Object && row_.result_class == Class::Connect) {
      if (std::optional<Failure> why = ClaimProcess(Library::Libvirt, row_.name)) return Fail(std::move(*why));
      EventLoop::Register();
    }
    if (row_.rule == FailureRule::ZeroWithError || row_.rule == FailureRule::NullWithError) lib::virResetLastError();
    row_.call(function, arguments_, &result_);
    if (Failed()) return FailWithLastError();
    Keep();
  }

  napi_value Result(napi_env env) override {
    napi_value value = nullptr;
    switch (row_.result) {
      case Kind::Void:
        napi_get_undefined(env, &value);
        return value;
      case Kind::Int:
        napi_create_int32(env, result_.as_int, &value);
        return value;
      case Kind::UInt:  // signed on purpose: the one such function, virDomainGetID, says -1 for "not running"
        napi_create_int32(env, result_.as_int, &value);
        return value;
      case Kind::Long:
        return Int64ToJs(env, result_.as_long);
      case Kind::ULong:
        return Uint64ToJs(env, result_.as_ulong);
      case Kind::LLong:
        return Int64ToJs(env, result_.as_llong);
      case Kind::ULLong:
        return Uint64ToJs(env, result_.as_ullong);
      case Kind::Size:
        return Uint64ToJs(env, result_.as_size);
      case Kind::Double:
        napi_create_double(env, result_.as_double, &value);
        return value;
      case Kind::OwnedStr:
      case Kind::BorrowedStr:
      case Kind::Str:
      case Kind::UStr:
        return StringOrNull(env, result_.as_string);
      case Kind::Object:
        return HandleToJs(env, std::exchange(object_, nullptr));
    }
    return nullptr;
  }

 private:
  static bool IsString(Kind kind) { return kind == Kind::Str || kind == Kind::UStr; }

  void ReadOne(Arguments& from, size_t i) {
    Slot& slot = arguments_[i];
    switch (row_.kinds[i]) {
      case Kind::Int:
        slot.as_int = from.Int32(i);
        break;
      case Kind::UInt:
        slot.as_uint = from.Uint32(i);
        break;
      case Kind::Long:
      case Kind::LLong:
        slot.as_llong = from.Int64(i);
        break;
      case Kind::ULong:
      case Kind::ULLong:
      case Kind::Size:
        slot.as_ullong = from.Uint64(i);
        break;
      case Kind::Double:
        slot.as_double = from.Double(i);
        break;
      case Kind::Str:
      case Kind::UStr:
        slot.as_string = from.String(i);
        break;
      case Kind::Object: {
        Object* object = from.NeedHandle(i, row_.classes[i]);
        if (object != nullptr) Use(object);
        slot.as_object = object == nullptr ? nullptr : object->pointer();
        break;
      }
      case Kind::Void:
      case Kind::OwnedStr:
      case Kind::BorrowedStr:
        break;  // results only
    }
  }

  bool Failed() const {
    switch (row_.rule) {
      case FailureRule::MinusOne:
        switch (row_.result) {
          case Kind::Int:
          case Kind::UInt:
            return result_.as_int == -1;
          default:
            return result_.as_llong == -1;
        }
      case FailureRule::Zero:
        return result_.as_ullong == 0;
      case FailureRule::Null:
        return result_.as_object == nullptr;
      case FailureRule::ZeroWithError:
      case FailureRule::NullWithError:
        return result_.as_ullong == 0 && lib::virGetLastError() != nullptr;
      case FailureRule::Never:
        return false;
    }
    return false;
  }

  /** Makes the result the call's own, on the thread that has it. */
  void Keep() {
    if (row_.result == Kind::OwnedStr) owns_string_ = true;
    if (row_.result == Kind::BorrowedStr && result_.as_string != nullptr) {
      result_.as_string = strdup(result_.as_string);
      owns_string_ = true;
    }
    if (row_.result != Kind::Object) return;
    object_ = row_.result_class == Class::Connect
                  ? Connection::New(result_.as_object)
                  : Object::Child(row_.result_class, result_.as_object, ResultConnection());
    if (object_ == nullptr) Fail(InvalidObject(6, "connection", row_.name));
  }

  const Row& row_;
  Slot arguments_[kMostArguments] = {};
  Slot result_ = {};
  bool owns_string_ = false;
  Object* object_ = nullptr;
};

/** The reading of a name: no call, no copy, nothing allocated. Anything that is not as it should be is InvokeRow's. */
napi_value InvokeName(napi_env env, napi_callback_info info) {
  napi_value handle, value = nullptr;
  void* data = nullptr;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &handle, nullptr, &data);
  const Row& row = *static_cast<const Row*>(data);
  void* function = row.symbol.load(std::memory_order_relaxed);
  Object* object = UsableObject(env, handle, row.classes[0]);
  if (function != nullptr && object != nullptr) {
    const char* name = reinterpret_cast<const char* (*)(void*)>(function)(object->pointer());
    if (name != nullptr && napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &value) == napi_ok) return value;
  }
  return InvokeRow(env, info);
}

/** A domain's ID. libvirt takes longer to note the question in its debug log than all the rest takes. */
napi_value InvokeDomainId(napi_env env, napi_callback_info info) {
  napi_value handle, value = nullptr;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &handle, nullptr, nullptr);
  Object* object = UsableObject(env, handle, Class::Domain);
  uint32_t turn = object == nullptr ? 0 : object->Turn();
  if (turn == 0) return InvokeRow(env, info);
  Object::Known& known = object->known();
  if (known.id_turn == turn) {
    napi_create_int32(env, known.id, &value);
    return value;
  }
  value = InvokeRow(env, info);
  if (value != nullptr && napi_get_value_int32(env, value, &known.id) == napi_ok) known.id_turn = turn;
  return value;
}

napi_callback InvokerOf(const Row& row) {
  if (std::strcmp(row.name, "virDomainGetID") == 0) return InvokeDomainId;
  bool is_name = row.dispatch == Dispatch::Sync && row.result == Kind::BorrowedStr && row.arity == 1 &&
                 row.kinds[0] == Kind::Object && row.rule == FailureRule::Null;
  return is_name ? InvokeName : InvokeRow;
}

}  // namespace

napi_value InvokeRow(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  const Row& row = *static_cast<const Row*>(data);
  Arguments arguments(env, info, row.name, row.argument_names);
  auto call = std::make_unique<RowCall>(Environment::Of(env), row);
  call->Read(arguments);
  return row.dispatch == Dispatch::Sync ? Call::Now(std::move(call), arguments.refusal())
                                        : Call::Launch(std::move(call), arguments.refusal());
}

bool ExportRows(napi_env env, napi_value exports, const Row* rows, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    napi_value function;
    if (napi_create_function(env, rows[i].name, NAPI_AUTO_LENGTH, InvokerOf(rows[i]), const_cast<Row*>(&rows[i]),
                             &function) != napi_ok ||
        napi_set_named_property(env, exports, rows[i].name, function) != napi_ok) {
      return false;
    }
  }
  return true;
}

}  // namespace novalet
