// Arguments that are lists: of strings, numbers, bytes, handles and typed parameters.
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "arguments.h"

namespace novalet {
namespace {

constexpr uint32_t kMostElements = 1 << 20;

}  // namespace

OwnedTexts::~OwnedTexts() {
  for (char* text : texts_) std::free(text);
}

OwnedParameters::~OwnedParameters() {
  for (abi::TypedParameter& parameter : parameters_) {
    if (parameter.type == abi::kString) std::free(parameter.value.s);
  }
}

void OwnedParameters::Add(const abi::TypedParameter& parameter, bool guessed) {
  parameters_.push_back(parameter);
  guessed_.push_back(guessed);
  guesses_ = guesses_ || guessed;
}

void OwnedParameters::Learn(const abi::TypedParameter* known, int count) {
  for (size_t i = 0; i < parameters_.size(); ++i) {
    abi::TypedParameter& parameter = parameters_[i];
    if (!guessed_[i] || parameter.type == abi::kString || parameter.type == abi::kBoolean) continue;
    int type = 0;
    for (int k = 0; k < count; ++k) {
      if (std::strncmp(known[k].field, parameter.field, sizeof parameter.field) == 0) type = known[k].type;
    }
    // A guess is a DOUBLE, LLONG for what is negative, ULLONG for the rest.
    const bool whole = parameter.type != abi::kDouble;
    const bool negative = parameter.type == abi::kLLong;
    const unsigned long long value = parameter.value.ul;
    switch (type) {
      case abi::kInt:
        if (whole && (negative ? parameter.value.l >= INT32_MIN : value <= INT32_MAX)) {
          parameter.value.i = static_cast<int>(parameter.value.l);
          parameter.type = type;
        }
        break;
      case abi::kUInt:
        if (whole && !negative && value <= UINT32_MAX) {
          parameter.value.ui = static_cast<unsigned int>(value);
          parameter.type = type;
        }
        break;
      case abi::kLLong:
        if (whole && (negative || value <= INT64_MAX)) parameter.type = type;
        break;
      case abi::kDouble:
        if (whole) parameter.value.d = negative ? static_cast<double>(parameter.value.l) : static_cast<double>(value);
        parameter.type = type;
        break;
      default:
        break;
    }
  }
}

bool Arguments::Truth(size_t index) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env_, values_[index], &type);
  if (type == napi_undefined) {
    Refuse(index, false, "true or false");
    return false;
  }
  napi_value boolean;
  bool value = false;
  if (napi_coerce_to_bool(env_, values_[index], &boolean) == napi_ok) napi_get_value_bool(env_, boolean, &value);
  return value;
}

bool Arguments::Array(size_t index, const char* expected, uint32_t* length) {
  if (!ok_) return false;
  bool is_array = false;
  napi_is_array(env_, values_[index], &is_array);
  if (!is_array || napi_get_array_length(env_, values_[index], length) != napi_ok) {
    Refuse(index, false, expected);
    return false;
  }
  if (*length > kMostElements) {
    Refuse(index, true, "an array of at most 1048576 elements");
    return false;
  }
  return true;
}

template <typename Read>
void Arguments::Elements(size_t index, const char* expected, Read read) {
  uint32_t length = 0;
  if (!Array(index, expected, &length)) return;
  napi_value array = values_[index];
  for (uint32_t i = 0; i < length && ok_; ++i) {
    napi_handle_scope scope;
    if (napi_open_handle_scope(env_, &scope) != napi_ok) break;
    if (napi_get_element(env_, array, i, &values_[index]) == napi_ok) {
      part_ = "[" + std::to_string(i) + "]";
      read();
    } else {
      napi_value exception;  // a getter that threw
      napi_get_and_clear_last_exception(env_, &exception);
      values_[index] = array;
      Refuse(index, false, "an array whose elements can be read");
    }
    napi_close_handle_scope(env_, scope);
  }
  part_.clear();
  values_[index] = array;
}

void Arguments::Texts(size_t index, OwnedTexts* texts) {
  if (!ok_ || IsNothing(index)) return;
  texts->given = true;
  Elements(index, "an array of strings, or null", [&] {
    char* text = IsNothing(index) ? nullptr : String(index);
    if (text != nullptr) return texts->Add(text);
    Refuse(index, false, "a string");
  });
}

void Arguments::Integers(size_t index, std::vector<int>* integers) {
  Elements(index, "an array of whole numbers", [&] { integers->push_back(Int32(index)); });
}

void Arguments::Unsigneds(size_t index, std::vector<unsigned int>* unsigneds) {
  Elements(index, "an array of whole numbers", [&] { unsigneds->push_back(Uint32(index)); });
}

void Arguments::Counts(size_t index, std::vector<unsigned long long>* counts) {
  Elements(index, "an array of whole numbers", [&] { counts->push_back(Uint64(index)); });
}

void Arguments::Truths(size_t index, std::vector<bool>* truths) {
  Elements(index, "an array of booleans", [&] { truths->push_back(Truth(index)); });
}

