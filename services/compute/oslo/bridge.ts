import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumeMessage } from 'amqplib';
import { asComputeError } from '../../common/errors.js';
import { MESSAGE_VERSION } from '../../common/messages/commands.js';
import type { CommandResult } from '../../common/messages/results.js';
import { Broker, type BrokerOptions } from '../amqp/broker.js';
import { deliveryCount, openChannelConsumer, type Hand } from '../amqp/channel-consumer.js';
import { declareDead } from '../amqp/topology.js';
import { bounded } from '../bounded.js';
import { deadLetter, withoutStrangersHeaders } from '../dead-letter.js';
import type { Delivery } from '../delivery.js';
import type { Log } from '../log.js';
import type { Notices } from '../notices.js';
import type { Metrics } from '../metrics.js';
import type { Outgoing, Publish, Published } from '../outgoing.js';
import { monitorCall } from './call-monitor.js';
import { Publications } from './dedup.js';
import { openEnvelope } from './envelope.js';
import { failureOf, noSuchMethod, typeError, unsupportedVersion } from './failures.js';
import { askedElsewhere } from './asked-elsewhere.js';
import { argumentProblem, endpoints, findMethod, type Asked, type Endpoint } from './methods.js';
import { notificationsOf, notificationTopics, type NotificationFormat, type Notifying } from './notifications.js';
import type { Bridges } from './nova-interfaces.js';
import { heartbeatTo, replyTo, type Said } from './replies.js';
import { callerInText, readRequest, type OsloRequest, type Unread } from './request.js';
import { declareOslo, OSLO_QUEUES, shapes, type OsloQueue, type TopologyOption, type TopologyWishes } from './topology.js';

/** What an operator says about it. */
export interface OsloSettings extends Pick<BrokerOptions, 'url' | 'tls'> {
  readonly exchange: string;
  readonly topic: string;
  /** Of nova's methods; null as nova has it. */
  readonly namespace: string | null;
  readonly topology: readonly TopologyOption[];
  readonly bridges: Bridges;
  readonly notifications: NotificationFormat;
}

export interface OsloBridgeOptions extends OsloSettings {
  readonly host: string;
  /** How long a command may take that sets itself no bound; milliseconds. */
  readonly defaultDeadlineMs: number;
  /** Sees a command through; the same for every door. */
  readonly take: (delivery: Delivery) => void;
  /** The host takes nothing new. */
  readonly isDrained: () => boolean;
  /** For what nobody can read: to the worker's own broker; null where it has none: it is kept on this one. */
  readonly publishOwn: Publish | null;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Of each queue. Builds that wait for their turn are in our hands, so that a stop or a terminate behind them is seen. */
const PREFETCH = 256;
/** A client that lost its connection declares its reply queue anew; it has so long for that. */
const REPLY_QUEUE_MS = 5000;
const REPLY_AGAIN_MS = 250;

/**
 * OpenStack's door: an oslo.messaging server over RabbitMQ. A request becomes a delivery like any other; what is ours alone is the wording of
 * question and answer. Unlike oslo.messaging it acknowledges after the work.
 */
export class OsloBridge {
  readonly #options: OsloBridgeOptions;
  readonly #broker: Broker;
  readonly #endpoints: readonly Endpoint[];
  readonly #publications = new Publications();
  readonly #notifying: Notifying;
  /** What came by this door. */
  readonly #requests = new WeakMap<Delivery, OsloRequest>();

  constructor(options: OsloBridgeOptions) {
    this.#options = options;
    const { url, tls, host, exchange, topic, namespace, topology, bridges, notifications: format, metrics } = options;
    this.#endpoints = endpoints({ namespace, topic, bridges });
    this.#notifying = { format, exchange, host };
    const wishes: TopologyWishes = {
      exchange,
      topic,
      server: host,
      options: new Set(topology),
      uniqueName: randomBytes(16).toString('hex'),
      notificationTopics: notificationTopics(format),
    };
    const { queues, fanoutArguments } = shapes(wishes);
    this.#broker = new Broker({
      url,
      ...(tls && { tls }),
      place: {
        connectionName: `novalet oslo ${host}`,
        queues: OSLO_QUEUES,
        declare: async (channel) => {
          await declareOslo(channel, wishes);
          if (this.#keepsDead) await declareDead(channel);
        },
        open: (connection, queue, onLost) =>
          openChannelConsumer(connection, {
            queue: queues[queue as OsloQueue].name,
            prefetch: PREFETCH,
            onMessage: (message, hand) => this.#take(message, queue === 'fanout' ? keptBack(hand) : hand),
            onLost,
            ...(queue === 'fanout' && fanoutArguments && { arguments: fanoutArguments }),
          }),
      },
      observer: { connected: (up) => metrics.osloUp.set(up ? 1 : 0), blocked: () => {}, confirmed: () => {}, waiting: () => {} },
      log: namedLog(options.log),
    });
  }

