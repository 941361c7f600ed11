/*
 * libvirt in C, for comparison. Orders come one a line on standard input, figures go out one line an order:
 *   open URI | serial N | flight N WIDTH | accessors N | stats | list | event N | cycle N WIDTH | memory N | close
 * With --events libvirt's default event loop runs in a thread. Ends with its standard input.
 */
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static virConnectPtr conn;
static virDomainPtr dom;

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, virGetLastErrorMessage());
  exit(1);
}

static int ascending(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return difference < 0 ? -1 : difference > 0;
}

static double median(double *values, int count) {
  qsort(values, count, sizeof(*values), ascending);
  return values[count / 2];
}

static void silent(void *opaque, virErrorPtr error) {
  (void)opaque;
  (void)error;
}

static void *run_events(void *unused) {
  (void)unused;
  for (;;) virEventRunDefaultImpl();
  return NULL;
}

static void nothing(int timer, void *opaque) {
  (void)timer;
  (void)opaque;
}

static void open_uri(const char *uri) {
  conn = virConnectOpen(uri);
  if (!conn) fail("open");
  virDomainPtr *all;
  if (virConnectListAllDomains(conn, &all, 0) < 1) fail("list");
  dom = all[0];
  for (virDomainPtr *other = all + 1; *other; ++other) virDomainFree(*other);
  free(all);
}

static void serial(int n) {
  double *times = calloc(n, sizeof(*times));
  virDomainInfo info;
  for (int i = 0; i < n; ++i) {
    double began = now_us();
    if (virDomainGetInfo(dom, &info) < 0) fail("info");
    times[i] = now_us() - began;
  }
  printf("%f\n", median(times, n));
  free(times);
}

/* So many threads that share the work. */
static int left;
static void (*work)(int item);

static void *take_work(void *unused) {
  int item;
  (void)unused;
  while ((item = __atomic_fetch_sub(&left, 1, __ATOMIC_RELAXED)) > 0) work(item);
  return NULL;
}

static void in_threads(int n, int width, void (*one)(int)) {
  pthread_t threads[64];
  left = n;
  work = one;
  double began = now_us();
  for (int i = 0; i < width; ++i) pthread_create(&threads[i], NULL, take_work, NULL);
  for (int i = 0; i < width; ++i) pthread_join(threads[i], NULL);
  printf("%f\n", n / (now_us() - began) * 1e6);
}

static void one_info(int item) {
  virDomainInfo info;
  (void)item;
  if (virDomainGetInfo(dom, &info) < 0) fail("info");
}

static void one_cycle(int item) {
  char xml[256];
  snprintf(xml, sizeof(xml), "<domain type='test'><name>cycle-%d</name><memory>1024</memory><os><type>hvm</type></os></domain>", item);
  virDomainPtr made = virDomainDefineXML(conn, xml);
  if (!made || virDomainCreate(made) < 0 || virDomainDestroy(made) < 0 || virDomainUndefine(made) < 0) fail("cycle");
  virDomainFree(made);
}

static void accessors(int n) {
  char uuid[VIR_UUID_STRING_BUFLEN];
  double times[3];
  double began = now_us();
  for (int i = 0; i < n; ++i) virDomainGetName(dom);
  times[0] = now_us() - began;
  began = now_us();
  for (int i = 0; i < n; ++i) virDomainGetUUIDString(dom, uuid);
  times[1] = now_us() - began;
  began = now_us();
  for (int i = 0; i < n; ++i) virDomainGetID(dom);
  times[2] = now_us() - began;
  for (int i = 0; i < 3; ++i) printf("%f%c", times[i] * 1e3 / n, i == 2 ? '\n' : ' ');
}

static void stats(void) {
  virDomainStatsRecordPtr *records;
  double began = now_us();
  if (virConnectGetAllDomainStats(conn, 0, &records, 0) < 0) fail("stats");
  virDomainStatsRecordListFree(records);
  printf("%f\n", (now_us() - began) / 1e3);
}

static void list(void) {
  virDomainPtr *all;
  double began = now_us();
  int count = virConnectListAllDomains(conn, &all, 0);
  if (count < 0) fail("list");
  for (int i = 0; i < count; ++i) virDomainFree(all[i]);
  free(all);
  printf("%f\n", (now_us() - began) / 1e3);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static double arrived;

static int on_event(virConnectPtr c, virDomainPtr d, int event, int detail, void *opaque) {
  (void)c, (void)d, (void)event, (void)detail, (void)opaque;
  pthread_mutex_lock(&lock);
  arrived = now_us();
  pthread_cond_signal(&told);
  pthread_mutex_unlock(&lock);
  return 0;
}

static void event(int n) {
  double *times = calloc(n, sizeof(*times));
  int id = virConnectDomainEventRegisterAny(conn, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_event), NULL, NULL);
  if (id < 0) fail("register");
  for (int i = 0; i < n; ++i) {
    arrived = 0;
    double began = now_us();
    if ((i % 2 ? virDomainResume(dom) : virDomainSuspend(dom)) < 0) fail("suspend or resume");
    pthread_mutex_lock(&lock);
    while (arrived == 0) pthread_cond_wait(&told, &lock);
    pthread_mutex_unlock(&lock);
    times[i] = arrived - began;
  }
  virConnectDomainEventDeregisterAny(conn, id);
  printf("%f\n", median(times, n));
  free(times);
}

static long resident(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%*d %ld", &pages) != 1) exit(1);
  fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

/* What as many again add to those that are there: what a process grows by once is no handle's. */
static void memory(int n) {
  virDomainPtr *all = calloc(2 * n, sizeof(*all));
  memset(all, 1, 2 * n * sizeof(*all));
  const char *name = virDomainGetName(dom);
  long before = 0;
  for (int i = 0; i < 2 * n; ++i) {
    if (i == n) before = resident();
    if (!(all[i] = virDomainLookupByName(conn, name))) fail("look up");
  }
  printf("%f\n", (double)(resident() - before) / n);
  for (int i = 0; i < 2 * n; ++i) virDomainFree(all[i]);
  free(all);
}

int main(int argc, char **argv) {
  char line[1024], word[512];
  int n = 0, width = 0;
  virSetErrorFunc(NULL, silent);
  if (argc > 1 && strcmp(argv[1], "--events") == 0) {
    pthread_t thread;
    virEventRegisterDefaultImpl();
    virEventAddTimeout(1000, nothing, NULL, NULL);
    pthread_create(&thread, NULL, run_events, NULL);
  }
  while (fgets(line, sizeof(line), stdin)) {
    if (sscanf(line, "open %511s", word) == 1) {
      open_uri(word);
      puts("0");
    } else if (sscanf(line, "serial %d", &n) == 1) serial(n);
    else if (sscanf(line, "flight %d %d", &n, &width) == 2) in_threads(n, width, one_info);
    else if (sscanf(line, "accessors %d", &n) == 1) accessors(n);
    else if (strcmp(line, "stats\n") == 0) stats();
    else if (strcmp(line, "list\n") == 0) list();
    else if (sscanf(line, "event %d", &n) == 1) event(n);
    else if (sscanf(line, "cycle %d %d", &n, &width) == 2) in_threads(n, width, one_cycle);
    else if (sscanf(line, "memory %d", &n) == 1) memory(n);
    else if (strcmp(line, "close\n") == 0) {
      virDomainFree(dom);
      virConnectClose(conn);
      puts("0");
    } else return 2;
    fflush(stdout);
  }
  return 0;
}
