/*
 * Stands before the real libvirt: its test driver knows two statistics of a domain, a busy QEMU host some sixty. The same for all rivals.
 */
#include <libvirt/libvirt.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES 60

int virConnectGetAllDomainStats(virConnectPtr conn, unsigned int stats, virDomainStatsRecordPtr **records, unsigned int flags) {
  virDomainPtr *domains;
  int count = virConnectListAllDomains(conn, &domains, 0);
  (void)stats;
  (void)flags;
  if (count < 0) return -1;
  *records = calloc(count + 1, sizeof(**records));
  for (int i = 0; i < count; ++i) {
    virDomainStatsRecordPtr record = calloc(1, sizeof(*record));
    record->dom = domains[i];
    record->params = calloc(VALUES, sizeof(*record->params));
    record->nparams = VALUES;
    for (int v = 0; v < VALUES; ++v) {
      virTypedParameterPtr value = &record->params[v];
      snprintf(value->field, sizeof(value->field), "block.%d.value.%d", v / 10, v);
      if (v % 20 == 0) {
        value->type = VIR_TYPED_PARAM_STRING;
        value->value.s = strdup("/var/lib/libvirt/images/disk.qcow2");
      } else {
        value->type = VIR_TYPED_PARAM_ULLONG;
        value->value.ul = 1000000ull * i + v;
      }
    }
    (*records)[i] = record;
  }
  free(domains);
  return count;
}
