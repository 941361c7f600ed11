/*
 * Stands before the real libvirt, and gives what neither the test driver nor a guest without an agent does: empty and missing parts,
 * values beyond 32 bits, many CPUs, and a setter that prints what it was given.
 */
#include <libvirt/libvirt.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int virDomainGetFSInfo(virDomainPtr domain, virDomainFSInfoPtr **info, unsigned int flags) {
  *info = calloc(3, sizeof(**info));
  (void)domain;
  (void)flags;
  for (int i = 0; i < 3; ++i) {
    virDomainFSInfoPtr one = (*info)[i] = calloc(1, sizeof(*one));
    one->mountpoint = strdup(i == 1 ? "/" : "/data");
    one->name = i == 2 ? NULL : strdup("vda1");
    one->fstype = strdup("ext4");
    one->ndevAlias = 2 - (size_t)i;
    one->devAlias = calloc(3, sizeof(char *));
    for (int alias = 0; alias < 2 - i; ++alias) one->devAlias[alias] = strdup(alias == 0 ? "vda" : "vdb");
  }
  return 3;
}

int virDomainInterfaceAddresses(virDomainPtr domain, virDomainInterfacePtr **ifaces, unsigned int source, unsigned int flags) {
  *ifaces = calloc(2, sizeof(**ifaces));
  (void)domain;
  (void)source;
  (void)flags;
  for (int i = 0; i < 2; ++i) {
    virDomainInterfacePtr one = (*ifaces)[i] = calloc(1, sizeof(*one));
    one->name = strdup(i == 0 ? "lo" : "__proto__");
    one->hwaddr = i == 0 ? NULL : strdup("52:54:00:00:00:01");
    one->naddrs = (unsigned int)i * 2;
    one->addrs = calloc(2, sizeof(*one->addrs));
    for (unsigned int a = 0; a < one->naddrs; ++a) {
      one->addrs[a].type = (int)a;
      one->addrs[a].addr = strdup(a == 0 ? "10.0.0.1" : "fe80::1");
      one->addrs[a].prefix = a == 0 ? 24 : 64;
    }
  }
  return 2;
}

int virNetworkGetDHCPLeases(virNetworkPtr network, const char *mac, virNetworkDHCPLeasePtr **leases, unsigned int flags) {
  *leases = calloc(2, sizeof(**leases));
  (void)network;
  (void)flags;
  const int count = mac == NULL ? 1 : 2;
  for (int i = 0; i < count; ++i) {
    virNetworkDHCPLeasePtr one = (*leases)[i] = calloc(1, sizeof(*one));
    one->iface = strdup("virbr0");
    one->expirytime = 5000000000ll;
    one->ipaddr = strdup("10.0.0.2");
    one->prefix = 24;
    if (i == 0) continue;
    one->mac = strdup(mac);
    one->hostname = strdup("guest");
    one->clientid = strdup("ff");
    one->iaid = strdup("1");
  }
  return count;
}

static void Fill(virTypedParameterPtr parameter, const char *name, int type, unsigned long long value) {
  memset(parameter, 0, sizeof(*parameter));
  strcpy(parameter->field, name);
  parameter->type = type;
  parameter->value.ul = value;
}

int virDomainGetGuestInfo(virDomainPtr domain, unsigned int types, virTypedParameterPtr *params, int *nparams, unsigned int flags) {
  *params = calloc(6, sizeof(**params));
  (void)domain;
  (void)types;
  (void)flags;
  Fill(&(*params)[0], "uint", VIR_TYPED_PARAM_UINT, 4294967295u);
  Fill(&(*params)[1], "ullong", VIR_TYPED_PARAM_ULLONG, 18446744073709551615ull);
  Fill(&(*params)[2], "llong", VIR_TYPED_PARAM_LLONG, (unsigned long long)-9007199254740993ll);
  Fill(&(*params)[3], "later", 8, 1); /* a type that this libvirt does not have yet */
  Fill(&(*params)[4], "text", VIR_TYPED_PARAM_STRING, 0);
  (*params)[4].value.s = strdup("gr\xc3\xbc\xc3\x9f");
  Fill(&(*params)[5], "double", VIR_TYPED_PARAM_DOUBLE, 0);
  (*params)[5].value.d = -0.25;
  *nparams = 6;
  return 0;
}

/* 300 CPUs: more than one call carries. */
int virDomainGetCPUStats(virDomainPtr domain, virTypedParameterPtr params, unsigned int nparams, int start, unsigned int ncpus,
                         unsigned int flags) {
  (void)domain;
  (void)flags;
  if (params == NULL) return ncpus == 0 ? 300 : 2;
  if (ncpus > 128) return -1;
  for (unsigned int cpu = 0; cpu < ncpus; ++cpu) {
    unsigned long long number = (unsigned long long)start + cpu;
    Fill(&params[cpu * nparams], "cpu_time", VIR_TYPED_PARAM_ULLONG, number);
    if (number % 2 == 0) Fill(&params[cpu * nparams + 1], "vcpu_time", VIR_TYPED_PARAM_ULLONG, 7);
  }
  return 2;
}

int virNodeGetFreePages(virConnectPtr conn, unsigned int npages, unsigned int *pages, int start, unsigned int cells,
                        unsigned long long *counts, unsigned int flags) {
  (void)conn;
  (void)pages;
  (void)start;
  (void)flags;
  for (unsigned int i = 0; i < npages * cells; ++i) counts[i] = 5000000000ull + i;
  return (int)(npages * cells);
}

static const int kTypes[] = {VIR_TYPED_PARAM_INT,    VIR_TYPED_PARAM_UINT,    VIR_TYPED_PARAM_LLONG, VIR_TYPED_PARAM_ULLONG,
                             VIR_TYPED_PARAM_DOUBLE, VIR_TYPED_PARAM_BOOLEAN, VIR_TYPED_PARAM_STRING};

/* Knows names that no list of libvirt's has, each of another type. */
int virDomainGetMemoryParameters(virDomainPtr domain, virTypedParameterPtr params, int *nparams, unsigned int flags) {
  (void)domain;
  (void)flags;
  for (int i = 0; params != NULL && i < *nparams; ++i) {
    char name[8];
    snprintf(name, sizeof(name), "new%d", kTypes[i]);
    Fill(&params[i], name, kTypes[i], 0);
  }
  *nparams = 7;
  return 0;
}

int virDomainSetMemoryParameters(virDomainPtr domain, virTypedParameterPtr params, int nparams, unsigned int flags) {
  (void)domain;
  (void)flags;
  for (int i = 0; i < nparams; ++i) printf("%s%s:%d", i == 0 ? "" : " ", params[i].field, params[i].type);
  printf("\n");
  fflush(stdout);
  return 0;
}
