import { readFileSync } from 'node:fs';
import {
  create,
  createFileRegistry,
  fromBinary,
  toBinary,
  type DescFile,
  type FileRegistry,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { status as Code, type ServerDuplexStream, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';
import {
  ServerReflection,
  ServerReflectionResponseSchema,
  type ExtensionRequest,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '../../common/proto/generated/grpc/reflection/v1/reflection_pb.js';
import { bounded } from '../bounded.js';
import { Malformed, serviceDefinition } from './method-definitions.js';

/** Beside the compiled sources: every file of the API and of what it stands on, with comments (ops/proto.sh). */
const DESCRIPTORS = new URL('../../common/proto/descriptors.binpb', import.meta.url);
/** Of one client; more are ended. */
const MAX_REQUESTS = 10_000;
const MAX_STREAMS = 64;

type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>['messageResponse']>;

/**
 * The standard reflection service, with the comments that the public packages for it leave out. Older clients ask under v1alpha, in the same
 * words.
 */
export class Reflection {
  #registry: FileRegistry | undefined;
  #streams = 0;

  /** @param services the names that are listed */
  constructor(private readonly services: readonly string[]) {}

  readonly definitions: readonly ServiceDefinition[] = ['v1', 'v1alpha'].map((version) => {
    const { serverReflectionInfo: method, ...rest } = serviceDefinition(ServerReflection);
    if (!method) throw new Error('the reflection service has no method');
    return { ...rest, serverReflectionInfo: { ...method, path: method.path.replace('.v1.', `.${version}.`) } };
  });

  readonly implementation: UntypedServiceImplementation = {
    serverReflectionInfo: (call: ServerDuplexStream<ServerReflectionRequest | Malformed, ServerReflectionResponse>) => {
      if (++this.#streams > MAX_STREAMS) call.emit('error', { code: Code.RESOURCE_EXHAUSTED, details: 'too many reflection streams' });
      let requests = 0;
      call.on('close', () => this.#streams--);
      call.on('error', () => {});
      call.on('end', () => call.end());
      call.on('drain', () => call.resume());
      call.on('data', (request: ServerReflectionRequest | Malformed) => {
        if (request instanceof Malformed || ++requests > MAX_REQUESTS) {
          call.emit('error', { code: Code.INVALID_ARGUMENT, details: 'no reflection request, or too many of them' });
          return;
        }
        const originalRequest = request;
        const more = call.write(
          create(ServerReflectionResponseSchema, { validHost: request.host, originalRequest, messageResponse: this.#answer(request) }),
        );
        // Whoever does not read gets no more answers.
        if (!more) call.pause();
      });
    },
  };

  #answer({ messageRequest }: ServerReflectionRequest): Answer {
    switch (messageRequest.case) {
      case 'listServices':
        return { case: 'listServicesResponse', value: { service: this.services.map((name) => ({ name })) } };
      case 'fileByFilename':
        return this.#file(this.#all.getFile(messageRequest.value), messageRequest.value);
      case 'fileContainingSymbol':
        return this.#file(this.#fileOfSymbol(messageRequest.value), messageRequest.value);
      case 'fileContainingExtension':
        return this.#file(this.#fileOfExtension(messageRequest.value), messageRequest.value.containingType);
      case 'allExtensionNumbersOfType':
        return this.#extensionsOf(messageRequest.value);
      case undefined:
        return { case: 'errorResponse', value: { errorCode: Code.INVALID_ARGUMENT, errorMessage: 'the request asks for nothing' } };
    }
  }

  /** Read when somebody asks for the first time. */
  get #all(): FileRegistry {
    return (this.#registry ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(DESCRIPTORS))));
  }

  #fileOfSymbol(symbol: string): DescFile | undefined {
    const parent = symbol.slice(0, Math.max(0, symbol.lastIndexOf('.')));
    return (this.#all.get(symbol) ?? this.#all.get(parent))?.file;
  }

  #fileOfExtension({ containingType, extensionNumber }: ExtensionRequest): DescFile | undefined {
    const type = this.#all.getMessage(containingType);
    return type && this.#all.getExtensionFor(type, extensionNumber)?.file;
  }

  #extensionsOf(typeName: string): Answer {
    const numbers: number[] = [];
    for (const type of this.#all) if (type.kind === 'extension' && type.extendee.typeName === typeName) numbers.push(type.number);
    if (!this.#all.getMessage(typeName)) return notFound(typeName);
    return { case: 'allExtensionNumbersResponse', value: { baseTypeName: typeName, extensionNumber: numbers } };
  }

  /** With the files that it stands on, each once and after those that stand on it: some clients take the first for the one that they asked for. */
  #file(file: DescFile | undefined, asked: string): Answer {
    if (!file) return notFound(asked);
    const seen = new Set<DescFile>();
    const files: DescFile[] = [];
    const add = (one: DescFile): void => {
      if (seen.has(one)) return;
      seen.add(one);
      one.dependencies.forEach(add);
      files.unshift(one);
    };
    add(file);
    return {
      case: 'fileDescriptorResponse',
      value: { fileDescriptorProto: files.map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto)) },
    };
  }
}

function notFound(name: string): Answer {
  return { case: 'errorResponse', value: { errorCode: Code.NOT_FOUND, errorMessage: `there is no ${bounded(name)}` } };
}
