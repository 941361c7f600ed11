// The addon's front door: opens libvirt, makes the environment's data, and exports one function for every row and
// override.
#include <napi.h>

#include "call.h"
#include "environment.h"
#include "library.h"
#include "overrides/overrides.h"
#include "row.h"
#include "thread_pool.h"

namespace novalet {
namespace {

/** { size, active, queued, limit, capacity, abandoned } of the process's thread pool. */
Napi::Value PoolStatsToJs(const Napi::CallbackInfo& info) {
  PoolStats stats = ThreadPool::Get().Stats();
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("size", Napi::Number::New(info.Env(), static_cast<double>(stats.size)));
  result.Set("active", Napi::Number::New(info.Env(), static_cast<double>(stats.active)));
  result.Set("queued", Napi::Number::New(info.Env(), static_cast<double>(stats.queued)));
  result.Set("limit", Napi::Number::New(info.Env(), static_cast<double>(stats.limit)));
  result.Set("capacity", Napi::Number::New(info.Env(), static_cast<double>(stats.capacity)));
  result.Set("abandoned", Napi::Number::New(info.Env(), static_cast<double>(Call::Abandoned())));
  return result;
}

/** (on). */
Napi::Value Hold(const Napi::CallbackInfo& info) {
  Environment* environment = Environment::Of(info.Env());
  if (info[0].ToBoolean()) {
    environment->Hold();
  } else {
    environment->Unhold();
  }
  return info.Env().Undefined();
}

double ScopeOf(const Napi::CallbackInfo& info) {
  return info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : 0;
}

Napi::Value Drain(const Napi::CallbackInfo& info) {
  Environment::Of(info.Env())->NextTurn();
  return info.Env().Undefined();
}

/** (scope). */
Napi::Value EnterScope(const Napi::CallbackInfo& info) {
  Environment::Of(info.Env())->EnterScope(ScopeOf(info));
  return info.Env().Undefined();
}

/** (scope, reason). */
Napi::Value AbandonScope(const Napi::CallbackInfo& info) {
  Environment::Of(info.Env())->AbandonScope(ScopeOf(info), info[1]);
  return info.Env().Undefined();
}

/** (scope) -> the functions that its calls wait for, with the names of their objects. */
Napi::Value CallsOfScope(const Napi::CallbackInfo& info) {
  Napi::Array names = Napi::Array::New(info.Env());
  uint32_t count = 0;
  for (const std::string& name : Environment::Of(info.Env())->CallsOfScope(ScopeOf(info))) names.Set(count++, name);
  return names;
}

/** (scope). */
Napi::Value CloseScope(const Napi::CallbackInfo& info) {
  Environment::Of(info.Env())->CloseScope(ScopeOf(info));
  return info.Env().Undefined();
}

/** Takes lib/native.ts's functions, in the order of Hook. */
Napi::Value SetHooks(const Napi::CallbackInfo& info) {
  Environment* environment = Environment::Of(info.Env());
  for (size_t hook = 0; hook < kHookCount; ++hook) {
    if (!info[hook].IsFunction() || !environment->SetHook(static_cast<Hook>(hook), info[hook])) {
      Napi::TypeError::New(info.Env(), "setHooks: functions expected").ThrowAsJavaScriptException();
      break;
    }
  }
  return info.Env().Undefined();
}

/** Gives up a handle before the garbage collector would: its object is freed when the calls on it are over. */
Napi::Value ReleaseHandle(const Napi::CallbackInfo& info) {
  if (!info[0].IsExternal()) return info.Env().Undefined();
  auto* object = info[0].As<Napi::External<Object>>().Data();
  if (object != nullptr && object->IsOurs() && !object->disposed) {
    object->disposed = true;
    object->Release();
  }
  return info.Env().Undefined();
}

struct ByHand {
  const char* name;
  napi_callback callback;
};

constexpr ByHand kByHand[] = {
    {"virConnectGetAllDomainStats", ConnectGetAllDomainStats},
    {"virDomainListGetStats", DomainListGetStats},
    {"virConnectOpenAuth", ConnectOpenAuth},
    {"answerCredentials", AnswerCredentials},
    {"virConnectClose", ConnectClose},
    {"virConnectRegisterCloseCallback", ConnectRegisterCloseCallback},
    {"virConnectUnregisterCloseCallback", ConnectUnregisterCloseCallback},
    {"virAdmConnectClose", AdmConnectClose},
    {"virAdmConnectRegisterCloseCallback", AdmConnectRegisterCloseCallback},
    {"virAdmConnectUnregisterCloseCallback", AdmConnectUnregisterCloseCallback},
    {"virConnectSetKeepAlive", ConnectSetKeepAlive},
    {"virSetErrorFunc", SetErrorFunc},
    {"virStreamRecv", StreamRecv},
    {"virStreamRecvFlags", StreamRecvFlags},
    {"virStreamRecvHole", StreamRecvHole},
    {"virStreamSend", StreamSend},
    {"virStreamSendHole", StreamSendHole},
    {"virStreamNew", StreamNew},
    {"virStreamFinish", StreamFinish},
    {"virStreamEventUpdateCallback", StreamEventUpdateCallback},
    {"virStreamAbort", StreamAbort},
    {"virStreamEventAddCallback", StreamEventAddCallback},
    {"virStreamEventRemoveCallback", StreamEventRemoveCallback},
    {"virGetVersion", GetVersion},
};

constexpr bool (*kFamilies[])(napi_env, napi_value) = {ExportUuidFunctions,
                                                       ExportObjectLists,
                                                       ExportNameLists,
                                                       ExportAllocatedNameLists,
                                                       ExportCountedParameters,
                                                       ExportAllocatedParameters,
                                                       ExportParameterSetters,
                                                       ExportNodeStats,
                                                       ExportDomainCpuStats,
                                                       ExportTuples,
                                                       ExportOutParameters,
                                                       ExportDictionaries,
                                                       ExportStructureLists,
                                                       ExportCpuMaps,
                                                       ExportUuidLookups,
                                                       ExportBytes,
                                                       ExportListsIn,
                                                       ExportNodeMemory,
                                                       ExportFileDescriptors,
                                                       ExportQemuCommands,
                                                       ExportAdmin};

/** Whether 64-bit integers are bigints in what the calls made from now on give. */
Napi::Value SetBigint(const Napi::CallbackInfo& info) {
  Environment::Of(info.Env())->SetBigint(info[0].ToBoolean());
  return info.Env().Undefined();
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  std::string problem;
  if (!OpenLibvirt(&problem)) {
    Napi::Error::New(env, problem).ThrowAsJavaScriptException();
    return exports;
  }
  if (Environment::Create(env) == nullptr) return exports;
  ExportEventFunctions(env, exports);
  ExportEventHandleFunctions(env, exports);
  ExportLibvirtRows(env, exports);
  ExportQemuRows(env, exports);
  ExportLxcRows(env, exports);
  for (auto* family : kFamilies) family(env, exports);
  // Last: an override takes the place of a row of its name.
  for (const ByHand& one : kByHand) {
    napi_value function;
    if (napi_create_function(env, one.name, NAPI_AUTO_LENGTH, one.callback, nullptr, &function) == napi_ok) {
      napi_set_named_property(env, exports, one.name, function);
    }
  }
  exports.Set("poolStats", Napi::Function::New(env, PoolStatsToJs, "poolStats"));
  exports.Set("hold", Napi::Function::New(env, Hold, "hold"));
  exports.Set("drain", Napi::Function::New(env, Drain, "drain"));
  exports.Set("enterScope", Napi::Function::New(env, EnterScope, "enterScope"));
  exports.Set("abandonScope", Napi::Function::New(env, AbandonScope, "abandonScope"));
  exports.Set("callsOfScope", Napi::Function::New(env, CallsOfScope, "callsOfScope"));
  exports.Set("closeScope", Napi::Function::New(env, CloseScope, "closeScope"));
  exports.Set("setHooks", Napi::Function::New(env, SetHooks, "setHooks"));
  exports.Set("setBigint", Napi::Function::New(env, SetBigint, "setBigint"));
  exports.Set("releaseHandle", Napi::Function::New(env, ReleaseHandle, "releaseHandle"));
  return exports;
}

}  // namespace
}  // namespace novalet

using novalet::Init;
NODE_API_MODULE(novalet_libvirt, Init)
