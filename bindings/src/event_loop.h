// libvirt's event loop as one thread of ours around epoll. glib's, libvirt's default, costs four fifths of the rate of
// remote calls; and JavaScript's own thread may be busy for longer than a daemon waits for a keepalive answer.
#pragma once

namespace novalet {

class EventLoop {
 public:
  /** Makes it libvirt's event loop: once a process, before the first open. The thread starts with the first handle or
   * timeout. */
  static void Register();
};

}  // namespace novalet
