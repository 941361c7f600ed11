"""Runs scenarios, one a line of JSON on standard input, through libvirt-python; the outcomes of each go out as one line.

Ends with its standard input, and so with whoever started it.
"""

import gc
import inspect
import json
import os
import sys
import threading
import time

import libvirt
import libvirt_lxc
import libvirt_qemu

NAME_OF = {
    "virConnect": None,
    "virStream": None,
    "virDomainSnapshot": "getName",
    "virDomainCheckpoint": "getName",
    "virSecret": "UUIDString",
    "virNetworkPort": "UUIDString",
    "virStorageVol": "key",
    "virNWFilterBinding": "portDev",
}
# Which error of JavaScript's stands for which of Python's.
JAVASCRIPT = {"TypeError": "TypeError", "OverflowError": "RangeError", "LookupError": "RangeError", "KeyError": "RangeError", "ValueError": "TypeError"}


def encode(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return {"integer": str(value)}
    if isinstance(value, float):
        return {"integer": str(int(value))} if value.is_integer() else {"double": value}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"dictionary": {str(key): encode(item) for key, item in value.items()}}
    name = type(value).__name__
    if name not in NAME_OF and not hasattr(libvirt, name):
        return {"object": name}
    getter = NAME_OF.get(name, "name")
    return {"object": name if getter is None else "%s %s" % (name, getattr(value, getter)())}


class Run:
    def __init__(self, scenario):
        self.directory = scenario["directory"]
        self.uri = scenario["uri"]
        self.variables = {"libvirt": libvirt, "qemu": libvirt_qemu, "lxc": libvirt_lxc}
        self.recorded = {}
        self.callbacks = {}
        self.opened = []

    def text(self, value):
        return value.replace("$DIR", self.directory).replace("$URI", self.uri)

    def callback(self, name, returns):
        if name in self.callbacks:
            return self.callbacks[name]
        calls = self.recorded.setdefault(name, [])
        left = list(returns)

        def record(*arguments):
            calls.append([encode(argument) for argument in arguments])
            return self.decode(left.pop(0) if len(left) > 1 else left[0])

        self.callbacks[name] = record
        return record

    def credentials(self, answers, result):
        def answer(asked, opaque):
            for one, value in zip(asked, answers):
                one[4] = value
            return result

        return answer

    def raises(self, message):
        def fail(*arguments):
            raise RuntimeError(message)

        return fail

    def decode(self, value):
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.decode(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "$" in value:
            return self.variables[value["$"]]
        if "$bytes" in value:
            return bytes.fromhex(value["$bytes"])
        if "$tuple" in value:
            return tuple(self.decode(item) for item in value["$tuple"])
        if "$byInteger" in value:
            return {key: self.decode(item) for key, item in value["$byInteger"]}
        if "$integer" in value:
            return int(value["$integer"])
        if "$callback" in value:
            return self.callback(value["$callback"], value.get("returns", [0]))
        if "$credentials" in value:
            return self.credentials(value["$credentials"], value["returns"])
        if "$raises" in value:
            return self.raises(value["$raises"])
        if "$open" in value:
            self.opened.append(os.open(self.text(value["$open"]), os.O_RDWR | os.O_CREAT, 0o600))
            return self.opened[-1]
        return {key: self.decode(item) for key, item in value.items()}

    def step(self, step):
        try:
            if "wait" in step:
                return {"value": self.waited(step)}
            variable, method = step["call"].split(".", 1)
            result = getattr(self.variables[variable], method)(*[self.decode(argument) for argument in step.get("args", [])])
            if "as" in step:
                kept = result
                for index in step.get("at", []):
                    kept = kept[index]
                self.variables[step["as"]] = kept
            return {"value": encode(result)}
        except libvirt.libvirtError as error:
            return {"error": encode(error.err) if error.err is not None else str(error)}
        except Exception as error:
            name = type(error).__name__
            return {"throws": JAVASCRIPT.get(name, "Error"), "message": "%s: %s" % (name, error)}

    def waited(self, step):
        deadline = time.monotonic() + 5
        calls = self.recorded.setdefault(step["wait"], [])
        while len(calls) < step["count"] and time.monotonic() < deadline:
            time.sleep(0.002)
        return list(calls)

    def end(self):
        conn = self.variables.get("conn")
        self.variables.clear()
        self.callbacks.clear()
        gc.collect()
        for descriptor in self.opened:
            os.close(descriptor)
        if conn is not None:
            try:
                conn.close()
            except libvirt.libvirtError:
                pass  # the scenario did


def surface():
    """Every public name: constants with their values, methods with the number of arguments that they want at least."""
    modules = {}
    for name, module in (("libvirt", libvirt), ("qemu", libvirt_qemu), ("lxc", libvirt_lxc)):
        constants = {key: encode(value) for key, value in vars(module).items() if key.startswith("VIR_") and isinstance(value, (int, str))}
        functions = sorted(
            key for key, value in vars(module).items() if inspect.isfunction(value) and value.__module__ == module.__name__ and not key.startswith("_")
        )
        classes = {
            key: sorted(member for member in dir(value) if not member.startswith("_") and callable(getattr(value, member)))
            for key, value in vars(module).items()
            if isinstance(value, type) and key.startswith("vir")
        }
        modules[name] = {"constants": constants, "functions": functions, "classes": classes}
    return modules


def run_events():
    while True:
        libvirt.virEventRunDefaultImpl()


def main():
    libvirt.virEventRegisterDefaultImpl()
    libvirt.registerErrorHandler(lambda context, error: None, None)
    # Without a timer a loop with nothing registered would never come back.
    libvirt.virEventAddTimeout(50, lambda timer, opaque: None, None)
    threading.Thread(target=run_events, daemon=True).start()
    for line in sys.stdin:
        order = json.loads(line)
        if order == "surface":
            answer = surface()
        else:
            run = Run(order)
            answer = [run.step(step) for step in order["steps"]]
            run.end()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    os._exit(0)


main()
