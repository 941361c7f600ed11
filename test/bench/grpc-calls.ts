import { connect as http2Connect, type ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { InstanceService } from '../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { InstanceSpecSchema } from '../../services/common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import { fromWords } from '../../services/compute/grpc/words.js';
import { ApiClient, nameOf } from '../support/api-client.js';
import type { Ground } from './ground.js';
import { monotonicMs } from './observer.js';
import { sampleOf, type Sample } from './statistics.js';

export interface GrpcCalls {
  /** A GetInstance, one at a time, in milliseconds: its median with the ends, and the time that 99 of 100 stay below. */
  readonly unary: Sample;
  readonly unaryP99: Sample;
  /** GetInstances answered a second, with 32 on their way. */
  readonly rate: Sample;
  /** From the call to libvirt's STARTED, and the same by the queue, by turns; milliseconds. */
  readonly byGrpc: Sample;
  readonly byQueue: Sample;
  /** Memory that a thousand connections cost that say nothing, in MiB. */
  readonly idleConnections: Sample;
}

export interface GrpcPlan {
  readonly calls: number;
  readonly creates: number;
  readonly connections: number;
}

const IN_FLIGHT = 32;
const SETTLE_MS = 2000;

/** The gRPC door: what a call costs, what it adds to a spawn, and what somebody costs who is merely there. */
export async function grpcCalls(ground: Ground, { calls, creates, connections }: GrpcPlan): Promise<GrpcCalls> {
  const socket = `${ground.worker.stateDir}/grpc.sock`;
  const client = new ApiClient(`unix:${socket}`);
  try {
    const wish = ground.wish(false);
    await ground.sender.spawn(wish).done;
    const name = nameOf(wish.instance.id);
    const get = async (): Promise<number> => {
      const began = monotonicMs();
      await client.call(InstanceService.method.getInstance, { name });
      return monotonicMs() - began;
    };
    for (let warm = 0; warm < 50; warm++) await get();
    const times: number[] = [];
    for (let call = 0; call < calls; call++) times.push(await get());
    const began = monotonicMs();
    let left = calls;
    const worker = async (): Promise<void> => {
      while (left-- > 0) await get();
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    const rate = calls / ((monotonicMs() - began) / 1000);
    await ground.sender.destroy([wish.instance.id]);
    const p99 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN;
    const spawns = await spawnsByTurns(ground, client, creates);
    const idleConnections = await costOfConnections(ground, socket, connections);
    return {
      unary: sampleOf(times),
      unaryP99: sampleOf([p99]),
      rate: sampleOf([rate]),
      ...spawns,
      idleConnections: sampleOf([idleConnections]),
    };
  } finally {
    client.close();
  }
}

async function spawnsByTurns(ground: Ground, client: ApiClient, rounds: number): Promise<{ byGrpc: Sample; byQueue: Sample }> {
  const { sender, observer } = ground;
  const byGrpc: number[] = [];
  const byQueue: number[] = [];
  const queue = async (): Promise<void> => {
    const wish = ground.wish(true);
    const sent = sender.spawn(wish);
    const [started] = await Promise.all([observer.started(wish.instance.id), sent.done]);
    byQueue.push(started.monotonicMs - sent.sentAtMs);
    await sender.destroy([wish.instance.id]);
  };
  const grpc = async (): Promise<void> => {
    const { id, name, metadata: _metadata, ...words } = ground.wish(true).instance;
    const began = monotonicMs();
    const called = client.create(id, { instance: { displayName: name, spec: fromWords(InstanceSpecSchema, words) } });
    const [started] = await Promise.all([observer.started(id), called.then((operation) => client.ended(operation))]);
    byGrpc.push(started.monotonicMs - began);
    await sender.destroy([id]);
  };
  for (let round = 0; round < rounds; round++) for (const turn of round % 2 === 0 ? [queue, grpc] : [grpc, queue]) await turn();
  return { byGrpc: sampleOf(byGrpc), byQueue: sampleOf(byQueue) };
}

async function costOfConnections({ worker }: Ground, socket: string, count: number): Promise<number> {
  // A process that has done nothing: what calls have left behind would be given back meanwhile.
  await worker.stop();
  await worker.start();
  await delay(SETTLE_MS);
  const before = (await worker.memory()).rss;
  const sessions: ClientHttp2Session[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const session = http2Connect('http://novalet', { createConnection: () => connect(socket) });
      session.on('error', () => {});
      sessions.push(session);
      await new Promise((resolve) => session.once('remoteSettings', resolve));
    }
    await delay(SETTLE_MS);
    return Math.max(0, (await worker.memory()).rss - before);
  } finally {
    for (const session of sessions) session.destroy();
  }
}
