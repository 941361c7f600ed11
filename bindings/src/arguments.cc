#include "arguments.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace novalet {
namespace {

constexpr double kSafe = 9007199254740991;  // Number.MAX_SAFE_INTEGER

}  // namespace

bool HasLoneSurrogate(napi_env env, napi_value string, const char* utf8, size_t length) {
  // Only where U+FFFD came out can there have been one; seldom, so that the other form is read seldom.
  if (std::string_view(utf8, length).find("\xEF\xBF\xBD") == std::string_view::npos) return false;
  size_t units = 0;
  napi_get_value_string_utf16(env, string, nullptr, 0, &units);
  std::u16string text(units + 1, u'\0');
  napi_get_value_string_utf16(env, string, text.data(), units + 1, &units);
  for (size_t i = 0; i < units; ++i) {
    if ((text[i] & 0xF800) != 0xD800) continue;
    bool is_pair = (text[i] & 0x0400) == 0 && i + 1 < units && (text[i + 1] & 0xFC00) == 0xDC00;
    if (!is_pair) return true;
    ++i;
  }
  return false;
}

Object* UsableObject(napi_env env, napi_value handle, Class object_class) {
  void* data = nullptr;
  if (napi_get_value_external(env, handle, &data) != napi_ok || data == nullptr) return nullptr;
  auto* object = static_cast<Object*>(data);
  bool usable = object->IsOurs() && object->object_class() == object_class && !object->disposed &&
                object->pointer() != nullptr && !object->connection()->closing();
  return usable ? object : nullptr;
}

Arguments::Arguments(napi_env env, napi_callback_info info, const char* function, const char* names)
    : env_(env), function_(function), names_(names) {
  size_t count = kMostArguments;
  napi_get_cb_info(env, info, &count, values_, nullptr, &data_);
}

std::string Arguments::NameOfArgument(size_t index) const {
  const char* name = names_;
  for (; index > 0; --index) {
    const char* comma = std::strchr(name, ',');
    if (comma == nullptr) return "an argument";
    name = comma + 1;
  }
  return std::string(name, std::strcspn(name, "?,"));
}

bool Arguments::MayBeNothing(size_t index) const {
  const char* name = names_;
  for (; index > 0 && name != nullptr; --index) {
    name = std::strchr(name, ',');
    if (name != nullptr) ++name;
  }
  return name != nullptr && name[std::strcspn(name, "?,")] == '?';
}

std::string Arguments::Describe(napi_value value) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env_, value, &type);
  if (type == napi_function) return "a function";
  if (type == napi_symbol) return "a symbol";
  if (type == napi_external) {
    void* data = nullptr;
    napi_get_value_external(env_, value, &data);
    auto* object = static_cast<Object*>(data);
    return object != nullptr && object->IsOurs() ? std::string("a ") + NameOf(object->object_class())
                                                 : "a foreign object";
  }
  if (type == napi_object) {
    bool is_array = false;
    napi_is_array(env_, value, &is_array);
    return is_array ? "an array" : "an object";
  }
  napi_value text;
  char buffer[64] = "";
  size_t length = 0;
  if (napi_coerce_to_string(env_, value, &text) != napi_ok) return "something else";
  napi_get_value_string_utf8(env_, text, buffer, sizeof buffer, &length);
  if (type == napi_string)
    return std::string("the string \"") + buffer + (length + 1 == sizeof buffer ? "...\"" : "\"");
  return type == napi_bigint ? std::string(buffer) + "n" : buffer;
}

void Arguments::Refuse(size_t index, bool range, const std::string& expected) {
  if (!ok_) return;
  ok_ = false;
  refusal_.range = range;
  refusal_.message = std::string(function_) + ": " + NameOfArgument(index) + part_ + " must be " + expected + ", not " +
                     Describe(values_[index]);
}

bool Arguments::IsNothing(size_t index) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env_, values_[index], &type);
  return type == napi_undefined || type == napi_null;
}

bool Arguments::Number(size_t index, double lowest, double highest, const char* expected, double* value) {
  if (!ok_) return false;
  if (napi_get_value_double(env_, values_[index], value) != napi_ok) {
    Refuse(index, false, expected);
    return false;
  }
  if (!(*value >= lowest && *value <= highest) || *value != std::trunc(*value)) {
    Refuse(index, true, expected);
    return false;
  }
  return true;
}

int32_t Arguments::Int32(size_t index) {
  double value;
  return Number(index, INT32_MIN, INT32_MAX, "a whole number from -2147483648 to 2147483647", &value)
             ? static_cast<int32_t>(value)
             : 0;
}