  get opened(): Promise<void> {
    return this.#broker.opened;
  }

  get trouble(): string | null {
    return this.#broker.trouble;
  }

  /** Takes requests, or none, on this session and every later one. */
  consume(wanted: boolean): Promise<void> {
    return this.#broker.consume(Object.fromEntries(OSLO_QUEUES.map((queue) => [queue, wanted])));
  }

  stopConsuming(): Promise<void> {
    return this.#broker.stopConsuming();
  }

  close(): Promise<void> {
    return this.#broker.close();
  }

  /** As a worker's own: resolves when it is confirmed. A reply whose queue is not there is tried for a while. */
  readonly publish: Publish = async (message) => {
    const until = Date.now() + REPLY_QUEUE_MS;
    for (;;) {
      const outcome: Published = await this.#broker.publish(message);
      if (outcome !== 'returned' || Date.now() >= until) return outcome;
      await sleep(REPLY_AGAIN_MS, undefined, { ref: false });
    }
  };

  /** nova's notifications of a command, by whichever door it came; by this one, with what its request says. */
  readonly notices: Notices = (delivery, type, command, result) => {
    if (command?.type === 'instance.spawn' && command.body.dryRun) return [];
    const about = this.#requests.get(delivery) ?? (command && askedElsewhere(command));
    return about ? notificationsOf(this.#notifying, about, type, result) : [];
  };

  #take(message: ConsumeMessage, hand: Hand): void {
    const { content } = message;
    const opened = openEnvelope(content);
    const request = 'problem' in opened ? { ...opened, ...callerInText(content) } : readRequest(opened.message, content);
    if ('problem' in request) return this.#refuse(message, hand, request);
    if (!this.#publications.take(request.uniqueId) && !message.fields.redelivered) {
      this.#count('copy', 'copy');
      hand.ack();
      return;
    }
    const found = findMethod(this.#endpoints, request);
    if (found === 'no such method') return this.#answer(request, hand, { failure: noSuchMethod(bounded(request.method)) });
    if (found === 'unsupported version')
      return this.#answer(request, hand, { failure: unsupportedVersion(bounded(request.version, 20), bounded(request.method)) });
    const wrong = argumentProblem(request.method, found.method, request.args);
    if (wrong !== null) return this.#answer(request, hand, { failure: typeError(wrong) }, request.method);
    try {
      const action = found.method.act(request.args);
      if ('value' in action) this.#answer(request, hand, { result: action.value }, request.method);
      else this.#command(message, hand, request, action.asked);
    } catch (thrown) {
      this.#answer(request, hand, { failure: failureOf(asComputeError(thrown)) }, request.method, asComputeError(thrown).message);
    }
  }

  /** The way of every command: whoever decodes, orders, runs and answers them does not know where it came from. */
  #command(message: ConsumeMessage, hand: Hand, request: OsloRequest, { type, body, queue, returns }: Asked): void {
    const { host, take, isDrained } = this.#options;
    const { caller, uniqueId, method, context } = request;
    const stop = monitorCall(caller?.monitorSeconds ?? null, () => {
      if (caller) this.#broker.tell(heartbeatTo(caller, randomBytes(16).toString('hex')));
    });
    const withRequestId =
      body['requestId'] === undefined && context.requestId !== undefined ? { ...body, requestId: context.requestId } : body;
    const delivery: Delivery = {
      content: Buffer.from(JSON.stringify(withRequestId)),
      properties: {
        type,
        messageId: uniqueId,
        headers: { version: MESSAGE_VERSION },
        timestamp: this.#sentAt(message),
        appId: `oslo ${host}`,
      },
      // A drained host begins nothing of the other queue; by this one a build is refused with words.
      queue: isDrained() ? 'control' : queue,
      exchange: message.fields.exchange,
      routingKey: message.fields.routingKey,
      redelivered: message.fields.redelivered,
      deliveryCount: deliveryCount(message),
      replies: (result) => {
        stop();
        this.#count(method, result.outcome);
        const said = saidOf(result, returns);
        return caller ? [replyTo(request, caller, said)] : [];
      },
      ack: () => (stop(), hand.ack()),
      giveBack: () => (stop(), hand.giveBack()),
    };
    this.#requests.set(delivery, request);
    take(delivery);
  }

