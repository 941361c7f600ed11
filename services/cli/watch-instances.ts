import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Instance } from '../common/proto/generated/novalet/compute/v1/instance_pb.js';
import {
  InstanceService,
  WatchInstancesResponseSchema,
  type WatchInstancesResponse,
} from '../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { lastPart } from './resource-names.js';
import { Failure } from './failure.js';
import { findInstance } from './find-instance.js';
import { PROJECT } from './resource-names.js';
import { stateWord, time, word } from './instance-words.js';
import { addLeafOptions, limitMs, onWorker, type Call } from './leaf.js';
import { wholeNumber } from './option-values.js';
import { printable } from './printable.js';
import type { Surroundings } from './surroundings.js';

interface WatchOptions {
  readonly from?: number;
  readonly filter?: string;
}

const AGAIN_MS = 1000;

export function addWatch(group: Command, surroundings: Surroundings): void {
  const command = group
    .command('watch [instance]')
    .description('the instances as they are, and every change of them from then on; over restarts of the worker')
    .option('--from <revision>', 'only what changed after this revision', wholeNumber(1))
    .option('--filter <filter>', 'such as "state = RUNNING"');
  addLeafOptions(command, surroundings.env).action(
    onWorker<WatchOptions>(surroundings, async (call, [words], { from = 0, filter = '' }) => {
      const only = words === undefined ? undefined : await findInstance(call, words);
      await watch(call, BigInt(from), filter, only);
    }),
  );
}

/** Goes on from the last revision that it saw when the connection breaks. Ends when it is interrupted, or its time is over. */
async function watch(call: Call, from: bigint, filter: string, only: string | undefined): Promise<void> {
  const { worker, printer, surroundings, options } = call;
  const until = performance.now() + (limitMs(options) ?? Infinity);
  let startRevision = from;
  let began = false;
  for (;;) {
    const timeoutMs = Math.max(1, until - performance.now());
    try {
      const told = worker.stream(InstanceService.method.watchInstances, { parent: PROJECT, startRevision, filter }, { timeoutMs });
      for await (const response of told) {
        began = true;
        const { event } = response;
        if (event.case === 'bookmark' || event.case === 'snapshotComplete') startRevision = event.value;
        // In a snapshot the revisions are not in order: only its end says how far one has seen.
        else if (startRevision > 0n && event.value && event.value.revision > startRevision) startRevision = event.value.revision;
        if (only === undefined || (event.case !== 'upserted' && event.case !== 'deleted') || event.value.name === only)
          await tell(call, response);
      }
    } catch (error) {
      if (surroundings.interrupted.aborted || !(error instanceof Failure)) throw error;
      if (performance.now() >= until) return;
      const passing = error.report.kind === 'unavailable' || error.report.reason === 'SLOW_CONSUMER';
      if (!passing || (!began && !error.reached)) throw error;
    }
    printer.note(`(the worker is away; going on after revision ${startRevision})`);
    await sleep(AGAIN_MS, undefined, { signal: surroundings.interrupted }).catch(() => undefined);
  }
}

async function tell({ printer }: Call, response: WatchInstancesResponse): Promise<void> {
  const { event } = response;
  const words = (): string => (event.case === 'upserted' || event.case === 'deleted' ? line(event.value, event.case === 'deleted') : '');
  await printer.row(WatchInstancesResponseSchema, response, words);
}

function line({ name, displayName, state, stateReason, updateTime }: Instance, deleted: boolean): string {
  const now = time(updateTime) ?? new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const reason = stateReason === '' ? '' : ` (${word(stateReason)})`;
  return `${printable(`${now}  ${lastPart(name)}  ${deleted ? 'gone' : stateWord(state)}${reason}  ${displayName}`)}\n`;
}