void Arguments::Handles(size_t index, Class object_class, std::vector<Object*>* objects) {
  Elements(index, "an array of objects", [&] {
    Object* object = NeedHandle(index, object_class);
    if (object != nullptr) objects->push_back(object);
  });
}

void Arguments::Bytes(size_t index, std::vector<unsigned char>* bytes) {
  if (!ok_) return;
  constexpr const char* kExpected = "a Uint8Array or a string";
  napi_valuetype type = napi_undefined;
  napi_typeof(env_, values_[index], &type);
  if (type == napi_string) {
    size_t length = 0;
    napi_get_value_string_utf8(env_, values_[index], nullptr, 0, &length);
    bytes->resize(length + 1);
    napi_get_value_string_utf8(env_, values_[index], reinterpret_cast<char*>(bytes->data()), length + 1, &length);
    bytes->resize(length);
    if (HasLoneSurrogate(env_, values_[index], reinterpret_cast<const char*>(bytes->data()), length))
      Refuse(index, false, "a string without lone surrogates");
    return;
  }
  bool is_typed = false;
  napi_is_typedarray(env_, values_[index], &is_typed);
  napi_typedarray_type kind;
  size_t length = 0, offset;
  void* data = nullptr;
  napi_value buffer;
  if (!is_typed || napi_get_typedarray_info(env_, values_[index], &kind, &length, &data, &buffer, &offset) != napi_ok ||
      (kind != napi_uint8_array && kind != napi_uint8_clamped_array)) {
    return Refuse(index, false, kExpected);
  }
  const auto* from = static_cast<unsigned char*>(data);
  bytes->assign(from, from + length);
}

bool Arguments::Guess(size_t index, int* type) {
  napi_valuetype kind = napi_undefined;
  napi_typeof(env_, values_[index], &kind);
  double number = 0;
  int64_t wide = 0;
  bool lossless = false;
  switch (kind) {
    case napi_string:
      *type = abi::kString;
      return true;
    case napi_boolean:
      *type = abi::kBoolean;
      return true;
    case napi_bigint:
      napi_get_value_bigint_int64(env_, values_[index], &wide, &lossless);
      *type = lossless && wide < 0 ? abi::kLLong : abi::kULLong;
      return true;
    case napi_number:
      napi_get_value_double(env_, values_[index], &number);
      *type = number != std::trunc(number) ? abi::kDouble : number < 0 ? abi::kLLong : abi::kULLong;
      return true;
    default:
      Refuse(index, false, "a number, bigint, boolean or string");
      return false;
  }
}

void Arguments::Parameter(size_t index, int type, abi::TypedParameter* parameter) {
  double number = 0;
  bool boolean = false;
  napi_valuetype kind = napi_undefined;
  parameter->type = type;
  switch (type) {
    case abi::kInt:
      parameter->value.i = Int32(index);
      break;
    case abi::kUInt:
      if (Number(index, 0, UINT32_MAX, "a whole number from 0 to 4294967295", &number))
        parameter->value.ui = static_cast<unsigned int>(number);
      break;
    case abi::kLLong:
      parameter->value.l = Int64(index);
      break;
    case abi::kULLong:
      parameter->value.ul = Uint64(index);
      break;
    case abi::kDouble:
      parameter->value.d = Double(index);
      break;
    case abi::kBoolean:
      if (napi_get_value_bool(env_, values_[index], &boolean) != napi_ok) Refuse(index, false, "a boolean");
      parameter->value.b = boolean ? 1 : 0;
      break;
    default:
      parameter->type = abi::kString;
      napi_typeof(env_, values_[index], &kind);
      if (kind != napi_string) return Refuse(index, false, "a string");
      parameter->value.s = String(index);
      break;
  }
}

void Arguments::Parameters(size_t index, OwnedParameters* parameters) {
  uint32_t length = 0;
  if (!ok_ || IsNothing(index) || !Array(index, "an object of names and values", &length)) return;
  napi_value array = values_[index];
  for (uint32_t i = 0; i + 2 < length && ok_; i += 3) {
    napi_handle_scope scope;
    if (napi_open_handle_scope(env_, &scope) != napi_ok) break;
    napi_value name, type_value;
    abi::TypedParameter parameter = {};
    size_t name_length = 0;
    int32_t type = 0;
    napi_get_element(env_, array, i, &name);
    napi_get_element(env_, array, i + 1, &type_value);
    napi_get_element(env_, array, i + 2, &values_[index]);
    napi_get_value_int32(env_, type_value, &type);
    napi_get_value_string_utf8(env_, name, nullptr, 0, &name_length);
    napi_get_value_string_utf8(env_, name, parameter.field, sizeof parameter.field, nullptr);
    part_ = std::string(".") + parameter.field;
    const bool guessed = type == 0;
    if (name_length >= sizeof parameter.field) {
      values_[index] = name;
      Refuse(index, true, "named by at most 79 bytes");
    } else if (!guessed || Guess(index, &type)) {
      Parameter(index, type, &parameter);
      if (ok_) parameters->Add(parameter, guessed);
    }
    napi_close_handle_scope(env_, scope);
  }
  part_.clear();
  values_[index] = array;
}

}  // namespace novalet
