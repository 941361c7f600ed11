// What libvirt holds for a callback of ours: which environment and which JavaScript registration an event goes to.
#pragma once

#include <vector>

#include "detail.h"
#include "environment.h"
#include "object.h"

namespace novalet {

class Registration {
 public:
  /** `id` is the number under which lib/registrations.ts keeps the JavaScript callbacks. */
  Registration(Environment* environment, Connection* connection, double id);
  ~Registration();

  /** The free callback that libvirt calls when it will not use the registration any more; on any thread, maybe late. */
  static void Free(void* registration) { delete static_cast<Registration*>(registration); }

  /** Tells JavaScript of an event. Takes over a strong reference to `object`, which may be null. Any thread. */
  void Tell(Object* object, std::vector<Detail> details);

  /**
   * An object that libvirt lends for the length of a callback, as a handle's object with a reference of its own; null
   * when the connection is closing, and nobody wants to hear.
   */
  Object* Borrowed(Class object_class, void* pointer);

 private:
  Environment* const environment_;
  Connection* const connection_;  // its memory only: a registration must not keep a forgotten connection open
  const double id_;
};

/**
 * Calls lib/registrations.ts with (id, object or null, ...details); what a callback throws is an uncaught exception, as
 * from any event listener. Takes over a strong reference to `object`. JavaScript's thread.
 */
void TellJavaScript(Environment& environment, double id, Object* object, const std::vector<Detail>& details);

}  // namespace novalet
