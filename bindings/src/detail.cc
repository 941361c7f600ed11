#include "detail.h"

#include <cstring>

namespace novalet {
namespace {

OptionalText Copy(const char* text) { return text == nullptr ? std::nullopt : OptionalText(text); }

std::optional<ParameterValue> Copy(const abi::TypedParameter& parameter) {
  switch (parameter.type) {
    case abi::kInt:
      return parameter.value.i;
    case abi::kUInt:
      return parameter.value.ui;
    case abi::kLLong:
      return parameter.value.l;
    case abi::kULLong:
      return parameter.value.ul;
    case abi::kDouble:
      return parameter.value.d;
    case abi::kBoolean:
      return parameter.value.b != 0;
    case abi::kString:
      return Copy(parameter.value.s);
  }
  return std::nullopt;
}

/** Makes a JavaScript value of every kind of detail. */
class ToJs {
 public:
  explicit ToJs(Environment& environment) : environment_(environment), env_(environment.env()) {}

  napi_value operator()(int value) const {
    napi_value result = nullptr;
    napi_create_int32(env_, value, &result);
    return result;
  }
  napi_value operator()(unsigned int value) const {
    napi_value result = nullptr;
    napi_create_uint32(env_, value, &result);
    return result;
  }
  napi_value operator()(long long value) const { return Int64ToJs(env_, value); }
  napi_value operator()(unsigned long long value) const { return Uint64ToJs(env_, value); }
  napi_value operator()(double value) const {
    napi_value result = nullptr;
    napi_create_double(env_, value, &result);
    return result;
  }
  napi_value operator()(bool value) const {
    napi_value result = nullptr;
    napi_get_boolean(env_, value, &result);
    return result;
  }
  napi_value operator()(const OptionalText& text) const { return StringOrNull(env_, text ? text->c_str() : nullptr); }

  napi_value operator()(const GraphicsAddress& address) const {
    napi_value result = nullptr;
    return napi_create_object(env_, &result) == napi_ok && Set(result, "family", (*this)(address.family)) &&
                   Set(result, "node", (*this)(address.node)) && Set(result, "service", (*this)(address.service))
               ? result
               : nullptr;
  }
  napi_value operator()(const GraphicsSubject& subject) const {
    std::vector<napi_value> pairs;
    for (const auto& [type, name] : subject) {
      const napi_value pair[] = {(*this)(type), (*this)(name)};
      pairs.push_back(environment_.CallHook(kTuple, 2, pair));
      if (pairs.back() == nullptr) return nullptr;
    }
    return environment_.CallHook(kTuple, pairs.size(), pairs.data());
  }
  napi_value operator()(const EventParameters& parameters) const {
    napi_value result = nullptr;
    if (napi_create_object(env_, &result) != napi_ok) return nullptr;
    for (const auto& [name, value] : parameters) {
      if (!Set(result, name.c_str(), std::visit(*this, value))) return nullptr;
    }
    return result;
  }

 private:
  bool Set(napi_value object, const char* name, napi_value value) const {
    return value != nullptr && napi_set_named_property(env_, object, name, value) == napi_ok;
  }

  Environment& environment_;
  const napi_env env_;
};

}  // namespace

Detail CopyDetail(const char* text) { return Copy(text); }

Detail CopyDetail(const abi::GraphicsAddress* address) {
  if (address == nullptr) return GraphicsAddress{0, std::nullopt, std::nullopt};
  return GraphicsAddress{address->family, Copy(address->node), Copy(address->service)};
}

Detail CopyDetail(const abi::GraphicsSubject* subject) {
  GraphicsSubject copy;
  for (int i = 0; subject != nullptr && i < subject->count; ++i)
    copy.emplace_back(Copy(subject->identities[i].type), Copy(subject->identities[i].name));
  return copy;
}

Detail CopyDetail(const abi::TypedParameter* parameters, int count) {
  EventParameters copy;
  for (int i = 0; i < count; ++i) {
    std::optional<ParameterValue> value = Copy(parameters[i]);
    if (value) copy.emplace_back(std::string(parameters[i].field, strnlen(parameters[i].field, 80)), std::move(*value));
  }
  return copy;
}

napi_value DetailToJs(Environment& environment, const Detail& detail) { return std::visit(ToJs(environment), detail); }

}  // namespace novalet
