import { randomUUID } from 'node:crypto';
import type { Ground } from './ground.js';
import { corrupted, type Corruption } from './corrupt.js';
import type { PlannedCommand } from './plan.js';
import { verdictOf, type Queue, type Sent } from './sent.js';
import type { CommandResult } from '../../services/common/messages/results.js';
import { GrpcDoor } from './grpc-door.js';
import type { Letter } from './mailbox.js';
import { OsloDoor } from './oslo-door.js';

/** A message that was no command, and what became of it. */
export interface Rejected {
  readonly how: Corruption;
  readonly correlationId: string;
  verdict: string | null;
  deadLetters: number;
}

const HASTY_MS = 150;

/** Sends, and keeps what is heard of what was sent. */
export class Post {
  readonly sent: Sent[] = [];
  readonly rejected: Rejected[] = [];
  /** Correlation ids of commands that lie on the dead-letter queue. */
  readonly keptForAPerson = new Set<string>();
  /** What is wrong with the answers themselves. */
  readonly wrongs: string[] = [];
  readonly #byCorrelation = new Map<string, Sent>();
  /** By message id: how the events of the commands said that they ended. */
  readonly #events = new Map<string, Set<string>>();
  readonly #grpc: GrpcDoor;
  readonly #oslo: OsloDoor;
  #number = 0;
  #heard: () => void = () => {};

