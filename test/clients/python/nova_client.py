"""nova's own clients over oslo.messaging, with real NovaObjects: orders and answers as in oslo_client.py.

usage: nova_client.py URL SERVER

An order: {"do": "nova", "method": …, "args": {"uuid": …, and perhaps "image", "memory_mb"}}; with a "version", a call of that version by nova's own
RPC client. An answer: as in oslo_client.py, or with "caught": the class of nova's that caught it. The methods are those of
nova.compute.rpcapi.ComputeAPI. Needs Debian's python3-nova.
"""

import json
import os
import sys

import oslo_messaging as messaging
from nova import context, exception, objects, rpc
from nova.compute import rpcapi
from nova.conf import CONF


def instance_of(uuid, memory_mb=64, host="host-1", image=None):
    flavor = objects.Flavor(
        id=1, name="m1.tiny", memory_mb=memory_mb, vcpus=1, root_gb=1, ephemeral_gb=0, flavorid="1", swap=0,
        rxtx_factor=1.0, vcpu_weight=0, disabled=False, is_public=True, extra_specs={}, projects=[],
    )
    return objects.Instance(
        id=1, uuid=uuid, display_name="by nova", hostname="by-nova", host=host, node=host, project_id="p", user_id="u",
        memory_mb=memory_mb, vcpus=1, root_gb=1, ephemeral_gb=0, image_ref=image or "", kernel_id="", ramdisk_id="",
        config_drive="", key_data=None, user_data=None, metadata={}, system_metadata={}, flavor=flavor, vm_state="building",
        task_state=None, power_state=0, numa_topology=None, pci_requests=None,
    )


def build(api, ctxt, server, instance, image):
    spec = objects.RequestSpec(
        flavor=instance.flavor, instance_uuid=instance.uuid, project_id="p", user_id="u", num_instances=1,
        image=objects.ImageMeta(id=image, name="i", status="active", disk_format="qcow2", properties=objects.ImageMetaProps()),
        requested_networks=objects.NetworkRequestList(objects=[]),
    )
    api.build_and_run_instance(
        ctxt, instance, server, {"id": image, "disk_format": "qcow2", "properties": {}}, spec, {},
        admin_password="s3cret", injected_files=[], requested_networks=objects.NetworkRequestList(objects=[]),
        security_groups=[], block_device_mapping=objects.BlockDeviceMappingList(objects=[]), node=server, limits={},
        host_list=[], accel_uuids=[],
    )


def main(url, server):
    os.environ["OS_DEFAULT__TRANSPORT_URL"] = url
    rpc.set_defaults(control_exchange="nova")
    CONF([], project="nova", default_config_files=[])
    CONF.set_override("compute", "6.0", group="upgrade_levels")
    objects.register_all()
    rpc.init(CONF)
    ctxt = context.RequestContext("u", "p", is_admin=True, auth_token="TOKEN-SECRET")
    api = rpcapi.ComputeAPI()
    for line in sys.stdin:
        order = json.loads(line)
        args = order.get("args", {})
        method = order["method"]
        try:
            if "version" in order:
                target = messaging.Target(topic=rpcapi.RPC_TOPIC, server=server, version=order["version"])
                answer = rpc.get_client(target).call(ctxt, method, **args)
            elif method in ("get_host_uptime", "set_host_enabled"):
                answer = getattr(api, method)(ctxt, server) if method == "get_host_uptime" else api.set_host_enabled(ctxt, server, args["enabled"])
            else:
                image = args.get("image", "00000000-0000-4000-8000-0000000000ff")
                instance = instance_of(args["uuid"], args.get("memory_mb", 64), server, image)
                if method == "build_and_run_instance":
                    answer = build(api, ctxt, server, instance, image)
                elif method == "terminate_instance":
                    answer = api.terminate_instance(ctxt, instance, objects.BlockDeviceMappingList(objects=[]))
                elif method == "reboot_instance":
                    answer = api.reboot_instance(ctxt, instance, None, args.get("type", "SOFT"))
                elif method == "stop_instance":
                    answer = api.stop_instance(ctxt, instance, do_cast=False)
                elif method == "get_console_output":
                    answer = api.get_console_output(ctxt, instance, args.get("tail_length"))
                elif method == "get_diagnostics":
                    answer = api.get_diagnostics(ctxt, instance)
                else:
                    answer = getattr(api, method)(ctxt, instance)
            answer = {"result": answer}
        except exception.InstanceNotFound as error:
            answer = {"error": str(error), "caught": "InstanceNotFound"}
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            names = [f"{one.__module__}.{one.__name__}" for one in type(error).__mro__]
            answer = {"error": str(error), "classes": names}
        print(json.dumps(answer), flush=True)
    rpc.cleanup()


if __name__ == "__main__":
    main(*sys.argv[1:])
