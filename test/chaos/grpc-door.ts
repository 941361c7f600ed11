import { InstanceService } from '../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import type { Operation } from '../../services/common/proto/generated/google/longrunning/operations_pb.js';
import type { CommandResult } from '../../services/common/messages/results.js';
import { nameOf } from '../support/api-client.js';
import { answerOfLook, answerOfOperation, answerOfRefusal } from './grpc-answers.js';
import { grpcRequest } from './grpc-requests.js';
import { Broken, type HostApi } from './host-api.js';
import type { PlannedCommand } from './plan.js';
import type { Sent } from './sent.js';

/** What the door tells of what came through it. */
export interface GrpcListener {
  /** From now on it counts, and must be answered. */
  sent(one: Sent): void;
  answered(one: Sent, result: CommandResult): void;
  wrong(what: string): void;
}

interface Accepted {
  readonly name: string;
  readonly one: Sent;
}

/** Commands as calls. Those of one instance are made one after another; nobody waits for the end of an operation before he makes the next call. */
export class GrpcDoor {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #begun = new Map<string, Sent>();
  readonly #accepted = new Map<string, Accepted>();
  /** By request id: calls whose connection broke, and that nobody made again. */
  readonly #doubts = new Map<string, Sent>();
  /** Request ids of those that were never accepted. */
  readonly #unheard = new Set<string>();

  constructor(
    private readonly api: HostApi,
    private readonly listener: GrpcListener,
  ) {}

  /** @param begin makes the command's record as its first call is made */
  send(command: PlannedCommand, begin: () => Sent, deadlineMs: () => number | undefined): void {
    const { id } = command.wish;
    const next = (this.#tails.get(id) ?? Promise.resolve()).then(() => this.#make(command, begin, deadlineMs()));
    this.#tails.set(id, next);
  }

  /** Resolves when every call is made, and it is known which of them were heard. */
  async settled(): Promise<void> {
    await Promise.all(this.#tails.values());
    if (this.#doubts.size === 0) return;
    const names = new Map([...(await this.api.operations())].map(([name, requestId]) => [requestId, name]));
    for (const [requestId, one] of this.#doubts) {
      const name = names.get(requestId);
      if (name === undefined) this.#unheard.add(requestId);
      else if (!this.#accepted.has(requestId)) this.#accept(one, name, true);
    }
    this.#doubts.clear();
  }

  /** In words: operations that nobody was told of. */
  async unasked(): Promise<string[]> {
    if (this.#unheard.size === 0) return [];
    return [...(await this.api.operations())]
      .filter(([, requestId]) => this.#unheard.has(requestId))
      .map(([name, requestId]) => `${name} came to be by the request ${requestId} after that was found not to be heard`);
  }

  async #make(command: PlannedCommand, begin: () => Sent, deadlineMs: number | undefined): Promise<void> {
    const { wish, messageId } = command;
    if (wish.type === 'instance.get' || wish.type === 'instance.diagnostics') return this.#look(begin());
    const accepted = this.#accepted.get(messageId);
    const one = accepted?.one ?? this.#begun.get(messageId) ?? begin();
    if (this.#doubts.delete(messageId)) one.inOrder = false;
    this.#begun.set(messageId, one);
    if (!command.faint && !accepted) this.listener.sent(one);
    try {
      const [method, request] = grpcRequest(wish.type, command.body, messageId, deadlineMs);
      const operation = (await (command.faint ? this.api.once(method, request) : this.api.call(method, request))) as Operation;
      if (!accepted) this.#accept(one, operation.name, !(wish.dryRun ?? false));
      else if (accepted.name !== operation.name)
        this.listener.wrong(`the request ${messageId} gave ${accepted.name}, and then ${operation.name}`);
    } catch (error) {
      if (error instanceof Broken) return void this.#doubts.set(messageId, one);
      if (accepted) return this.listener.wrong(`the request ${messageId} was accepted, and then refused: ${(error as Error).message}`);
      this.listener.sent(one);
      this.listener.answered(one, answerOfRefusal(wish, error));
      this.#begun.delete(messageId);
    }
  }

  async #look(one: Sent): Promise<void> {
    const { wish } = one;
    const { getInstance, getInstanceDiagnostics } = InstanceService.method;
    this.listener.sent(one);
    const request = { name: nameOf(wish.id) };
    try {
      if (wish.type === 'instance.get') this.listener.answered(one, answerOfLook(wish, await this.api.call(getInstance, request)));
      else {
        await this.api.call(getInstanceDiagnostics, request);
        this.listener.answered(one, answerOfOperation(wish, { result: { case: undefined } } as Operation));
      }
    } catch (error) {
      this.listener.answered(one, answerOfRefusal(wish, error));
    }
  }

  #accept(one: Sent, name: string, tells: boolean): void {
    this.#accepted.set(one.messageId, { name, one });
    one.eventId = tells ? (name.split('/').at(-1) ?? null) : null;
    this.listener.sent(one);
    this.api.ended(name).then(
      (operation) => this.listener.answered(one, answerOfOperation(one.wish, operation)),
      (error: unknown) => this.listener.wrong(`${name} is lost: ${(error as Error).message}`),
    );
  }
}
