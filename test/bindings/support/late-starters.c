/*
 * Preloaded: whoever starts a thread loses the processor for a while, so that the new one is always ahead.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
  int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) = dlsym(RTLD_NEXT, "pthread_create");
  int failed = real(thread, attributes, run, argument);
  usleep(20000);
  return failed;
}
