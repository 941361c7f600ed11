// By hand: the answer of QEMU's monitor comes by an out-parameter, its guest agent's as the result; both become the
// result.
#include <cstdlib>

#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

void MonitorCommand(ValueCall& call) {
  auto* command = call.Own<int(void*, const char*, char**, unsigned int)>();
  if (command == nullptr) return;
  char* answer = nullptr;
  if (!call.Good(command(call.object(0), call.text(1), &answer, call.flags(2)))) return;
  call.out().Text(answer);
  std::free(answer);
}

void MonitorCommandWithFiles(ValueCall& call) {
  auto* command = call.Own<int(void*, const char*, unsigned int, int*, unsigned int*, int**, char**, unsigned int)>();
  if (command == nullptr) return;
  std::vector<int>& files = call.lists().integers;
  unsigned int count = 0;
  int* opened = nullptr;
  char* answer = nullptr;
  if (!call.Good(command(call.object(0), call.text(1), static_cast<unsigned int>(files.size()), files.data(), &count,
                         &opened, &answer, call.flags(3)))) {
    return;
  }
  call.out().BeginTuple();
  call.out().Text(answer);
  call.out().List(count, [&](size_t i) { call.out().Number(opened[i]); });
  call.out().EndTuple();
  std::free(opened);
  std::free(answer);
}

void AgentCommand(ValueCall& call) {
  auto* command = call.Own<char*(void*, const char*, int, unsigned int)>();
  if (command == nullptr) return;
  char* answer = command(call.object(0), call.text(1), call.integer(2), call.flags(3));
  if (!call.Good(answer)) return;
  call.out().Text(answer);
  std::free(answer);
}

constexpr In kDomain = An(Class::Domain);

const ValueRow kRows[] = {
    {"virDomainQemuMonitorCommand",
     "0.8.3",
     "domain,cmd,flags",
     {kDomain, In::Text, In::UInt},
     3,
     MonitorCommand,
     Class::Domain,
     Library::Qemu},
    {"virDomainQemuMonitorCommandWithFiles",
     "8.2.0",
     "domain,cmd,files,flags",
     {kDomain, In::Text, In::Integers, In::UInt},
     4,
     MonitorCommandWithFiles,
     Class::Domain,
     Library::Qemu},
    {"virDomainQemuAgentCommand",
     "0.10.0",
     "domain,cmd,timeout,flags",
     {kDomain, In::Text, In::Int, In::UInt},
     4,
     AgentCommand,
     Class::Domain,
     Library::Qemu},
};

}  // namespace

bool ExportQemuCommands(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
