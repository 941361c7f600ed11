#include "value_call.h"

#include <cstdlib>
#include <utility>

namespace novalet {

ValueCall::ValueCall(Environment* environment, const ValueRow& row)
    : Call(environment, row.name), row_(row), out_(environment->bigint()) {}

ValueCall::~ValueCall() {
  for (size_t i = 0; i < row_.arity; ++i) {
    if (row_.inputs[i] == In::Text) std::free(arguments_[i].text);
  }
  std::free(bytes_);
}

void ValueCall::Read(Arguments& from) {
  for (size_t i = 0; i < row_.arity && from.ok(); ++i) {
    Argument& to = arguments_[i];
    switch (row_.inputs[i]) {
      case In::Int:
        to.wide = from.Int32(i);
        break;
      case In::UInt:
        to.wide = from.Uint32(i);
        break;
      case In::Long:
        to.wide = from.Int64(i);
        break;
      case In::ULong:
        to.wide = static_cast<int64_t>(from.Uint64(i));
        break;
      case In::Text:
        to.text = from.String(i);
        break;
      case In::Truth:
        to.wide = from.Truth(i) ? 1 : 0;
        break;
      case In::Texts:
        from.Texts(i, &lists_.texts);
        break;
      case In::Integers:
        from.Integers(i, &lists_.integers);
        break;
      case In::Unsigneds:
        from.Unsigneds(i, &lists_.unsigneds);
        break;
      case In::Counts:
        from.Counts(i, &lists_.counts);
        break;
      case In::Truths:
        from.Truths(i, &lists_.truths);
        break;
      case In::Bytes:
        from.Bytes(i, &lists_.bytes);
        break;
      case In::Parameters:
        from.Parameters(i, &lists_.parameters);
        break;
      default: {
        auto object_class =
            static_cast<Class>(static_cast<uint8_t>(row_.inputs[i]) - static_cast<uint8_t>(In::Objects));
        Object* object = from.NeedHandle(i, object_class);
        if (object != nullptr) Use(object);
        to.object = object == nullptr ? nullptr : object->pointer();
      }
    }
  }
}

void ValueCall::OutBytes(void* bytes, size_t count) {
  bytes_ = bytes;
  byte_count_ = count;
}

void ValueCall::PackObject(Class object_class, void* pointer) {
  Object* object = Object::Child(object_class, pointer, ResultConnection());
  if (object == nullptr) return Fail(InvalidObject(6, "connection", row_.name));
  out_.Handle(object);
}

void ValueCall::OutObject(void* pointer) {
  if (row_.result_class == Class::AdmConnect) return out_.Handle(Connection::New(pointer, Class::AdmConnect));
  PackObject(row_.result_class, pointer);
}

void ValueCall::FailWith(const std::string& message) {
  Failure failure;
  failure.message = std::string(row_.name) + ": " + message;
  Fail(std::move(failure));
}

void* ValueCall::FindOwn() {
  void* function = row_.symbol.load(std::memory_order_relaxed);
  if (function != nullptr) return function;
  function = FindSymbol(row_.library, row_.name);
  if (function == nullptr) {
    Fail(NotSupported(row_.library, row_.name, row_.since));
  } else {
    row_.symbol.store(function, std::memory_order_relaxed);
  }
  return function;
}

napi_value ValueCall::Result(napi_env env) {
  if (bytes_ != nullptr || out_.empty()) {
    void* copy;
    napi_value value = nullptr;
    napi_create_buffer_copy(env, byte_count_, bytes_, &copy, &value);
    return value;
  }
  return out_.ToJs(environment());
}

namespace {

napi_value InvokeValueRow(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  const ValueRow& row = *static_cast<const ValueRow*>(data);
  Arguments arguments(env, info, row.name, row.argument_names);
  auto call = std::make_unique<ValueCall>(Environment::Of(env), row);
  call->Read(arguments);
  return row.local ? Call::Now(std::move(call), arguments.refusal())
                   : Call::Launch(std::move(call), arguments.refusal());
}

}  // namespace

bool ExportValueRows(napi_env env, napi_value exports, const ValueRow* rows, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    napi_value function;
    if (napi_create_function(env, rows[i].name, NAPI_AUTO_LENGTH, InvokeValueRow, const_cast<ValueRow*>(&rows[i]),
                             &function) != napi_ok ||
        napi_set_named_property(env, exports, rows[i].name, function) != napi_ok) {
      return false;
    }
  }
  return true;
}

}  // namespace novalet
