// libvirt-admin: a daemon's own connections, threads and log. Its functions are few, so all are rows by hand.
#include <cstdlib>

#include "../event_loop.h"
#include "../library_claim.h"
#include "../parameter_getter.h"
#include "../value_call.h"
#include "overrides.h"

namespace novalet {
namespace {

void KeepText(ValueCall& call, char* text) {
  call.out().Text(text);
  std::free(text);
}

void Initialize(ValueCall& call) {
  auto* initialize = call.Own<int()>();
  if (initialize != nullptr) call.OutCount(initialize());
}

/** Versions are numbers in every mode. */
void Version(ValueCall& call) {
  auto* get = call.Own<int(unsigned long long*)>();
  unsigned long long version = 0;
  if (get != nullptr && call.Good(get(&version))) call.out().Number(static_cast<double>(version));
}

void LibVersion(ValueCall& call) {
  auto* get = call.Own<int(void*, unsigned long long*)>();
  unsigned long long version = 0;
  if (get != nullptr && call.Good(get(call.object(0), &version))) call.out().Number(static_cast<double>(version));
}

void Open(ValueCall& call) {
  auto* open = call.Own<void*(const char*, unsigned int)>();
  if (open == nullptr) return;
  if (std::optional<Failure> why = ClaimProcess(Library::Admin, call.function())) return call.Fail(std::move(*why));
  EventLoop::Register();
  void* conn = open(call.text(0), call.flags(1));
  if (call.Good(conn)) call.OutObject(conn);
}

void Uri(ValueCall& call) {
  auto* get = call.Own<char*(void*)>();
  char* uri = get == nullptr ? nullptr : get(call.object(0));
  if (get != nullptr && call.Good(uri)) KeepText(call, uri);
}

void Name(ValueCall& call) {
  auto* get = call.Own<const char*(void*)>();
  const char* name = get == nullptr ? nullptr : get(call.object(0));
  if (get != nullptr && call.Good(name)) call.out().Text(name);
}

void Ask(ValueCall& call) {
  auto* ask = call.Own<int(void*)>();
  if (ask != nullptr) call.OutCount(ask(call.object(0)));
}

void Act(ValueCall& call) {
  auto* act = call.Own<int(void*, unsigned int)>();
  if (act != nullptr) call.OutCount(act(call.object(0), call.flags(1)));
}

void GetLogging(ValueCall& call) {
  auto* get = call.Own<int(void*, char**, unsigned int)>();
  char* text = nullptr;
  if (get != nullptr && call.Good(get(call.object(0), &text, call.flags(1)))) KeepText(call, text);
}

void SetLogging(ValueCall& call) {
  auto* set = call.Own<int(void*, const char*, unsigned int)>();
  if (set != nullptr) call.OutCount(set(call.object(0), call.text(1), call.flags(2)));
}

void SetTimeout(ValueCall& call) {
  auto* set = call.Own<int(void*, unsigned int, unsigned int)>();
  if (set != nullptr) call.OutCount(set(call.object(0), call.flags(1), call.flags(2)));
}

void List(ValueCall& call) {
  auto* list = call.Own<int(void*, void***, unsigned int)>();
  if (list == nullptr) return;
  void** found = nullptr;
  int count = list(call.object(0), &found, call.flags(1));
  if (!call.Good(count)) return;
  call.out().List(static_cast<size_t>(count), [&](size_t i) { call.PackObject(call.row().result_class, found[i]); });
  std::free(found);
}

void LookUpServer(ValueCall& call) {
  auto* look_up = call.Own<void*(void*, const char*, unsigned int)>();
  if (look_up == nullptr) return;
  void* server = look_up(call.object(0), call.text(1), call.flags(2));
  if (call.Good(server)) call.OutObject(server);
}

void LookUpClient(ValueCall& call) {
  auto* look_up = call.Own<void*(void*, unsigned long long, unsigned int)>();
  if (look_up == nullptr) return;
  void* client = look_up(call.object(0), call.unsigned_wide(1), call.flags(2));
  if (call.Good(client)) call.OutObject(client);
}

void Id(ValueCall& call) {
  auto* get = call.Own<unsigned long long(void*)>();
  if (get != nullptr) call.out().Unsigned(get(call.object(0)));
}

void Timestamp(ValueCall& call) {
  auto* get = call.Own<long long(void*)>();
  if (get != nullptr) call.out().Signed(get(call.object(0)));
}

void Parameters(ValueCall& call) {
  auto* get = call.Own<int(void*, abi::TypedParameter**, int*, unsigned int)>();
  if (get == nullptr) return;
  abi::TypedParameter* parameters = nullptr;
  int count = 0;
  if (!call.Good(get(call.object(0), &parameters, &count, call.flags(1)))) return;
  call.out().Parameters(parameters, count);
  if (lib::virTypedParamsFree.Exists()) lib::virTypedParamsFree(parameters, count);
}

void SetParameters(ValueCall& call) {
  auto* set = call.Own<int(void*, abi::TypedParameter*, int, unsigned int)>();
  if (set == nullptr) return;
  OwnedParameters& parameters = call.lists().parameters;
  call.OutCount(set(call.object(0), parameters.data(), parameters.size(), call.flags(2)));
}

constexpr In kConn = An(Class::AdmConnect);
constexpr In kServer = An(Class::AdmServer);
constexpr In kClient = An(Class::AdmClient);
constexpr Class kNone = Class::Domain;
constexpr Library kAdmin = Library::Admin;

const ValueRow kRows[] = {
    {"virAdmInitialize", "2.0.0", "", {}, 0, Initialize, kNone, kAdmin, true},
    {"virAdmGetVersion", "2.0.0", "", {}, 0, Version, kNone, kAdmin, true},
    {"virAdmConnectOpen", "2.0.0", "name?,flags", {In::Text, In::UInt}, 2, Open, Class::AdmConnect, kAdmin},
    {"virAdmConnectGetURI", "2.0.0", "conn", {kConn}, 1, Uri, kNone, kAdmin},
    {"virAdmConnectGetLibVersion", "2.0.0", "conn", {kConn}, 1, LibVersion, kNone, kAdmin},
    {"virAdmConnectIsAlive", "2.0.0", "conn", {kConn}, 1, Ask, kNone, kAdmin},
    {"virAdmConnectListServers", "2.0.0", "conn,flags", {kConn, In::UInt}, 2, List, Class::AdmServer, kAdmin},
    {"virAdmConnectLookupServer",
     "2.0.0",
     "conn,name,flags",
     {kConn, In::Text, In::UInt},
     3,
     LookUpServer,
     Class::AdmServer,
     kAdmin},
    {"virAdmConnectGetLoggingFilters", "3.0.0", "conn,flags", {kConn, In::UInt}, 2, GetLogging, kNone, kAdmin},
    {"virAdmConnectGetLoggingOutputs", "3.0.0", "conn,flags", {kConn, In::UInt}, 2, GetLogging, kNone, kAdmin},
    {"virAdmConnectSetLoggingFilters",
     "3.0.0",
     "conn,filters?,flags",
     {kConn, In::Text, In::UInt},
     3,
     SetLogging,
     kNone,
     kAdmin},
    {"virAdmConnectSetLoggingOutputs",
     "3.0.0",
     "conn,outputs?,flags",
     {kConn, In::Text, In::UInt},
     3,
     SetLogging,
     kNone,
     kAdmin},
    {"virAdmConnectSetDaemonTimeout",
     "8.6.0",
     "conn,timeout,flags",
     {kConn, In::UInt, In::UInt},
     3,
     SetTimeout,
     kNone,
     kAdmin},
    {"virAdmServerGetName", "2.0.0", "srv", {kServer}, 1, Name, kNone, kAdmin, true},
    {"virAdmServerListClients", "2.0.0", "srv,flags", {kServer, In::UInt}, 2, List, Class::AdmClient, kAdmin},
    {"virAdmServerLookupClient",
     "2.0.0",
     "srv,id,flags",
     {kServer, In::ULong, In::UInt},
     3,
     LookUpClient,
     Class::AdmClient,
     kAdmin},
    {"virAdmServerGetThreadPoolParameters", "2.0.0", "srv,flags", {kServer, In::UInt}, 2, Parameters, kNone, kAdmin},
    {"virAdmServerSetThreadPoolParameters",
     "2.0.0",
     "srv,params,flags",
     {kServer, In::Parameters, In::UInt},
     3,
     SetParameters,
     kNone,
     kAdmin},
    {"virAdmServerGetClientLimits", "2.0.0", "srv,flags", {kServer, In::UInt}, 2, Parameters, kNone, kAdmin},
    {"virAdmServerSetClientLimits",
     "2.0.0",
     "srv,params,flags",
     {kServer, In::Parameters, In::UInt},
     3,
     SetParameters,
     kNone,
     kAdmin},
    {"virAdmServerUpdateTlsFiles", "2.0.0", "srv,flags", {kServer, In::UInt}, 2, Act, kNone, kAdmin},
    {"virAdmClientGetID", "2.0.0", "client", {kClient}, 1, Id, kNone, kAdmin, true},
    {"virAdmClientGetTimestamp", "2.0.0", "client", {kClient}, 1, Timestamp, kNone, kAdmin, true},
    {"virAdmClientGetTransport", "2.0.0", "client", {kClient}, 1, Ask, kNone, kAdmin, true},
    {"virAdmClientGetInfo", "2.0.0", "client,flags", {kClient, In::UInt}, 2, Parameters, kNone, kAdmin},
    {"virAdmClientClose", "2.0.0", "client,flags", {kClient, In::UInt}, 2, Act, kNone, kAdmin},
};

}  // namespace

bool ExportAdmin(napi_env env, napi_value exports) { return ExportValueRows(env, exports, kRows); }

}  // namespace novalet
