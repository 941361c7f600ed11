// libvirt and libvirt-admin each bring the same object types, and GLib takes a type once a process: whichever library
// opens a connection second dereferences NULL (9.0.0, and in plain C too). So the first to open keeps the process.
#pragma once

#include <optional>

#include "failure.h"
#include "library.h"

namespace novalet {

/** To be called before a connection is opened by that library: Libvirt or Admin. Any thread. */
std::optional<Failure> ClaimProcess(Library library, const char* function);

}  // namespace novalet
