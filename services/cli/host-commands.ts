import { create } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import { HostSchema, type Cordon, type ForeignDomain } from '../common/proto/generated/novalet/compute/v1/host_pb.js';
import {
  DrainHostResponseSchema,
  HostService,
  ListForeignDomainsResponseSchema,
} from '../common/proto/generated/novalet/compute/v1/host_service_pb.js';
import { addChangeOptions, change, changeFields, send, type ChangeOptions } from './change.js';
import { cordonWords, hostWords } from './host-words.js';
import { ask, leafOf, limitMs, onWorker, type Call } from './leaf.js';
import { PAGE, pages } from './pages.js';
import { progressView } from './progress-view.js';
import { INTERRUPTED, STILL_GOING } from './exit-codes.js';
import { Failure, stillGoing } from './failure.js';
import { printable } from './printable.js';
import { lastPart, THIS_HOST } from './resource-names.js';
import { DISK_FIELDS, type DiskFields } from './spec-options.js';
import type { Surroundings } from './surroundings.js';
import { table } from './table.js';

const METHODS = HostService.method;

interface HostChange extends Pick<ChangeOptions, 'requestId' | 'dryRun'> {
  readonly reason?: string;
  readonly etag?: string;
}

export function addHostCommands(group: Command, surroundings: Surroundings): void {
  const leaf = leafOf(group, surroundings);
  const withChange = (command: Command): Command =>
    command
      .option('--request-id <uuid>', 'the same id never does it twice')
      .option('--etag <etag>', 'only if the host is still as it was then')
      .option('--dry-run', 'have it checked, and change nothing');
  const withReason = (command: Command): Command => withChange(command).option('--reason <words>', 'for whoever looks later');

  leaf('show', 'what it has, what it has promised, and how it is').action(
    onWorker(surroundings, async (call) => {
      const host = await ask(call, METHODS.getHost, { name: THIS_HOST });
      await call.printer.message(HostSchema, host, () => hostWords(host));
    }),
  );

  leaf('cordon', 'begin no new instance from now on; what is there goes on', withReason).action(
    onWorker<HostChange>(surroundings, async (call, _args, options) => {
      const host = await send(call, METHODS.cordonHost, { ...request(options), reason: options.reason ?? '' });
      await call.printer.message(HostSchema, host, () => withCordon(`${lastPart(host.name)} is cordoned`, host.cordon));
    }),
  );

  leaf('uncordon', 'take new instances again', withChange).action(
    onWorker<HostChange>(surroundings, async (call, _args, options) => {
      const host = await send(call, METHODS.uncordonHost, request(options));
      await call.printer.message(HostSchema, host, () => printable(`${lastPart(host.name)} takes new instances`) + '\n');
    }),
  );

  leaf('drain', 'cordon it, and wait until nothing that was begun is at work any more', withReason).action(
    onWorker<HostChange>(surroundings, drain),
  );

  leaf('foreign', 'domains on the host that are not ours; they are never touched').action(
    onWorker(surroundings, async (call) => {
      const domains = await foreignDomains(call);
      const list = create(ListForeignDomainsResponseSchema, { domains });
      await call.printer.message(ListForeignDomainsResponseSchema, list, () => foreignTable(domains));
    }),
  );

  leaf('prefetch <url>', 'fetch an image before an instance waits for it', (command) =>
    addChangeOptions(
      command
        .option('--sha256 <digest>', 'that the image must have')
        .option('--format <format>', 'that the image must have', DISK_FIELDS.format),
    ),
  ).action(
    onWorker<ChangeOptions & Pick<DiskFields, 'sha256' | 'format'>>(surroundings, async (call, [url = ''], options) => {
      const { sha256 = '', format } = options;
      const image = { url, sha256, ...(format !== undefined && { format }) };
      await change(call, METHODS.prefetchImage, { name: THIS_HOST, image, ...changeFields(options) }, options);
    }),
  );
}

function request({ etag = '', ...options }: HostChange) {
  return { name: THIS_HOST, etag, ...changeFields(options) };
}

async function drain(call: Call, _args: unknown, given: HostChange): Promise<void> {
  const { worker, printer, surroundings, options } = call;
  const view = progressView(call, 'drain');
  const timeoutMs = limitMs(options);
  const advice = 'novalet host show tells what is at work; novalet host uncordon lets it begin again.';
  const goesOn = (exitCode: number, message: string): Failure => stillGoing(exitCode, `${message}; the host stays cordoned`, { advice });
  try {
    for await (const told of worker.stream(METHODS.drainHost, { ...request(given), reason: given.reason ?? '' }, { timeoutMs })) {
      view?.show({ phase: `${told.commandsInFlight} at work` });
      if (!told.drained && !printer.json) continue;
      view?.end();
      await printer.row(DrainHostResponseSchema, told, () => withCordon('drained', told.cordon));
    }
  } catch (error) {
    if (surroundings.interrupted.aborted) throw goesOn(INTERRUPTED, 'interrupted');
    if (error instanceof Failure && error.report.kind === 'timeout' && timeoutMs !== undefined)
      throw goesOn(STILL_GOING, `not empty after ${options.timeout} s`);
    throw error;
  } finally {
    view?.end();
  }
}

function withCordon(words: string, cordon: Cordon | undefined): string {
  return `${printable(cordon ? `${words} ${cordonWords(cordon)}` : words)}\n`;
}

async function foreignDomains(call: Call): Promise<ForeignDomain[]> {
  const found: ForeignDomain[] = [];
  const page = (pageToken: string) => ask(call, METHODS.listForeignDomains, { parent: THIS_HOST, pageSize: PAGE, pageToken });
  for await (const { domains } of pages(page)) found.push(...domains);
  return found;
}

function foreignTable(domains: readonly ForeignDomain[]): string {
  return table(domains, [
    { header: 'UUID', cell: ({ uuid }) => uuid },
    { header: 'DOMAIN', cell: ({ domainName }) => domainName },
    { header: 'STATE', cell: ({ powerState }) => powerState },
    { header: 'LOOKS LIKE', cell: ({ suspectedInstance }) => lastPart(suspectedInstance) },
  ]);
}
