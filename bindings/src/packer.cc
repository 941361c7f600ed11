#include "packer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace novalet {
namespace {

// A flat tuple of this many values is made without lib/packed.ts.
constexpr size_t kMostFlat = 16;

double DoubleOf(uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace

Packer::~Packer() {
  for (Object* object : handles_) {
    if (object != nullptr) object->Release();
  }
}

void Packer::Numbers::Grow() {
  size_t capacity = capacity_ * 4;
  std::unique_ptr<uint64_t[]> more(new uint64_t[capacity]);
  std::copy(data_, data_ + size_, more.get());
  many_ = std::move(more);
  data_ = many_.get();
  capacity_ = capacity;
}

void Packer::Bits(char kind, uint64_t bits) {
  shape_ += kind;
  numbers_.Add(bits);
}

void Packer::Number(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  Bits('n', bits);
}

void Packer::Signed(int64_t value) {
  if (bigint_) return Bits('l', static_cast<uint64_t>(value));
  Number(static_cast<double>(value));
}

void Packer::Unsigned(uint64_t value) {
  if (bigint_) return Bits('u', value);
  Number(static_cast<double>(value));
}

void Packer::Boolean(bool value) {
  Number(value ? 1 : 0);
  shape_.back() = 'b';
}

void Packer::Text(const char* text) {
  shape_ += 's';
  if (text != nullptr) texts_ += text;
  texts_ += '\0';
}

void Packer::TextOrNull(const char* text) {
  Number(text == nullptr ? 0 : 1);
  shape_.back() = 'S';
  if (text == nullptr) return;
  texts_ += text;
  texts_ += '\0';
}

void Packer::Handle(Object* object) {
  shape_ += 'o';
  handles_.push_back(object);
}

void Packer::Key(const char* name) { Key(name, std::strlen(name)); }

void Packer::Key(const char* name, size_t most) {
  shape_ += 'k';
  shape_.append(name, strnlen(name, most));
  shape_ += '\0';
}

size_t Packer::BeginList(size_t count) {
  Number(static_cast<double>(count));
  shape_.back() = '*';
  return shape_.size();
}

void Packer::NextElement(size_t begin, size_t element, size_t index) {
  if (element == begin || shape_[begin - 1] != '*') return;
  // One shape stands for all as long as each is like the first; `element - begin` is the length of one.
  size_t length = element - begin;
  if (shape_.size() - element == length && shape_.compare(element, length, shape_, begin, length) == 0) {
    shape_.resize(element);
    return;
  }
  shape_[begin - 1] = '~';
  std::string first = shape_.substr(begin, length);
  for (size_t i = 1; i < index; ++i) shape_.insert(begin, first);
}

void Packer::EndList(size_t begin, size_t count) {
  if (count == 0) shape_ += 'z';
  if (shape_[begin - 1] == '*') return;
  shape_.insert(begin, 1, '(');
  shape_ += ')';
}

void Packer::CpuMap(const unsigned char* map, size_t bytes, size_t count) {
  List(count, [&](size_t cpu) { Boolean(cpu / 8 < bytes && (map[cpu / 8] & (1 << cpu % 8)) != 0); });
}

void Packer::Parameter(const abi::TypedParameter& parameter) {
  if (parameter.type < abi::kInt || parameter.type > abi::kString) return;
  Key(parameter.field, sizeof parameter.field);
  switch (parameter.type) {
    case abi::kInt:
      return Number(parameter.value.i);
    case abi::kUInt:
      return Number(parameter.value.ui);
    case abi::kLLong:
      return Signed(parameter.value.l);
    case abi::kULLong:
      return Unsigned(parameter.value.ul);
    case abi::kDouble:
      return Number(parameter.value.d);
    case abi::kBoolean:
      return Boolean(parameter.value.b != 0);
    case abi::kString:
      return Text(parameter.value.s);
  }
}

void Packer::Parameters(const abi::TypedParameter* parameters, int count) {
  BeginRecord();
  for (int i = 0; i < count; ++i) Parameter(parameters[i]);
  EndRecord();
}

std::string Packer::TakeShape() { return std::exchange(shape_, std::string()); }

bool Packer::IsFlat() const {
  if (shape_.size() == 1) return true;
  return shape_.size() <= kMostFlat + 2 && shape_.find_first_not_of("nlubsSzo", 1) == shape_.size() - 1 &&
         shape_.front() == '(' && shape_.back() == ')';
}

napi_value Packer::FlatToJs(Environment& environment) {
  napi_env env = environment.env();
  napi_value items[kMostFlat];
  size_t count = 0;
  const uint64_t* number = numbers_.data();
  const char* text = texts_.c_str();
  Object** handle = handles_.data();
  auto next_text = [&text] { return std::exchange(text, text + std::strlen(text) + 1); };
  for (char kind : shape_) {
    napi_value item = nullptr;
    switch (kind) {
      case 'n':
        napi_create_double(env, DoubleOf(*number++), &item);
        break;
      case 'l':
        napi_create_bigint_int64(env, static_cast<int64_t>(*number++), &item);
        break;
      case 'u':
        napi_create_bigint_uint64(env, *number++, &item);
        break;
      case 'b':
        napi_get_boolean(env, DoubleOf(*number++) != 0, &item);
        break;
      case 's':
        item = StringOrNull(env, next_text());
        break;
      case 'S':
        item = StringOrNull(env, DoubleOf(*number++) == 0 ? nullptr : next_text());
        break;
      case 'o':
        item = HandleToJs(env, std::exchange(*handle++, nullptr));
        break;
      case 'z':
        napi_get_null(env, &item);
        break;
      default:
        continue;  // the parentheses
    }
    if (item == nullptr) return nullptr;
    items[count++] = item;
  }
  return shape_.size() == 1 ? items[0] : environment.CallHook(kTuple, count, items);
}

bool Packer::BuffersToJs(napi_env env, napi_value* numbers, napi_value* texts, napi_value* handles) {
  void* data = nullptr;
  size_t bytes = numbers_.size() * sizeof(uint64_t);
  if (napi_create_arraybuffer(env, bytes, &data, numbers) != napi_ok) return false;
  if (bytes > 0) std::memcpy(data, numbers_.data(), bytes);
  if (napi_create_string_utf8(env, texts_.data(), texts_.size(), texts) != napi_ok) return false;
  *handles = HandlesToJs(*Environment::Of(env), handles_.data(), handles_.size());
  return *handles != nullptr;
}

napi_value Packer::ToJs(Environment& environment) {
  if (IsFlat()) return FlatToJs(environment);
  napi_value items[4];
  if (napi_create_string_utf8(environment.env(), shape_.data(), shape_.size(), &items[0]) != napi_ok ||
      !BuffersToJs(environment.env(), &items[1], &items[2], &items[3])) {
    return nullptr;
  }
  return environment.CallHook(kUnpack, 4, items);
}

}  // namespace novalet
