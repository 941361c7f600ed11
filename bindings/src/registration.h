// What libvirt holds for a callback of ours: which environment and which JavaScript registration an event goes to.
#pragma once

#include "environment.h"
#include "object.h"

namespace novalet {

class Registration {
 public:
  /** `id` is the number under which lib/native.ts keeps the JavaScript callbacks. */
  Registration(Environment* environment, Connection* connection, double id);
  ~Registration();

  /** The free callback that libvirt calls when it will not use the registration any more; on any thread, maybe late. */
  static void Free(void* registration) { delete static_cast<Registration*>(registration); }

  /** Tells JavaScript of an event. Takes over a strong reference to `object`, which may be null. Any thread. */
  void Tell(Object* object, int detail_count, const int* details);

  /**
   * A domain that libvirt lends for the length of a callback, as a handle's object with a reference of its own; null
   * when the connection is closing, and nobody wants to hear.
   */
  Object* BorrowedDomain(void* domain);

 private:
  Environment* const environment_;
  Connection* const connection_;  // its memory only: a registration must not keep a forgotten connection open
  const double id_;
};

}  // namespace novalet
