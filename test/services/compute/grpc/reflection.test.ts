import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import {
  ServerReflection,
  ServerReflectionRequestSchema,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '../../../../services/common/proto/generated/grpc/reflection/v1/reflection_pb.js';
import type { ApiClient } from '../../../support/api-client.js';
import { withApi } from '../../../support/with-api.js';

type Ask = ServerReflectionRequest['messageRequest'];
type Stream = ClientDuplexStream<ServerReflectionRequest, ServerReflectionResponse>;

/** Somebody who knows nothing of the API but reflection. */
async function ask(client: ApiClient, messageRequest: Ask) {
  const methods = client.of(ServerReflection) as unknown as { serverReflectionInfo(): Stream };
  const stream = methods.serverReflectionInfo();
  const answer = new Promise<ServerReflectionResponse>((resolve, reject) => stream.once('data', resolve).once('error', reject));
  stream.write(create(ServerReflectionRequestSchema, { messageRequest }));
  const { messageResponse } = await answer;
  stream.end();
  return messageResponse;
}

/** What stands in the source before a service (6, n) or a method (6, n, 2, m). */
const commentAt = (file: FileDescriptorProto | undefined, path: readonly number[]): string =>
  file?.sourceCodeInfo?.location.find((one) => one.path.join() === path.join())?.leadingComments?.trim() ?? '';

test('a client that knows nothing finds every service and method, with its comment', async (t) => {
  const { client } = await withApi(t);
  const listed = await ask(client, { case: 'listServices', value: '' });
  const names = listed.case === 'listServicesResponse' ? listed.value.service.map(({ name }) => name) : [];
  assert.deepEqual(names.sort(), [
    'google.longrunning.Operations',
    'grpc.health.v1.Health',
    'grpc.reflection.v1.ServerReflection',
    'grpc.reflection.v1alpha.ServerReflection',
    'novalet.compute.v1.HostService',
    'novalet.compute.v1.InstanceService',
  ]);
  let methods = 0;
  for (const name of names.filter((one) => !one.includes('reflection'))) {
    const found = await ask(client, { case: 'fileContainingSymbol', value: name });
    assert.equal(found.case, 'fileDescriptorResponse', name);
    if (found.case !== 'fileDescriptorResponse') continue;
    const files = found.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...files].reverse() }));
    const service = registry.getService(name);
    const at = files[0]?.service.findIndex((one) => `${files[0]?.package}.${one.name}` === name) ?? -1;
    assert.notEqual(commentAt(files[0], [6, at]), '', name);
    service?.methods.forEach((method, index) => {
      methods++;
      assert.notEqual(commentAt(files[0], [6, at, 2, index]), '', method.name);
    });
  }
  assert.ok(methods > 40, String(methods));
});

test('reflection gives files by name and by extension, and says what is not there', async (t) => {
  const { client } = await withApi(t);
  assert.equal((await ask(client, { case: 'fileByFilename', value: 'novalet/compute/v1/instance.proto' })).case, 'fileDescriptorResponse');
  assert.equal((await ask(client, { case: 'fileByFilename', value: '../../etc/passwd' })).case, 'errorResponse');
  assert.equal((await ask(client, { case: 'fileContainingSymbol', value: 'novalet.compute.v1.Nothing' })).case, 'errorResponse');
  const numbers = await ask(client, { case: 'allExtensionNumbersOfType', value: 'google.protobuf.FieldOptions' });
  assert.ok(numbers.case === 'allExtensionNumbersResponse' && numbers.value.extensionNumber.includes(1052), 'google.api.field_behavior');
  const value = {
    containingType: 'google.protobuf.FieldOptions',
    extensionNumber: 1052,
    $typeName: 'grpc.reflection.v1.ExtensionRequest' as const,
  };
  assert.equal((await ask(client, { case: 'fileContainingExtension', value })).case, 'fileDescriptorResponse');
});
