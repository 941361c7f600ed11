// The functions that are written by hand, each under its C name.
#pragma once

#include <node_api.h>

namespace novalet {

napi_value ConnectGetAllDomainStats(napi_env env, napi_callback_info info);
napi_value DomainListGetStats(napi_env env, napi_callback_info info);
napi_value ConnectOpenAuth(napi_env env, napi_callback_info info);
napi_value AnswerCredentials(napi_env env, napi_callback_info info);
napi_value ConnectClose(napi_env env, napi_callback_info info);
napi_value ConnectRegisterCloseCallback(napi_env env, napi_callback_info info);
napi_value ConnectUnregisterCloseCallback(napi_env env, napi_callback_info info);
napi_value AdmConnectClose(napi_env env, napi_callback_info info);
napi_value AdmConnectRegisterCloseCallback(napi_env env, napi_callback_info info);
napi_value AdmConnectUnregisterCloseCallback(napi_env env, napi_callback_info info);
napi_value ConnectSetKeepAlive(napi_env env, napi_callback_info info);
napi_value StreamRecv(napi_env env, napi_callback_info info);
napi_value StreamRecvFlags(napi_env env, napi_callback_info info);
napi_value StreamRecvHole(napi_env env, napi_callback_info info);
napi_value StreamSend(napi_env env, napi_callback_info info);
napi_value StreamSendHole(napi_env env, napi_callback_info info);
napi_value SetErrorFunc(napi_env env, napi_callback_info info);
napi_value StreamNew(napi_env env, napi_callback_info info);
napi_value StreamFinish(napi_env env, napi_callback_info info);
napi_value StreamEventUpdateCallback(napi_env env, napi_callback_info info);
napi_value StreamAbort(napi_env env, napi_callback_info info);
napi_value StreamEventAddCallback(napi_env env, napi_callback_info info);
napi_value StreamEventRemoveCallback(napi_env env, napi_callback_info info);
napi_value GetVersion(napi_env env, napi_callback_info info);

/** virDomainGetUUID, virDomainGetUUIDString and the same of the five other classes that have a UUID. */
bool ExportUuidFunctions(napi_env env, napi_value exports);

/** The families of value rows: see value_call.h. */
bool ExportObjectLists(napi_env env, napi_value exports);
bool ExportNameLists(napi_env env, napi_value exports);
bool ExportAllocatedNameLists(napi_env env, napi_value exports);
bool ExportCountedParameters(napi_env env, napi_value exports);
bool ExportAllocatedParameters(napi_env env, napi_value exports);
bool ExportParameterSetters(napi_env env, napi_value exports);
bool ExportNodeStats(napi_env env, napi_value exports);
bool ExportDomainCpuStats(napi_env env, napi_value exports);
bool ExportTuples(napi_env env, napi_value exports);
bool ExportOutParameters(napi_env env, napi_value exports);
bool ExportDictionaries(napi_env env, napi_value exports);
bool ExportStructureLists(napi_env env, napi_value exports);
bool ExportCpuMaps(napi_env env, napi_value exports);
bool ExportUuidLookups(napi_env env, napi_value exports);
bool ExportBytes(napi_env env, napi_value exports);
bool ExportListsIn(napi_env env, napi_value exports);
bool ExportNodeMemory(napi_env env, napi_value exports);
bool ExportFileDescriptors(napi_env env, napi_value exports);
bool ExportQemuCommands(napi_env env, napi_value exports);
bool ExportAdmin(napi_env env, napi_value exports);
/** virConnectDomainEventRegisterAny, virConnectDomainEventDeregisterAny and the same of the four other classes, and of
 * QEMU's monitor. */
bool ExportEventFunctions(napi_env env, napi_value exports);

/** virEventAddHandle, virEventAddTimeout and what changes and removes them. */
bool ExportEventHandleFunctions(napi_env env, napi_value exports);

}  // namespace novalet
