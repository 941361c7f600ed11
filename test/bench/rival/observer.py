"""Tells of every life-cycle event of a libvirt connection, with the moment it was seen: one JSON line an event.

Knows nothing of who started the guest, so that both sides are measured by the same clock. Ends with its standard input.
"""

import json
import os
import signal
import sys
import threading
import time

import libvirt


def tell(_connection, domain, event, detail, _opaque):
    print(json.dumps({"uuid": domain.UUIDString(), "event": event, "monotonicNs": time.monotonic_ns(), "wallNs": time.time_ns()}), flush=True)


def end_with_input():
    sys.stdin.read()
    os._exit(0)


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    libvirt.virEventRegisterDefaultImpl()
    connection = libvirt.open(sys.argv[1])
    connection.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, tell, None)
    threading.Thread(target=end_with_input, daemon=True).start()
    print(json.dumps({"ready": True}), flush=True)
    while True:
        libvirt.virEventRunDefaultImpl()


main()
