import type { ErrorKind } from '../../services/common/errors.js';
import type { CommandResult } from '../../services/common/messages/results.js';
import { onWire } from '../support/oslo-client.js';
import { OSLO_EXCHANGE, type Mailbox, type OsloLetter } from './mailbox.js';
import type { PlannedCommand } from './plan.js';
import { verdictOf, type Sent } from './sent.js';

export interface OsloListener {
  answered(one: Sent, result: CommandResult): void;
  /** A copy was done by itself: it is a command of its own. */
  doneAgain(one: Sent, sentAt: number, result: CommandResult): void;
  wrong(what: string): void;
}

/** The class by which a caller catches each kind of failure; docs/openstack.md, written down a second time. */
const CLASSES: Readonly<Record<ErrorKind, readonly string[]>> = {
  invalid: ['Invalid'],
  'not-found': ['InstanceNotFound', 'NotFound'],
  'already-exists': ['InstanceExists'],
  conflict: ['InstanceInvalidState'],
  precondition: ['InstanceInvalidState'],
  busy: ['InstanceNotReady'],
  exhausted: ['ComputeResourcesUnavailable'],
  unsupported: ['NotSupported'],
  denied: ['Forbidden'],
  unavailable: ['HypervisorUnavailable'],
  timeout: ['TimeoutError'],
  cancelled: ['NovaException'],
  internal: ['NovaException'],
};

interface Asked {
  readonly one: Sent;
  readonly isCall: boolean;
  /** When its last copy was sent; null: there is none. */
  copiedAt: number | null;
  readonly answers: CommandResult[];
  /** Exceptions' classes; null: done. */
  readonly replies: (string | null)[];
}

/**
 * Commands as an OpenStack client sends them. The event of a command says how it ended, in our words; the reply to a call must say the same in
 * theirs. A copy has the same unique id: the worker drops it, or does it anew when it does not remember the first one.
 */
export class OsloDoor {
  readonly #asked = new Map<string, Asked>();

  constructor(
    private readonly mailbox: Mailbox,
    private readonly host: string,
    private readonly listener: OsloListener,
  ) {}

  /** Resolves when the broker has it. */
  async send(command: PlannedCommand, begin: () => Sent, now: number, deadline: object): Promise<void> {
    const { wish, messageId, body } = command;
    const earlier = this.#asked.get(messageId);
    const asked = earlier ?? { one: begin(), isCall: !command.faint, copiedAt: null, answers: [], replies: [] };
    this.#asked.set(messageId, asked);
    if (earlier) earlier.copiedAt = now;
    const call = asked.isCall ? { _msg_id: asked.one.correlationId, _reply_q: this.mailbox.osloReplyTo, _timeout: null } : {};
    const message = {
      method: wish.type,
      args: { ...body, ...deadline },
      namespace: 'novalet',
      version: '1.0',
      _unique_id: messageId,
      ...call,
    };
    const content = onWire(message);
    const properties = { contentType: 'application/json', contentEncoding: 'utf-8', persistent: true, priority: 0 };
    const times = await this.mailbox.post({ exchange: OSLO_EXCHANGE, routingKey: `compute.${this.host}`, content, properties });
    if (times > 1) asked.copiedAt = now;
  }

  /** Whether the event was one of this door's. */
  event(messageId: string, result: CommandResult): boolean {
    const asked = this.#asked.get(messageId);
    if (!asked) return false;
    const { one, answers, copiedAt } = asked;
    const isNew = !answers.some((answer) => verdictOf(answer) === verdictOf(result));
    answers.push(result);
    if (one.result === null) this.listener.answered(one, result);
    else if (isNew && copiedAt !== null) this.listener.doneAgain(one, copiedAt, result);
    else if (isNew) this.listener.wrong(`two answers to ${messageId}: ${answers.map(verdictOf).join(', then ')}`);
    return true;
  }

  reply({ callId, failure }: OsloLetter): void {
    const asked = [...this.#asked.values()].find(({ one }) => one.correlationId === callId);
    if (!asked?.isCall) return this.listener.wrong(`a reply to no call of ours: ${callId} ${failure ?? 'done'}`);
    asked.replies.push(failure);
  }

  /** Calls without a reply. */
  unreplied(): Sent[] {
    return [...this.#asked.values()].flatMap(({ one, isCall, replies }) => (isCall && replies.length === 0 ? [one] : []));
  }

  /** In words: replies that say something else than the events of their commands. */
  untrue(): string[] {
    return [...this.#asked.values()].flatMap(({ one, answers, replies }) => {
      const classes = answers.flatMap(({ error }): readonly (string | null)[] => (error ? CLASSES[error.kind] : [null]));
      return replies
        .filter((reply) => !classes.includes(reply))
        .map((reply) => `the call ${one.messageId} is answered with ${reply ?? 'done'}, its event is ${answers.map(verdictOf).join(', ')}`);
    });
  }
}
