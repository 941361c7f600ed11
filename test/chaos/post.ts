import { randomUUID } from 'node:crypto';
import type { Ground } from './ground.js';
import { corrupted, type Corruption } from './corrupt.js';
import type { PlannedCommand } from './plan.js';
import { verdictOf, type Queue, type Sent } from './sent.js';
import type { Letter } from './mailbox.js';

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
  /** Message ids of the commands of which an event came. */
  readonly #events = new Set<string>();
  #heard: () => void = () => {};

  constructor(private readonly ground: Ground) {
    ground.mailbox.hear({
      reply: (letter) => this.#reply(letter),
      event: ({ correlationId }) => {
        this.#events.add(correlationId);
        this.#heard();
      },
      deadLetter: (correlationId) => {
        const rejected = this.rejected.find((one) => one.correlationId === correlationId);
        if (rejected) rejected.deadLetters += 1;
        else this.keptForAPerson.add(correlationId);
      },
    });
  }

  /** Resolves when the broker has it: from then on it must be answered. */
  async send({ wish, body, messageId, queue, hasty }: PlannedCommand): Promise<void> {
    const { timeline, mailbox, host } = this.ground;
    const one: Sent = {
      ...{ wish, messageId, queue, hasty, correlationId: randomUUID(), number: this.sent.length, sentAt: timeline.now },
      ...{ answeredAt: Infinity, result: null, answers: 0 },
    };
    this.sent.push(one);
    this.#byCorrelation.set(one.correlationId, one);
    timeline.add(`send ${describe(one)}`);
    const deadline = hasty ? { deadline: new Date(Date.now() + HASTY_MS).toISOString() } : {};
    const properties = {
      ...{ type: wish.type, messageId, correlationId: one.correlationId, replyTo: mailbox.replyTo },
      ...{ persistent: true, contentType: 'application/json', headers: { version: 1 } },
    };
    const content = Buffer.from(JSON.stringify({ ...body, ...deadline }));
    await mailbox.post({ routingKey: `compute.${host}.${queue}`, content, properties });
  }

  async corrupt(how: Corruption, queue: Queue): Promise<void> {
    const { timeline, mailbox, host } = this.ground;
    const one: Rejected = { how, correlationId: randomUUID(), verdict: null, deadLetters: 0 };
    this.rejected.push(one);
    timeline.add(`send ${how}`);
    const { content, properties } = corrupted(how, randomUUID());
    const routed = { ...properties, correlationId: one.correlationId, replyTo: mailbox.replyTo, persistent: true };
    await mailbox.post({ routingKey: `compute.${host}.${queue}`, content, properties: routed });
  }

  /** What has no answer yet, or no event. */
  unanswered(): string[] {
    const commands = this.sent.filter(({ result, messageId }) => !result || !this.#events.has(messageId)).map(describe);
    const others = this.rejected.filter(({ verdict, deadLetters }) => verdict === null || deadLetters === 0).map(({ how }) => how);
    return [...commands, ...others];
  }

  /** Resolves when everything is answered, or with what is not when the time is up. */
  async answered(timeoutMs: number): Promise<string[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<true>((resolve) => (timer = setTimeout(() => resolve(true), timeoutMs)));
    try {
      while (this.unanswered().length > 0) {
        const next = new Promise<false>((resolve) => (this.#heard = () => resolve(false)));
        if (await Promise.race([next, late])) break;
      }
      return this.unanswered();
    } finally {
      clearTimeout(timer);
    }
  }

  #reply({ correlationId, result }: Letter): void {
    const { timeline } = this.ground;
    const words = `${verdictOf(result)}${result.instance ? ` (${result.instance.powerState})` : ''}${result.error ? `: ${result.error.message}` : ''}`;
    const rejected = this.rejected.find((one) => one.correlationId === correlationId);
    const one = this.#byCorrelation.get(correlationId);
    timeline.add(`answer ${this.#nameOf(correlationId)}: ${words}`);
    if (rejected) {
      if (!['failed invalid', 'failed unsupported'].includes(verdictOf(result)))
        this.wrongs.push(`${rejected.how} is answered with ${verdictOf(result)}`);
      rejected.verdict = verdictOf(result);
    } else if (one) {
      one.answers += 1;
      if (one.result && verdictOf(one.result) !== verdictOf(result))
        this.wrongs.push(`two answers to ${describe(one)}: ${verdictOf(one.result)}, then ${words}`);
      one.result ??= result;
      one.answeredAt = Math.min(one.answeredAt, timeline.now);
    } else this.wrongs.push(`an answer to nobody: ${result.command} ${result.instanceId ?? ''} ${words}`);
    this.#heard();
  }

  #nameOf(correlationId: string): string {
    const one = this.#byCorrelation.get(correlationId);
    return one ? describe(one) : (this.rejected.find((other) => other.correlationId === correlationId)?.how ?? correlationId);
  }
}

export function describe({ number, wish, queue, messageId }: Sent): string {
  const { type, id, generation, grace, mode } = wish;
  const more = { generation, grace, mode };
  const words = Object.entries(more).flatMap(([key, value]) => (value === undefined ? [] : [`${key} ${value}`]));
  return `#${number} ${type.slice('instance.'.length)} ${id.slice(0, 8)} ${words.join(' ')} by ${queue} (${messageId.slice(0, 4)})`;
}
