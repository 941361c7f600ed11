#include "library_claim.h"

#include <atomic>

namespace novalet {
namespace {

constexpr int kNobody = -1;

std::atomic<int> holder{kNobody};

}  // namespace

std::optional<Failure> ClaimProcess(Library library, const char* function) {
  int expected = kNobody;
  const int wanted = static_cast<int>(library);
  if (holder.compare_exchange_strong(expected, wanted) || expected == wanted) return std::nullopt;
  Failure failure;
  failure.message =
      std::string(function) + ": this process has opened a connection of " +
      (library == Library::Admin ? "libvirt's" : "libvirt-admin's") +
      " before, and the two libraries cannot open connections in one process; use one of them in a child process";
  return failure;
}

}  // namespace novalet
