"""libvirt-python, for comparison; the orders and figures are those of rival.c."""

import gc
import os
import sys
import threading
import time

import libvirt

INFO_XML = "<domain type='test'><name>cycle-%d</name><memory>1024</memory><os><type>hvm</type></os></domain>"


class Rival:
    def open(self, uri):
        self.conn = libvirt.open(uri)
        self.dom = self.conn.listAllDomains()[0]

    def close(self):
        self.dom = None
        self.conn.close()
        self.conn = None

    def serial(self, n):
        times = []
        for _ in range(int(n)):
            began = time.perf_counter_ns()
            self.dom.info()
            times.append(time.perf_counter_ns() - began)
        return [sorted(times)[len(times) // 2] / 1e3]

    def in_threads(self, n, width, work):
        left = iter(range(n))
        lock = threading.Lock()

        def run():
            while True:
                with lock:
                    item = next(left, None)
                if item is None:
                    return
                work(item)

        threads = [threading.Thread(target=run) for _ in range(width)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [n / (time.perf_counter() - began)]

    def flight(self, n, width):
        """Each thread has its share, so that no lock of Python's is in the way."""
        n, width = int(n), int(width)
        share = n // width
        info = self.dom.info

        def run():
            for _ in range(share):
                info()

        threads = [threading.Thread(target=run) for _ in range(width)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [share * width / (time.perf_counter() - began)]

    def one_cycle(self, item):
        made = self.conn.defineXML(INFO_XML % item)
        made.create()
        made.destroy()
        made.undefine()

    def cycle(self, n, width):
        return self.in_threads(int(n), int(width), self.one_cycle)

    def accessors(self, n):
        n = int(n)
        figures = []
        for method in (self.dom.name, self.dom.UUIDString, self.dom.ID):
            began = time.perf_counter_ns()
            for _ in range(n):
                method()
            figures.append((time.perf_counter_ns() - began) / n)
        return figures

    def stats(self):
        began = time.perf_counter_ns()
        records = self.conn.getAllDomainStats()
        taken = (time.perf_counter_ns() - began) / 1e6
        del records
        return [taken]

    def list(self):
        began = time.perf_counter_ns()
        domains = self.conn.listAllDomains()
        taken = (time.perf_counter_ns() - began) / 1e6
        del domains
        return [taken]

    def event(self, n):
        arrived = threading.Event()
        at = [0]

        def told(*_):
            at[0] = time.perf_counter_ns()
            arrived.set()

        identity = self.conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, told, None)
        times = []
        for i in range(int(n)):
            arrived.clear()
            began = time.perf_counter_ns()
            self.dom.resume() if i % 2 else self.dom.suspend()
            arrived.wait()
            times.append(at[0] - began)
        self.conn.domainEventDeregisterAny(identity)
        return [sorted(times)[len(times) // 2] / 1e3]

    def memory(self, n):
        n = int(n)
        kept = [None] * (2 * n)
        name = self.dom.name()
        before = 0
        for i in range(2 * n):
            if i == n:
                gc.collect()
                before = resident()
            kept[i] = self.conn.lookupByName(name)
        return [(resident() - before) / n]


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def run_events():
    while True:
        libvirt.virEventRunDefaultImpl()


libvirt.registerErrorHandler(lambda context, error: None, None)
if "--events" in sys.argv:
    libvirt.virEventRegisterDefaultImpl()
    libvirt.virEventAddTimeout(1000, lambda timer, opaque: None, None)
    threading.Thread(target=run_events, daemon=True).start()
rival = Rival()
for line in sys.stdin:
    order, *arguments = line.split()
    figures = getattr(rival, order)(*arguments) or [0]
    print(" ".join(map(str, figures)), flush=True)
os._exit(0)