  constructor(private readonly ground: Ground) {
    const wrong = (what: string): void => void this.wrongs.push(what);
    const answered = (one: Sent, result: CommandResult): void => this.#answered(one, result);
    this.#grpc = new GrpcDoor(ground.api, { sent: (one) => this.#keep(one), answered, wrong });
    this.#oslo = new OsloDoor(ground.mailbox, ground.host, {
      answered,
      doneAgain: ({ messageId, ...one }, sentAt, result) => {
        const again = {
          ...one,
          messageId,
          correlationId: randomUUID(),
          number: this.#number++,
          sentAt,
          result: null,
          answeredAt: Infinity,
        };
        this.#answered(this.#keep(again), result);
      },
      wrong,
    });
    ground.mailbox.hear({
      reply: (letter) => this.#reply(letter),
      osloReply: (letter) => {
        this.#oslo.reply(letter);
        this.#heard();
      },
      event: ({ correlationId, result }) => {
        const verdicts = this.#events.get(correlationId) ?? new Set();
        this.#events.set(correlationId, verdicts);
        // How far a command has come is told the same way.
        if ('outcome' in result) {
          verdicts.add(verdictOf(result));
          this.#oslo.event(correlationId, result);
        }
        this.#heard();
      },
      deadLetter: (correlationId) => {
        const rejected = this.rejected.find((one) => one.correlationId === correlationId);
        if (rejected) rejected.deadLetters += 1;
        else this.keptForAPerson.add(correlationId);
      },
    });
  }

  /** Resolves when the broker has it, or the call waits for its turn: from then on it must be answered. */
  async send(command: PlannedCommand): Promise<void> {
    const { timeline } = this.ground;
    const { door, hasty } = command;
    const begin = (): Sent => this.#begin(command);
    const deadline = (): number | undefined => (hasty ? Date.now() + HASTY_MS : undefined);
    if (door === 'grpc') return this.#grpc.send(command, begin, deadline);
    const ms = deadline();
    const words = ms === undefined ? {} : { deadline: new Date(ms).toISOString() };
    if (door === 'oslo') return this.#oslo.send(command, () => this.#keep(begin()), timeline.now, words);
    await this.#publish(command, this.#keep(begin()), words);
  }

  #begin({ wish, messageId, door, queue, hasty }: PlannedCommand): Sent {
    const { timeline } = this.ground;
    const one: Sent = {
      ...{ wish, messageId, door, queue, hasty, correlationId: randomUUID(), number: this.#number++, sentAt: timeline.now },
      ...{ eventId: door === 'grpc' ? null : messageId, inOrder: true, answeredAt: Infinity, result: null, answers: 0 },
    };
    timeline.add(`send ${describe(one)}`);
    return one;
  }

  /** From now on it counts. */
  #keep(one: Sent): Sent {
    if (this.#byCorrelation.has(one.correlationId)) return one;
    this.sent.push(one);
    this.#byCorrelation.set(one.correlationId, one);
    this.ground.asked.add(one.correlationId);
    return one;
  }

  async #publish({ wish, body, messageId, queue }: PlannedCommand, { correlationId }: Sent, deadline: object): Promise<void> {
    const { mailbox, host } = this.ground;
    const properties = {
      ...{ type: wish.type, messageId, correlationId, replyTo: mailbox.replyTo },
      ...{ persistent: true, contentType: 'application/json', headers: { version: 1 } },
    };
    const content = Buffer.from(JSON.stringify({ ...body, ...deadline }));
    await mailbox.post({ exchange: 'novalet.commands', routingKey: `compute.${host}.${queue}`, content, properties });
  }

  async corrupt(how: Corruption, queue: Queue): Promise<void> {
    const { timeline, mailbox, host } = this.ground;
    const one: Rejected = { how, correlationId: randomUUID(), verdict: null, deadLetters: 0 };
    this.rejected.push(one);
    this.ground.asked.add(one.correlationId);
    timeline.add(`send ${how}`);
    const { content, properties } = corrupted(how, randomUUID());
    const routed = { ...properties, correlationId: one.correlationId, replyTo: mailbox.replyTo, persistent: true };
    await mailbox.post({ exchange: 'novalet.commands', routingKey: `compute.${host}.${queue}`, content, properties: routed });
  }

  /** What has no answer yet, or no event. */
  unanswered(): string[] {
    const unreplied = this.#oslo.unreplied();
    const commands = this.sent
      .filter((one) => !one.result || (one.eventId !== null && !this.#events.has(one.eventId)) || unreplied.includes(one))
      .map(describe);
    const others = this.rejected.filter(({ verdict, deadLetters }) => verdict === null || deadLetters === 0).map(({ how }) => how);
    return [...commands, ...others];
  }

  /** Resolves when everything is answered, or with what is not when the time is up. */
  async answered(timeoutMs: number): Promise<string[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<true>((resolve) => (timer = setTimeout(() => resolve(true), timeoutMs)));
    try {
      const calls = this.#grpc.settled().then(() => false);
      if (await Promise.race([calls, late])) return ['calls that nobody heard', ...this.unanswered()];
      while (this.unanswered().length > 0) {
        const next = new Promise<false>((resolve) => (this.#heard = () => resolve(false)));
        if (await Promise.race([next, late])) break;
      }
      return this.unanswered();
    } finally {
      clearTimeout(timer);
    }
  }

  /** In words: where the doors do not say the same of a command. */
  async untrue(): Promise<string[]> {
    const otherwise = this.sent
      .filter(
        ({ door, eventId, result }) => door === 'grpc' && eventId !== null && result && !this.#events.get(eventId)?.has(verdictOf(result)),
      )
      .map(
        (one) =>
          `${describe(one)} is ${one.result ? verdictOf(one.result) : ''}, its events are ${[...(this.#events.get(one.eventId ?? '') ?? [])].join(', ')}`,
      );
    return [...otherwise, ...this.#oslo.untrue(), ...(await this.#grpc.unasked())];
  }

  #answered(one: Sent, result: CommandResult): void {
    const { timeline } = this.ground;
    timeline.add(`answer ${describe(one)}: ${inWords(result)}`);
    one.answers += 1;
    one.result ??= result;
    one.answeredAt = Math.min(one.answeredAt, timeline.now);
    this.#heard();
  }

  #reply({ correlationId, result }: Letter): void {
    const words = inWords(result);
    const one = this.#byCorrelation.get(correlationId);
    if (one) {
      if (one.result && verdictOf(one.result) !== verdictOf(result))
        this.wrongs.push(`two answers to ${describe(one)}: ${verdictOf(one.result)}, then ${words}`);
      return this.#answered(one, result);
    }
    const rejected = this.rejected.find((other) => other.correlationId === correlationId);
    this.ground.timeline.add(`answer ${rejected?.how ?? correlationId}: ${words}`);
    if (rejected) {
      if (!['failed invalid', 'failed unsupported'].includes(verdictOf(result)))
        this.wrongs.push(`${rejected.how} is answered with ${verdictOf(result)}`);
      rejected.verdict = verdictOf(result);
    } else if (!this.ground.asked.has(correlationId))
      this.wrongs.push(`an answer to nobody: ${result.command} ${result.instanceId ?? ''} ${words}`);
    this.#heard();
  }
}

const inWords = (result: CommandResult): string =>
  `${verdictOf(result)}${result.instance ? ` (${result.instance.powerState})` : ''}${result.error ? `: ${result.error.message}` : ''}`;

export function describe({ number, wish, door, queue, messageId }: Sent): string {
  const { type, id, generation, grace, mode, dryRun } = wish;
  const more = { generation, grace, mode, dryRun };
  const words = Object.entries(more).flatMap(([key, value]) => (value === undefined ? [] : [`${key} ${value}`]));
  return `#${number} ${type.slice('instance.'.length)} ${id.slice(0, 8)} ${words.join(' ')} by ${door === 'queue' ? queue : door} (${messageId.slice(0, 4)})`;
}
