"""A server of oslo.messaging, as nova-compute starts one: the other side of the bridge's comparison.

usage: oslo_server.py URL SERVER; its source may be handed over as text. Says {"ready": pid} on standard output and ends with its standard input.
Its method does nothing at all, and threads serve it, which is the faster one of oslo.messaging's executors.
"""

import json
import os
import sys

import oslo_messaging
from oslo_config import cfg


class Endpoint:
    target = oslo_messaging.Target(version="6.5")

    def get_host_uptime(self, context):
        return " 18:01:02 up 3 days,  1:02,  2 users,  load average: 0.10, 0.20, 0.30"


def main(url, server):
    conf = cfg.CONF
    conf([], project="nova")
    transport = oslo_messaging.get_rpc_transport(conf, url=url)
    target = oslo_messaging.Target(exchange="nova", topic="compute", server=server)
    rpc = oslo_messaging.get_rpc_server(transport, target, [Endpoint()], executor="threading")
    rpc.start()
    print(json.dumps({"ready": os.getpid()}), flush=True)
    sys.stdin.read()
    rpc.stop()
    rpc.wait()


main(*sys.argv[1:])