uint32_t Arguments::Uint32(size_t index) {
  double value;
  if (!Number(index, INT32_MIN, UINT32_MAX, "a whole number from -2147483648 to 4294967295", &value)) return 0;
  return static_cast<uint32_t>(static_cast<int64_t>(value));
}

bool Arguments::BigInt(size_t index, bool is_signed, int64_t* as_signed, uint64_t* as_unsigned) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env_, values_[index], &type);
  if (type != napi_bigint) return false;
  bool lossless = false;
  if (is_signed) {
    napi_get_value_bigint_int64(env_, values_[index], as_signed, &lossless);
  } else {
    napi_get_value_bigint_uint64(env_, values_[index], as_unsigned, &lossless);
  }
  if (!lossless) Refuse(index, true, is_signed ? "a signed 64-bit integer" : "an unsigned 64-bit integer");
  return true;
}

int64_t Arguments::Int64(size_t index) {
  int64_t value = 0;
  if (!ok_ || BigInt(index, true, &value, nullptr)) return value;
  double number;
  return Number(index, -kSafe, kSafe, "a safe integer or a bigint", &number) ? static_cast<int64_t>(number) : 0;
}

uint64_t Arguments::Uint64(size_t index) {
  uint64_t value = 0;
  if (!ok_ || BigInt(index, false, nullptr, &value)) return value;
  double number;
  return Number(index, 0, kSafe, "a safe integer of 0 or more, or a bigint", &number) ? static_cast<uint64_t>(number)
                                                                                      : 0;
}

double Arguments::Double(size_t index) {
  double value = 0;
  if (ok_ && napi_get_value_double(env_, values_[index], &value) != napi_ok) Refuse(index, false, "a number");
  return value;
}

double Arguments::Whole(size_t index, double lowest, double highest) {
  double value = 0;
  std::string expected = "a whole number from " + std::to_string(static_cast<int64_t>(lowest)) + " to " +
                         std::to_string(static_cast<int64_t>(highest));
  return Number(index, lowest, highest, expected.c_str(), &value) ? value : 0;
}

std::vector<char> Arguments::Uint8Array(size_t index) {
  napi_typedarray_type type = napi_int8_array;
  size_t length = 0;
  void* data = nullptr;
  bool is_typed_array = false;
  if (!ok_) return {};
  if (napi_is_typedarray(env_, values_[index], &is_typed_array) != napi_ok || !is_typed_array ||
      napi_get_typedarray_info(env_, values_[index], &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    Refuse(index, false, "a Uint8Array");
    return {};
  }
  auto* bytes = static_cast<const char*>(data);
  return length == 0 ? std::vector<char>() : std::vector<char>(bytes, bytes + length);
}

char* Arguments::String(size_t index) {
  if (!ok_) return nullptr;
  size_t length = 0;
  if (napi_get_value_string_utf8(env_, values_[index], nullptr, 0, &length) != napi_ok) {
    bool may_be_nothing = MayBeNothing(index);
    if (!may_be_nothing || !IsNothing(index)) Refuse(index, false, may_be_nothing ? "a string or null" : "a string");
    return nullptr;
  }
  auto* text = static_cast<char*>(std::malloc(length + 1));
  if (text == nullptr) {
    Refuse(index, true, "a shorter string");
    return nullptr;
  }
  napi_get_value_string_utf8(env_, values_[index], text, length + 1, &length);
  if (std::memchr(text, 0, length) != nullptr) {
    std::free(text);
    Refuse(index, false, "a string without NUL characters");
    return nullptr;
  }
  if (HasLoneSurrogate(env_, values_[index], text, length)) {
    std::free(text);
    Refuse(index, false, "a string without lone surrogates");
    return nullptr;
  }
  return text;
}

Object* Arguments::Handle(size_t index, Class object_class) {
  if (!ok_ || IsNothing(index)) return nullptr;
  void* data = nullptr;
  if (napi_get_value_external(env_, values_[index], &data) == napi_ok && data != nullptr) {
    auto* object = static_cast<Object*>(data);
    if (object->IsOurs() && object->object_class() == object_class) return object;
  }
  Refuse(index, false, std::string("a ") + NameOf(object_class));
  return nullptr;
}

Object* Arguments::NeedHandle(size_t index, Class object_class) {
  if (ok_ && IsNothing(index)) Refuse(index, false, std::string("a ") + NameOf(object_class));
  return Handle(index, object_class);
}

}  // namespace novalet
