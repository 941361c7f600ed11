"""Drives a host by its gRPC API alone, with stubs made of the published protobuf files: create, wait, console, delete.

usage: grpc_client.py STUBS ADDRESS UUID SPEC WORDS: the spec as JSON, and what the guest says on its console once it is up; none: it has none
"""
import json
import sys
import uuid

sys.path.insert(0, sys.argv[1])

import grpc  # noqa: E402
from google.protobuf import json_format  # noqa: E402


def load_google(stubs):
    """Debian's google package is a regular one: what stands beside it has to be added to its path."""
    import google

    google.__path__.append(f"{stubs}/google")


load_google(sys.argv[1])

from google.longrunning import operations_pb2, operations_pb2_grpc  # noqa: E402
from google.rpc import error_details_pb2, status_pb2  # noqa: E402
from novalet.compute.v1 import instance_pb2, instance_service_pb2, instance_service_pb2_grpc  # noqa: E402


def finished(operations, operation):
    while not operation.done:
        request = operations_pb2.WaitOperationRequest(name=operation.name)
        request.timeout.FromSeconds(20)
        operation = operations.WaitOperation(request)
    if operation.HasField("error"):
        raise SystemExit(f"{operation.name}: {operation.error}")
    return operation


def main():
    _, _, address, instance_id, spec, words = sys.argv
    name = f"projects/default/instances/{instance_id}"
    with grpc.insecure_channel(address) as channel:
        instances = instance_service_pb2_grpc.InstanceServiceStub(channel)
        operations = operations_pb2_grpc.OperationsStub(channel)

        instance = instance_pb2.Instance(display_name="from Python")
        json_format.ParseDict(json.loads(spec), instance.spec)
        request = instance_service_pb2.CreateInstanceRequest(
            parent="projects/default", instance_id=instance_id, instance=instance, request_id=str(uuid.uuid4())
        )
        created = instance_pb2.Instance()
        finished(operations, instances.CreateInstance(request)).response.Unpack(created)
        print("created", instance_pb2.Instance.State.Name(created.state))

        watch = instances.WatchInstances(instance_service_pb2.WatchInstancesRequest(parent="projects/-"))
        for event in watch:
            if event.WhichOneof("event") == "snapshot_complete":
                break
            print("watched", event.upserted.name == name, event.upserted.display_name)
        watch.cancel()

        console = b""
        request = instance_service_pb2.GetConsoleOutputRequest(name=name, follow=words != "")
        try:
            for part in instances.GetConsoleOutput(request, timeout=120):
                console += part.content
                if words and words.encode() in console:
                    break
        except grpc.RpcError as error:
            print("no console", error.code().name)
        print("console", words.encode() in console)

        finished(operations, instances.DeleteInstance(instance_service_pb2.DeleteInstanceRequest(name=name)))
        try:
            instances.GetInstance(instance_service_pb2.GetInstanceRequest(name=name))
        except grpc.RpcError as error:
            details = dict(error.trailing_metadata())["grpc-status-details-bin"]
            info = error_details_pb2.ErrorInfo()
            status_pb2.Status.FromString(details).details[0].Unpack(info)
            print("gone", error.code().name, info.reason)


main()
