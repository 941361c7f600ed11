"""A client of oslo.messaging: orders as JSON lines on standard input, answers as JSON lines on standard output.

usage: oslo_client.py URL SERVER

An order: {"do": "call" or "cast", "method": …, "args": {…}, and perhaps "namespace", "version", "fanout", "timeout", "monitor", "times"}.
An answer: {"result": …} or {"error": its message, "classes": names of its class and of what that is derived from}.

Where nova is not installed, its exceptions are stood in for by classes of the same names: what oslo.messaging makes again of a failure is then
one of them, as it would be nova's own.
"""

import json
import sys
import types

import oslo_messaging
from oslo_config import cfg

try:
    from nova import exception  # noqa: F401
except ImportError:
    nova, exception = types.ModuleType("nova"), types.ModuleType("nova.exception")

    class NovaException(Exception):
        def __init__(self, message=None, **kwargs):
            super().__init__(message)
            self.kwargs = kwargs

    for name in ("NovaException", "Invalid", "NotFound", "InstanceNotFound", "InstanceInvalidState", "NotSupported"):
        base = () if name == "NovaException" else (NovaException,)
        setattr(exception, name, type(name, base, {"__module__": "nova.exception"}) if base else NovaException)
    NovaException.__module__ = "nova.exception"
    nova.exception = exception
    sys.modules.update({"nova": nova, "nova.exception": exception})


def main(url, server):
    conf = cfg.CONF
    conf([], project="nova")
    transport = oslo_messaging.get_rpc_transport(conf, url=url, allowed_remote_exmods=["nova.exception"])
    conf.set_override("control_exchange", "nova")
    for line in sys.stdin:
        order = json.loads(line)
        target = oslo_messaging.Target(
            exchange="nova",
            topic="compute",
            server=None if order.get("fanout") else server,
            namespace=order.get("namespace"),
            version=order.get("version", "6.0"),
            fanout=order.get("fanout", False),
        )
        client = oslo_messaging.RPCClient(
            transport, target, timeout=order.get("timeout", 30), call_monitor_timeout=order.get("monitor")
        )
        context = {"request_id": "req-python", "auth_token": "TOKEN-SECRET"}
        try:
            args = order.get("args", {})
            if order["do"] == "call":
                answer = {"result": client.call(context, order["method"], **args)}
            else:
                for one in order.get("each", [args]):
                    client.cast(context, order["method"], **one)
                answer = {"result": None}
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            names = [f"{one.__module__}.{one.__name__}" for one in type(error).__mro__]
            answer = {"error": str(error), "classes": names}
        print(json.dumps(answer), flush=True)
    transport.cleanup()


if __name__ == "__main__":
    main(*sys.argv[1:])
