/*
 * Stands before the real libvirt, and tells of every event of domains as soon as it is registered, with details that no two of them share.
 */
#include <libvirt/libvirt.h>

#include <string.h>

#define TELL(type, ...) (((type)cb)(conn, dom, ##__VA_ARGS__, opaque))

int virConnectDomainEventRegisterAny(virConnectPtr conn, virDomainPtr dom, int event,
                                     virConnectDomainEventGenericCallback cb, void *opaque, virFreeCallback free_opaque) {
  static virDomainEventGraphicsAddress local = {VIR_DOMAIN_EVENT_GRAPHICS_ADDRESS_IPV4, "10.0.0.1", "5900"};
  static virDomainEventGraphicsAddress remote = {VIR_DOMAIN_EVENT_GRAPHICS_ADDRESS_UNIX, "/a/socket", NULL};
  static virDomainEventGraphicsSubjectIdentity identities[] = {{"x509dname", "CN=one"}, {"saslUsername", "two"}};
  static virDomainEventGraphicsSubject subject = {2, identities};
  virTypedParameter parameters[7];
  int one_too_many = 8; /* a type that this libvirt does not have yet */
  (void)free_opaque;

  dom = virDomainLookupByName(conn, "test");
  memset(parameters, 0, sizeof(parameters));
  for (int i = 0; i < 7; ++i) {
    parameters[i].type = i + 1;
    strcpy(parameters[i].field, (const char *[]){"int", "uint", "llong", "ullong", "double", "boolean", "string"}[i]);
  }
  parameters[0].value.i = -1;
  parameters[1].value.ui = 4000000000u;
  parameters[2].value.l = -5000000000ll;
  parameters[3].value.ul = 5000000000ull;
  parameters[4].value.d = 0.5;
  parameters[5].value.b = 1;
  parameters[6].value.s = "text";

  switch (event) {
    case VIR_DOMAIN_EVENT_ID_LIFECYCLE: TELL(virConnectDomainEventCallback, 5, 1); break;
    case VIR_DOMAIN_EVENT_ID_REBOOT:
    case VIR_DOMAIN_EVENT_ID_CONTROL_ERROR: TELL(virConnectDomainEventGenericCallback); break;
    case VIR_DOMAIN_EVENT_ID_RTC_CHANGE: TELL(virConnectDomainEventRTCChangeCallback, -3000000000ll); break;
    case VIR_DOMAIN_EVENT_ID_WATCHDOG: TELL(virConnectDomainEventWatchdogCallback, 2); break;
    case VIR_DOMAIN_EVENT_ID_IO_ERROR: TELL(virConnectDomainEventIOErrorCallback, "/a/disk", "vda", 1); break;
    case VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON: TELL(virConnectDomainEventIOErrorReasonCallback, "/a/disk", "vda", 1, "enospc"); break;
    case VIR_DOMAIN_EVENT_ID_GRAPHICS: TELL(virConnectDomainEventGraphicsCallback, 1, &local, &remote, "sasl", &subject); break;
    case VIR_DOMAIN_EVENT_ID_BLOCK_JOB: TELL(virConnectDomainEventBlockJobCallback, "/a/disk", 2, 3); break;
    case VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2: TELL(virConnectDomainEventBlockJobCallback, "vda", 2, 3); break;
    case VIR_DOMAIN_EVENT_ID_DISK_CHANGE: TELL(virConnectDomainEventDiskChangeCallback, "/an/old", NULL, "ide0", 1); break;
    case VIR_DOMAIN_EVENT_ID_TRAY_CHANGE: TELL(virConnectDomainEventTrayChangeCallback, "ide1", 1); break;
    case VIR_DOMAIN_EVENT_ID_PMWAKEUP: TELL(virConnectDomainEventPMWakeupCallback, 11); break;
    case VIR_DOMAIN_EVENT_ID_PMSUSPEND: TELL(virConnectDomainEventPMSuspendCallback, 12); break;
    case VIR_DOMAIN_EVENT_ID_PMSUSPEND_DISK: TELL(virConnectDomainEventPMSuspendDiskCallback, 14); break;
    case VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE: TELL(virConnectDomainEventBalloonChangeCallback, 6000000000ull); break;
    case VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED: TELL(virConnectDomainEventDeviceRemovedCallback, "gone0"); break;
    case VIR_DOMAIN_EVENT_ID_DEVICE_ADDED: TELL(virConnectDomainEventDeviceAddedCallback, "new0"); break;
    case VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED: TELL(virConnectDomainEventDeviceRemovalFailedCallback, "stays0"); break;
    case VIR_DOMAIN_EVENT_ID_TUNABLE: TELL(virConnectDomainEventTunableCallback, parameters, 7); break;
    case VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE: TELL(virConnectDomainEventAgentLifecycleCallback, 1, 2); break;
    case VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION: TELL(virConnectDomainEventMigrationIterationCallback, 20); break;
    case VIR_DOMAIN_EVENT_ID_JOB_COMPLETED:
      parameters[0].type = one_too_many;
      TELL(virConnectDomainEventJobCompletedCallback, parameters, 2);
      break;
    case VIR_DOMAIN_EVENT_ID_METADATA_CHANGE: TELL(virConnectDomainEventMetadataChangeCallback, 2, "urn:x"); break;
    case VIR_DOMAIN_EVENT_ID_BLOCK_THRESHOLD: TELL(virConnectDomainEventBlockThresholdCallback, "vda[1]", NULL, 7000000000ull, 8ull); break;
    case VIR_DOMAIN_EVENT_ID_MEMORY_FAILURE: TELL(virConnectDomainEventMemoryFailureCallback, 1, 2, 0x80000001u); break;
    case VIR_DOMAIN_EVENT_ID_MEMORY_DEVICE_SIZE_CHANGE: TELL(virConnectDomainEventMemoryDeviceSizeChangeCallback, "mem0", 9000000000ull); break;
    default: /* VIR_DOMAIN_EVENT_ID_NIC_MAC_CHANGE, which the headers of older libvirts do not have */
      ((void (*)(virConnectPtr, virDomainPtr, const char *, const char *, const char *, void *))cb)(conn, dom, "net0", "old", "new", opaque);
  }
  virDomainFree(dom);
  return 1000 + event;
}

int virConnectDomainEventDeregisterAny(virConnectPtr conn, int id) {
  (void)conn;
  return id >= 1000 ? 0 : -1;
}
