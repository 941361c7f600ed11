// Typed parameters as libvirt gives them: counted first and then filled, or in an array that it allocates.
#pragma once

#include <vector>

#include "library.h"

namespace novalet {

namespace lib {
inline Function<void(abi::TypedParameter*, int)> virTypedParamsFree{"virTypedParamsFree", "1.0.2"};
inline Function<void(abi::TypedParameter*, int)> virTypedParamsClear{"virTypedParamsClear", "1.0.2"};
}  // namespace lib

/** An array of the caller's size; the strings in it are libvirt's and freed with it. */
class FilledParameters {
 public:
  explicit FilledParameters(int count) : parameters_(static_cast<size_t>(count)) {}
  ~FilledParameters() {
    if (!parameters_.empty() && lib::virTypedParamsClear.Exists())
      lib::virTypedParamsClear(parameters_.data(), static_cast<int>(parameters_.size()));
  }
  FilledParameters(const FilledParameters&) = delete;
  FilledParameters& operator=(const FilledParameters&) = delete;

  abi::TypedParameter* data() { return parameters_.data(); }

 private:
  std::vector<abi::TypedParameter> parameters_;
};

}  // namespace novalet