  /** What is answered without anything being done. */
  #answer(request: OsloRequest, hand: Hand, said: Said, method = 'unknown', why = 'failure' in said ? said.failure.message : ''): void {
    const { caller } = request;
    const outcome = 'failure' in said ? 'failed' : 'done';
    this.#count(method, outcome);
    if (outcome === 'failed') {
      const { requestId } = request.context;
      this.#options.log.warn(
        { messageId: request.uniqueId, requestId, command: bounded(request.method), error: bounded(why) },
        'bridge: request refused',
      );
    }
    if (!caller) return void hand.ack();
    // On its way out of the process no later than the acknowledgement; it needs nothing that a second try would give.
    this.publish(replyTo(request, caller, said)).then(
      () => hand.ack(),
      () => hand.giveBack(),
    );
  }

  /** Kept where a person finds it; and whoever waits for it is told. */
  #refuse({ content, properties, fields }: ConsumeMessage, hand: Hand, { problem, caller, ...unread }: Unread): void {
    const { host, log } = this.#options;
    const { exchange, routingKey, redelivered } = fields;
    this.#count('unknown', 'failed');
    log.warn({ reason: bounded(problem), queue: bounded(routingKey) }, 'bridge: message rejected');
    const delivery = { content, properties, queue: 'control', exchange, routingKey, redelivered, deliveryCount: 0, ...hand } as const;
    const letter = deadLetter(delivery, host, { reason: 'malformed-json', kind: 'invalid', message: `oslo.messaging: ${problem}` });
    const failure = failureOf({ kind: 'invalid', message: `the message cannot be read: ${problem}` });
    Promise.all([this.#bury(letter), caller && this.publish(replyTo(unread, caller, { failure }))]).then(
      () => hand.ack(),
      () => hand.giveBack(),
    );
  }

  /** This broker keeps what nobody can read: it is the only one, and what is on it is ours to declare. */
  get #keepsDead(): boolean {
    const { publishOwn, topology } = this.#options;
    return publishOwn === null && !topology.includes('passive');
  }

  async #bury(letter: Outgoing): Promise<void> {
    const publish = this.#options.publishOwn ?? (this.#keepsDead ? (one: Outgoing) => this.#broker.publish(one) : null);
    if (publish !== null && (await publish(letter)) === 'impossible') await publish(withoutStrangersHeaders(letter));
  }

  /** A call that expires is worth nothing later; what no command says in its body is said by when it was sent. */
  #sentAt({ properties }: ConsumeMessage): number | undefined {
    const expiration = Number(properties.expiration);
    if (!(expiration > 0)) return undefined;
    return (Date.now() + expiration - this.#options.defaultDeadlineMs) / 1000;
  }

  #count(method: string, outcome: 'done' | 'failed' | 'copy'): void {
    this.#options.metrics.osloRequests.inc({ method, outcome });
  }
}

function saidOf(result: CommandResult, returns: Asked['returns']): Said {
  if (result.error) return { failure: failureOf(result.error, result.instanceId) };
  return { result: returns(result) };
}

/** A message for everybody is not for the next one: it does not go back, and a stream would not take it. */
function keptBack(hand: Hand): Hand {
  return { ack: hand.ack, giveBack: () => void hand.ack() };
}

/** The same words about another connection. */
function namedLog(log: Log): Log {
  return {
    ...(log.debugs !== undefined && { debugs: log.debugs }),
    debug: (fields, phrase) => log.debug(fields, `bridge: ${phrase}`),
    info: (fields, phrase) => log.info(fields, `bridge: ${phrase}`),
    warn: (fields, phrase) => log.warn(fields, `bridge: ${phrase}`),
    error: (fields, phrase) => log.error(fields, `bridge: ${phrase}`),
  };
}
