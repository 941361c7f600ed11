// What an event brings besides its object, copied out of libvirt's memory on the thread of the event.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "abi.h"
#include "environment.h"

namespace novalet {

using OptionalText = std::optional<std::string>;

struct GraphicsAddress {
  int family;
  OptionalText node, service;
};

using GraphicsSubject = std::vector<std::pair<OptionalText, OptionalText>>;

using ParameterValue = std::variant<int, unsigned int, long long, unsigned long long, double, bool, OptionalText>;
using EventParameters = std::vector<std::pair<std::string, ParameterValue>>;

using Detail = std::variant<int, unsigned int, long long, unsigned long long, OptionalText, GraphicsAddress,
                            GraphicsSubject, EventParameters>;

inline Detail CopyDetail(int value) { return value; }
inline Detail CopyDetail(unsigned int value) { return value; }
inline Detail CopyDetail(long long value) { return value; }
inline Detail CopyDetail(unsigned long long value) { return value; }
Detail CopyDetail(const char* text);
Detail CopyDetail(const abi::GraphicsAddress* address);
Detail CopyDetail(const abi::GraphicsSubject* subject);
/** Values of types that a later libvirt has are left out. */
Detail CopyDetail(const abi::TypedParameter* parameters, int count);

/** JavaScript's thread. Null, maybe with an exception pending, when JavaScript cannot take it. */
napi_value DetailToJs(Environment& environment, const Detail& detail);

}  // namespace novalet
