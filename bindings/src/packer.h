// The result of a call as plain values, made on the thread of the call. A tuple, a list or a dictionary is written down
// as numbers, texts and a shape that says what they mean; lib/packed.ts makes the JavaScript value, with one factory
// for each shape, many times cheaper than property by property from here.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "abi.h"
#include "environment.h"

namespace novalet {

/**
 * The shape is read from left to right:
 *   n number   l, u signed and unsigned 64 bits as bigint   b boolean   s text   S text or null   z null   o object
 *   ( ... )    array of those values
 *   { k name NUL value ... }   dictionary; of two equal names the later one holds
 *   * value    list: its length is the next number, and every element has this shape
 *   ~ value    the next number means nothing
 */
class Packer {
 public:
  /** With `bigint`, 64-bit integers keep every bit; otherwise they become numbers, rounded above 2^53. */
  explicit Packer(bool bigint) : bigint_(bigint) {}
  ~Packer();
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  void Number(double value);
  void Signed(int64_t value);
  void Unsigned(uint64_t value);
  void Boolean(bool value);
  /** Null is taken for empty. */
  void Text(const char* text);
  void TextOrNull(const char* text);
  void Null() { shape_ += 'z'; }
  /** Takes over the reference. */
  void Handle(Object* object);

  void BeginTuple() { shape_ += '('; }
  void EndTuple() { shape_ += ')'; }
  void BeginRecord() { shape_ += '{'; }
  void EndRecord() { shape_ += '}'; }
  /** The name of the value that follows. */
  void Key(const char* name);
  void Key(const char* name, size_t most);

  /** `write(i)` writes the element. Elements of one shape are cheapest. */
  template <typename Write>
  void List(size_t count, Write write) {
    size_t begin = BeginList(count);
    for (size_t i = 0; i < count; ++i) {
      size_t element = shape_.size();
      write(i);
      NextElement(begin, element, i);
    }
    EndList(begin, count);
  }
  /** The first `count` CPUs of a map: CPU c is bit c % 8 of byte c / 8; those past its end are off. */
  void CpuMap(const unsigned char* map, size_t bytes, size_t count);

  /** Key and value; what a later libvirt has of other types is left out. */
  void Parameter(const abi::TypedParameter& parameter);
  /** A dictionary of them. */
  void Parameters(const abi::TypedParameter* parameters, int count);

  bool empty() const { return shape_.empty(); }
  const std::string& shape() const { return shape_; }

  /** The value. JavaScript's thread; null, maybe with an exception pending, when JavaScript cannot take it. */
  napi_value ToJs(Environment& environment);
  /** As ToJs, for values whose shapes are told apart: [numbers, texts, handles] without the shape. */
  bool BuffersToJs(napi_env env, napi_value* numbers, napi_value* texts, napi_value* handles);
  /** The shape so far, which begins anew. */
  std::string TakeShape();

 private:
  /** Doubles by their bits, or 64-bit integers. Those of most results need no memory of their own. */
  class Numbers {
   public:
    void Add(uint64_t bits) {
      if (size_ == capacity_) Grow();
      data_[size_++] = bits;
    }
    const uint64_t* data() const { return data_; }
    size_t size() const { return size_; }

   private:
    void Grow();

    uint64_t few_[8];
    std::unique_ptr<uint64_t[]> many_;
    uint64_t* data_ = few_;
    size_t size_ = 0;
    size_t capacity_ = std::size(few_);
  };

  size_t BeginList(size_t count);
  void NextElement(size_t begin, size_t element, size_t index);
  void EndList(size_t begin, size_t count);
  void Bits(char kind, uint64_t bits);
  bool IsFlat() const;
  napi_value FlatToJs(Environment& environment);

  const bool bigint_;
  std::string shape_;
  Numbers numbers_;
  std::string texts_;  // each with a NUL at its end: no string of C contains one
  std::vector<Object*> handles_;
};

}  // namespace novalet
