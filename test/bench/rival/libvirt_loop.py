"""libvirt's own time for what the worker does: overlay by qemu-img, defineXMLFlags, createWithFlags, and nothing else.

Orders come as JSON lines on standard input, one answer a line goes to standard output; times are CLOCK_MONOTONIC in nanoseconds.
Ends with its standard input, and so with whoever started it.
"""

import itertools
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import libvirt

# libvirtd works on five calls of one connection at a time.
THREADS_PER_CONNECTION = 4

connections = []


def open_connections(order):
    for connection in connections:
        connection.close()
    connections[:] = [libvirt.open(order["uri"]) for _ in range(order["connections"])]
    return {}


def template(order):
    """What the worker really defined, as it stands in its inactive definition."""
    domain = connections[0].lookupByUUIDString(order["uuid"])
    return {"xml": domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)}


def spawn_one(connection, guest, define_flags):
    began = time.monotonic_ns()
    os.mkdir(guest["directory"])
    if guest["disk"] is not None:
        subprocess.run(
            ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", guest["image"], guest["disk"]], check=True, stdin=subprocess.DEVNULL
        )
    imaged = time.monotonic_ns()
    domain = connection.defineXMLFlags(guest["xml"], define_flags)
    defined = time.monotonic_ns()
    domain.createWithFlags(0)
    return {"beganNs": began, "imagedNs": imaged, "definedNs": defined, "createdNs": time.monotonic_ns()}


def in_threads(count, work, items):
    """Runs work(connection, item) over all items with so many threads; the first failure ends it."""
    todo, results, failures = queue.SimpleQueue(), {}, []
    for numbered in enumerate(items):
        todo.put(numbered)

    def run(connection):
        while not failures:
            try:
                number, item = todo.get_nowait()
            except queue.Empty:
                return
            try:
                results[number] = work(connection, item)
            except Exception as error:
                failures.append(error)

    shares = itertools.cycle(connections[: max(1, -(-count // THREADS_PER_CONNECTION))])
    threads = [threading.Thread(target=run, args=(next(shares),)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return [results[number] for number in range(len(items))]


def spawn(order):
    began = time.monotonic_ns()
    flags = order["defineFlags"]
    guests = in_threads(order["threads"], lambda connection, guest: spawn_one(connection, guest, flags), order["guests"])
    return {"beganNs": began, "guests": guests}


def destroy_one(connection, guest):
    domain = connection.lookupByUUIDString(guest["uuid"])
    domain.destroyFlags(0)
    domain.undefineFlags(0)
    shutil.rmtree(guest["directory"])


def destroy(order):
    in_threads(order["threads"], destroy_one, order["guests"])
    return {}


DISK = "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{}'/><target dev='vdb' bus='virtio'/></disk>"
BOTH = libvirt.VIR_DOMAIN_AFFECT_LIVE | libvirt.VIR_DOMAIN_AFFECT_CONFIG


def qemu_img(*arguments):
    subprocess.run(["qemu-img", *arguments], check=True, stdin=subprocess.DEVNULL)


def second_disk(guest):
    return guest["directory"] + "/second.qcow2"


def get(domain, guest):
    domain.state()
    domain.XMLDesc(0)


def set_metadata(domain, guest):
    domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, "<owner>bench</owner>", "bench", "urn:bench", BOTH)


def attach_disk(domain, guest):
    qemu_img("create", "-q", "-f", "qcow2", second_disk(guest), "1M")
    domain.attachDeviceFlags(DISK.format(second_disk(guest)), BOTH)


def detach_disk(domain, guest):
    domain.detachDeviceFlags(DISK.format(second_disk(guest)), libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    os.unlink(second_disk(guest))


def reboot(domain, guest):
    domain.destroyFlags(0)
    domain.createWithFlags(0)


def resize(domain, guest):
    xml = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE)
    connections[0].defineXML(re.sub(r"(<(?:memory|currentMemory) unit='KiB'>)16384<", r"\g<1>20480<", xml))


def snapshot(domain, guest):
    qemu_img("convert", "-q", "-f", "qcow2", "-O", "qcow2", guest["disk"], guest["directory"] + "/snapshot.qcow2")


VERBS = {
    "get": get,
    "pause": lambda domain, guest: domain.suspend(),
    "unpause": lambda domain, guest: domain.resume(),
    "setMetadata": set_metadata,
    "attachDisk": attach_disk,
    "detachDisk": detach_disk,
    "reboot": reboot,
    "suspend": lambda domain, guest: domain.managedSave(0),
    "resume": lambda domain, guest: domain.createWithFlags(0),
    "stop": lambda domain, guest: domain.destroyFlags(0),
    "start": lambda domain, guest: domain.createWithFlags(0),
    "resize": resize,
    "snapshot": snapshot,
    "destroy": lambda domain, guest: destroy_one(connections[0], guest),
}


def verb(order):
    guest = order["guest"]
    began = time.monotonic_ns()
    VERBS[order["verb"]](connections[0].lookupByUUIDString(guest["uuid"]), guest)
    return {"tookNs": time.monotonic_ns() - began}


ORDERS = {"verb": verb, "open": open_connections, "template": template, "spawn": spawn, "destroy": destroy}


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C ends us by way of our standard input
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = ORDERS[order["do"]](order)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"id": order["id"], **answer}), flush=True)
    os._exit(0)


main()
