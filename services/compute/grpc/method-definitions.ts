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

/** Null: it has not been sent yet. */
const bytesForMany = new WeakMap<object, Buffer | null>();

/** A message that goes to many clients is made into bytes once; it must not change any more. */
export function forMany<M extends object>(message: M): M {
  bytesForMany.set(message, null);
  return message;
}

function written(type: DescMessage) {
  return (message: unknown): Buffer => {
    const known = bytesForMany.get(message as object);
    if (known) return known;
    const bytes = toBinary(type, message as MessageShape<DescMessage>);
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (known === null) bytesForMany.set(message as object, buffer);
    return buffer;
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
