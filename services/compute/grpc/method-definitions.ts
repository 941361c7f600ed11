import { fromBinary, toBinary, type DescMessage, type DescService, type MessageShape } from '@bufbuild/protobuf';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

/** What came in place of a message: bytes that are none. A handler that gets it answers INVALID_ARGUMENT, where grpc-js would say INTERNAL. */
export class Malformed {
  constructor(readonly reason: string) {}
}

/** A service of the API as grpc-js wants it. */
export function serviceDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => {
      const definition: MethodDefinition<unknown, unknown> = {
        path: `/${service.typeName}/${method.name}`,
        requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
        responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
        requestSerialize: written(method.input),
        requestDeserialize: readOrMalformed(method.input),
        responseSerialize: written(method.output),
        responseDeserialize: (bytes) => fromBinary(method.output, bytes),
        originalName: method.localName,
      };
      return [method.localName, definition];
    }),
  );
}

function written(type: DescMessage) {
  return (message: unknown): Buffer => {
    const bytes = toBinary(type, message as MessageShape<DescMessage>);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

function readOrMalformed(type: DescMessage) {
  return (bytes: Buffer): unknown => {
    try {
      return fromBinary(type, bytes);
    } catch (error) {
      return new Malformed(error instanceof Error ? error.message : String(error));
    }
  };
}
