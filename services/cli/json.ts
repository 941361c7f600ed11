import { createRegistry, fromJson, toJson, type DescMessage, type JsonValue, type MessageShape } from '@bufbuild/protobuf';
import { file_google_rpc_error_details } from '../common/proto/generated/google/rpc/error_details_pb.js';
import { file_novalet_compute_v1_host } from '../common/proto/generated/novalet/compute/v1/host_pb.js';
import { file_novalet_compute_v1_host_service } from '../common/proto/generated/novalet/compute/v1/host_service_pb.js';
import { file_novalet_compute_v1_instance } from '../common/proto/generated/novalet/compute/v1/instance_pb.js';
import { file_novalet_compute_v1_instance_service } from '../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { file_novalet_compute_v1_operation } from '../common/proto/generated/novalet/compute/v1/operation_pb.js';
import { invalid } from './failure.js';

/** All that can be in an Any: results and metadata of operations, details of errors. */
export const REGISTRY = createRegistry(
  file_novalet_compute_v1_instance,
  file_novalet_compute_v1_instance_service,
  file_novalet_compute_v1_host,
  file_novalet_compute_v1_host_service,
  file_novalet_compute_v1_operation,
  file_google_rpc_error_details,
);

/** The canonical JSON of protobuf: names in camel case, 64-bit numbers as strings, empty fields left out. */
export function messageJson<D extends DescMessage>(schema: D, message: MessageShape<D>): JsonValue {
  return toJson(schema, message, { registry: REGISTRY });
}

/**
 * A message from JSON that a person wrote.
 * @param source what it is read from, for the error
 * @throws Failure invalid that names what does not fit
 */
export function messageFromJson<D extends DescMessage>(schema: D, text: string, source: string): MessageShape<D> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid(`${source} is not JSON: ${(error as Error).message}`);
  }
  try {
    return fromJson(schema, json as JsonValue, { registry: REGISTRY });
  } catch (error) {
    const name = schema.typeName.split('.').at(-1);
    throw invalid(
      `${source} is not an ${name} in JSON: ${(error as Error).message}`,
      'docs/cli.md has an example; novalet instance show -o json prints one.',
    );
  }
}
