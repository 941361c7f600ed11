import { MESSAGE_VERSION } from '../../common/messages/commands.js';
import { type InstanceStateEvent, STATE_EVENT, type WatchedState } from '../../common/messages/instance-event.js';
import { EVENTS_EXCHANGE } from '../amqp/names.js';
import type { Publish } from '../outgoing.js';
import { conditionOf } from './condition.js';
import type { KnownInstance } from './register.js';
import type { ChangeReason } from './sight.js';

export interface Announcement {
  readonly id: string;
  readonly before: KnownInstance | null;
  readonly after: KnownInstance | null;
  readonly reason: ChangeReason | null;
  readonly inBand: boolean;
  /** Absent: nobody has looked yet. */
  readonly asDesired?: boolean;
}

/** Unconfirmed at once. What waits behind them is one event an instance, the newest. */
const UNDER_WAY = 16;

type Body = Omit<InstanceStateEvent, 'epoch' | 'sequence'>;

/** Publishes changes of instances, in order and numbered. While the broker is away the newest of each instance waits, so that memory stays bounded. */
export class Announcer {
  readonly #epoch = new Date().toISOString();
  readonly #waiting = new Map<string, Body>();
  #underWay = 0;
  #sequence = 0;

  constructor(
    private readonly host: string,
    private readonly publish: Publish,
  ) {}

  get waiting(): number {
    return this.#waiting.size + this.#underWay;
  }

  /** Says nothing of what was never an instance, such as the beginning of one. */
  announce({ id, before, after, reason, inBand, asDesired }: Announcement): void {
    const state = after ? watchedState(after) : 'gone';
    const previous = this.#waiting.get(id)?.previous ?? (before && watchedState(before));
    if (state === null || (state === 'gone' && !previous)) return;
    const known = after ?? before;
    const generation = known?.generation ?? undefined;
    const desired = known?.memory?.desired.powerState;
    this.#waiting.delete(id); // it goes to the end, with its newest word
    this.#waiting.set(id, {
      host: this.host,
      instanceId: id,
      ...(generation !== undefined && { generation }),
      state,
      ...(previous && { previous }),
      ...(reason && { reason }),
      inBand,
      ...(desired && after && !inBand && { desiredPowerState: desired }),
      ...(asDesired !== undefined && { asDesired }),
      at: new Date().toISOString(),
    });
    this.#send();
  }

  #send(): void {
    for (const [id, body] of this.#waiting) {
      if (this.#underWay >= UNDER_WAY) return;
      this.#waiting.delete(id);
      this.#underWay++;
      const event: InstanceStateEvent = { ...body, epoch: this.#epoch, sequence: ++this.#sequence };
      const content = Buffer.from(JSON.stringify(event));
      const message = { type: STATE_EVENT, contentType: 'application/json', headers: { version: MESSAGE_VERSION }, mandatory: false };
      const routingKey = `instance.${id}.state.${body.state}`;
      const timestamp = Math.floor(Date.parse(body.at) / 1000);
      void this.publish({ ...message, exchange: EVENTS_EXCHANGE, routingKey, content, timestamp }).finally(() => {
        this.#underWay--;
        this.#send();
      });
    }
  }
}

/** Null: no instance yet, or what is left of one. */
export function watchedState(known: KnownInstance): WatchedState | null {
  return known.powerState ?? (conditionOf(known) === 'missing' ? 'missing' : null);
}
