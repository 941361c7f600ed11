import { create } from '@bufbuild/protobuf';
import { status as Code } from '@grpc/grpc-js';
import { ComputeError } from '../../common/errors.js';
import type { CommandType } from '../../common/messages/commands.js';
import type { CommandResult } from '../../common/messages/results.js';
import type { ForeignDomainSchema, Host } from '../../common/proto/generated/novalet/compute/v1/host_pb.js';
import {
  type DrainHostRequest,
  type DrainHostResponse,
  DrainHostResponseSchema,
  type HostService,
  type ListForeignDomainsRequest,
  type ListForeignDomainsResponse,
  ListForeignDomainsResponseSchema,
  ListHostsResponseSchema,
  type UncordonHostRequest,
  type WatchHostResponse,
  WatchHostResponseSchema,
} from '../../common/proto/generated/novalet/compute/v1/host_service_pb.js';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ForeignDomain } from '../host-view.js';
import type { Cordon, Driver } from '../ports.js';
import { ApiError } from './api-error.js';
import type { Handlers, StreamCall } from './calls.js';
import { cordonOf, type HostReport } from './host-report.js';
import type { HostWatches } from './host-watches.js';
import { checkRequestId } from './instance-service.js';
import { checkHost } from './names.js';

export interface HostHandlersOptions {
  readonly host: string;
  readonly driver: Pick<Driver, 'foreignDomains'>;
  readonly cordon: Cordon;
  readonly report: HostReport;
  readonly watches: HostWatches;
  /** A command as by any other door, in its lane. */
  readonly run: (type: CommandType, body: object, requestId?: string) => Promise<CommandResult>;
  readonly inFlight: { readonly inFlight: number; onInFlight(listener: () => void): () => void };
}

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1000;
/** A drain that has nothing new to say still says so, for whoever stands between. */
const SIGN_OF_LIFE_MS = 10_000;

/** The host itself: what it is, whether it takes new work, and whose domains are on it beside ours. */
export function hostHandlers(options: HostHandlersOptions): Handlers<typeof HostService> {
  const { host, report, watches } = options;
  return {
    getHost({ name }) {
      checkHost(name, host);
      return report.now();
    },
    async listHosts({ pageToken }) {
      return create(ListHostsResponseSchema, { hosts: pageToken === '' ? [await report.now()] : [] });
    },
    async watchHost({ name }, call) {
      checkHost(name, host);
      await watchHost(call, watches);
    },
    async cordonHost(request) {
      await mayChange(request, options);
      if (!request.validateOnly) await cordon(request, options);
      return report.now();
    },
    async uncordonHost(request) {
      await mayChange(request, options);
      if (!request.validateOnly) done(await options.run('host.undrain', {}, requestIdOf(request)));
      return report.now();
    },
    async drainHost(request, call) {
      await mayChange(request, options);
      if (!request.validateOnly) await cordon(request, options);
      await tellDrain(request.validateOnly, call, options);
    },
    async listForeignDomains(request) {
      checkHost(request.parent, host, 'parent');
      return foreignPage(request, await options.driver.foreignDomains());
    },
  };
}

async function watchHost(call: StreamCall<WatchHostResponse>, watches: HostWatches): Promise<void> {
  const watch = await watches.begin((event) => {
    if (call.write(create(WatchHostResponseSchema, { event }))) return true;
    void call.drained().then(() => watch.drained());
    return false;
  });
  await new Promise<void>((resolve) => {
    if (call.signal.aborted) resolve();
    call.signal.addEventListener('abort', () => resolve());
  });
  watch.stop();
}

/** @throws ComputeError not-found for another host; ApiError ETAG_MISMATCH */
async function mayChange({ name, etag }: Pick<UncordonHostRequest, 'name' | 'etag'>, { host, report }: HostHandlersOptions): Promise<void> {
  checkHost(name, host);
  if (etag === '') return;
  const { etag: now }: Host = await report.now();
  if (etag !== now)
    throw new ApiError(Code.ABORTED, 'ETAG_MISMATCH', 'the host has changed since it was read; read it again', { etag: now });
}

async function cordon(request: Pick<DrainHostRequest, 'reason' | 'requestId'>, { run }: HostHandlersOptions): Promise<void> {
  const { reason } = request;
  done(await run('host.drain', reason === '' ? {} : { reason }, requestIdOf(request)));
}

/** Cordoning twice is cordoning once: the same request needs no memory. */
function requestIdOf({ requestId }: Pick<DrainHostRequest, 'requestId'>): string | undefined {
  return checkRequestId(requestId) || undefined;
}

function done({ error }: CommandResult): void {
  if (!error) return;
  throw new ComputeError(error.kind, error.message, error.field === undefined ? {} : { field: error.field });
}

/** Until nothing that changes an instance is at work any more. @throws ApiError HOST_UNCORDONED, when somebody else ends it */
async function tellDrain(
  checkOnly: boolean,
  call: StreamCall<DrainHostResponse>,
  { cordon, inFlight }: HostHandlersOptions,
): Promise<void> {
  for (;;) {
    const { drained } = cordon;
    if (drained === null && !checkOnly)
      throw new ApiError(
        Code.ABORTED,
        'HOST_UNCORDONED',
        'somebody uncordoned the host while it was being drained; drain it again if it is still wanted',
      );
    const commandsInFlight = inFlight.inFlight;
    const isDrained = drained !== null && commandsInFlight === 0;
    const response = create(DrainHostResponseSchema, {
      ...(drained && { cordon: cordonOf(drained) }),
      commandsInFlight,
      drained: isDrained,
    });
    if (!call.write(response)) await call.drained();
    if (isDrained || checkOnly || call.signal.aborted) return;
    await changed(inFlight, commandsInFlight, call.signal);
  }
}

function changed(inFlight: HostHandlersOptions['inFlight'], told: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      unlisten();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, SIGN_OF_LIFE_MS);
    const unlisten = inFlight.onInFlight(() => inFlight.inFlight !== told && end());
    signal.addEventListener('abort', end);
    if (inFlight.inFlight !== told || signal.aborted) end();
  });
}

function foreignPage({ pageSize, pageToken }: ListForeignDomainsRequest, all: readonly ForeignDomain[]): ListForeignDomainsResponse {
  const size = Math.min(pageSize > 0 ? pageSize : DEFAULT_PAGE, MAX_PAGE);
  const rest = all.filter(({ id }) => id > pageToken);
  const page = rest.slice(0, size);
  const last = rest.length > size ? page.at(-1) : undefined;
  return create(ListForeignDomainsResponseSchema, { domains: page.map(foreignDomain), nextPageToken: last?.id ?? '' });
}

function foreignDomain({ id, name, powerState, suspected }: ForeignDomain): MessageInitShape<typeof ForeignDomainSchema> {
  return { uuid: id, domainName: name, powerState, suspectedInstance: suspected ?? '' };
}
