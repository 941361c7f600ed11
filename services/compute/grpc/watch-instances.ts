import { create } from '@bufbuild/protobuf';
import { status as Code } from '@grpc/grpc-js';
import { ComputeError } from '../../common/errors.js';
import type { Instance } from '../../common/proto/generated/novalet/compute/v1/instance_pb.js';
import {
  type WatchInstancesRequest,
  type WatchInstancesResponse,
  WatchInstancesResponseSchema,
} from '../../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import type { RecordedInstance } from '../revisions/recorded-instance.js';
import type { Revision } from '../revisions/revisions.js';
import type { WatchEnd, Watches } from '../revisions/watch.js';
import { ApiError } from './api-error.js';
import type { StreamCall } from './calls.js';
import { forMany } from './method-definitions.js';
import { recordedMessage } from './recorded-message.js';

export interface WatchInstancesOptions {
  readonly host: string;
  readonly watches: Watches<RecordedInstance>;
  /** Resolves when the log says how the whole host stands: a snapshot before that would leave things out. */
  readonly ready: Promise<void>;
  /** At once. Default 1000. */
  readonly maxWatches?: number;
}

/** What one watcher wants to see. */
export interface WatchView {
  fits(instance: Instance): boolean;
  /** Absent: all fields. */
  readonly masked?: ((instance: Instance) => Instance) | undefined;
}

const MAX_WATCHES = 1000;

/** The instances of the host as they stand, and every change of them. */
export class InstanceWatching {
  readonly #responses = new WeakMap<Revision<RecordedInstance>, WatchInstancesResponse>();

  constructor(private readonly options: WatchInstancesOptions) {}

  /** @throws ApiError OUT_OF_RANGE, ABORTED, RESOURCE_EXHAUSTED */
  async watch(request: WatchInstancesRequest, call: StreamCall<WatchInstancesResponse>, view: WatchView | null): Promise<void> {
    const { watches, ready, maxWatches = MAX_WATCHES } = this.options;
    if (watches.count >= maxWatches)
      throw new ApiError(Code.RESOURCE_EXHAUSTED, 'TOO_MANY_CALLS', `${maxWatches} watches are open, the most that this host takes`);
    if (request.startRevision < 0n) throw new ComputeError('invalid', 'a revision is not negative', { field: 'start_revision' });
    const since = request.startRevision > 0n ? Number(request.startRevision) : null;
    if (since === null && !(await readyOrGone(ready, call.signal))) return;
    if (call.signal.aborted) return;
    const seen = view && new Seen(view, since !== null);
    await new Promise<void>((resolve, reject) => {
      const told = (response: WatchInstancesResponse | null): boolean => {
        if (response === null || call.write(response)) return true;
        void call.drained().then(() => watch.drained());
        return false;
      };
      const watch = watches.watch(
        {
          changed: (change) => told(seen ? this.#changeFor(change, seen) : this.#change(change)),
          upTo: (revision, complete) => told(responseOf(marked(revision, complete))),
          ended: (end) => reject(errorOf(end)),
        },
        since,
      );
      call.signal.addEventListener('abort', () => {
        watch.stop();
        resolve();
      });
      watch.drained();
    });
  }

  #change(change: Revision<RecordedInstance>): WatchInstancesResponse {
    const known = this.#responses.get(change);
    if (known) return known;
    const response = forMany(responseOf(changed(change, recordedMessage(change, this.options.host))));
    this.#responses.set(change, response);
    return response;
  }

  /** Null: it is nothing to this watcher. */
  #changeFor(change: Revision<RecordedInstance>, seen: Seen): WatchInstancesResponse | null {
    const instance = recordedMessage(change, this.options.host);
    if (!seen.tells(change, instance)) return null;
    return responseOf(changed(change, change.gone ? instance : seen.shown(instance)));
  }
}

/**
 * What of the host a watcher with a filter has seen. That an instance does not fit any more is told once, as a change of it: it is not gone, and the watcher
 * has to hear of it. After a resume nobody knows what was told before, and it is told to be sure.
 */
class Seen {
  readonly #told = new Map<string, boolean>();

  constructor(
    private readonly view: WatchView,
    private readonly resumed: boolean,
  ) {}

  tells({ id, gone }: Revision<RecordedInstance>, instance: Instance): boolean {
    const before = this.#told.get(id) ?? this.resumed;
    const fits = !gone && this.view.fits(instance);
    if (gone) this.#told.delete(id);
    else this.#told.set(id, fits);
    return fits || before;
  }

  shown(instance: Instance): Instance {
    return this.view.masked?.(instance) ?? instance;
  }
}

function changed({ gone }: Revision<RecordedInstance>, value: Instance): WatchInstancesResponse['event'] {
  return gone ? { case: 'deleted', value } : { case: 'upserted', value };
}

function marked(revision: number, complete: boolean): WatchInstancesResponse['event'] {
  const value = BigInt(revision);
  return complete ? { case: 'snapshotComplete', value } : { case: 'bookmark', value };
}

function responseOf(event: WatchInstancesResponse['event']): WatchInstancesResponse {
  return create(WatchInstancesResponseSchema, { event });
}

function errorOf(end: WatchEnd): ApiError {
  switch (end.reason) {
    case 'REVISION_COMPACTED':
      return new ApiError(
        Code.OUT_OF_RANGE,
        'REVISION_COMPACTED',
        `what happened after this revision is not known any more; the oldest to go on from is ${end.compacted}. Watch anew with start_revision 0`,
        { compacted_revision: String(end.compacted) },
      );
    case 'REVISION_UNKNOWN':
      return new ApiError(
        Code.OUT_OF_RANGE,
        'REVISION_UNKNOWN',
        `this host has not come to this revision; its newest is ${end.newest}. Its log was lost, or it is another host: watch anew with start_revision 0`,
        { newest_revision: String(end.newest) },
      );
    case 'SLOW_CONSUMER':
      return new ApiError(
        Code.ABORTED,
        'SLOW_CONSUMER',
        `this watch did not read while too much changed. Everything up to revision ${end.bookmark} was told: watch again from there`,
        { bookmark: String(end.bookmark) },
      );
  }
}

async function readyOrGone(ready: Promise<void>, signal: AbortSignal): Promise<boolean> {
  const gone = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([ready, gone]);
  return !signal.aborted;
}
