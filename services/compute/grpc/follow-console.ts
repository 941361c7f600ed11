import { create } from '@bufbuild/protobuf';
import {
  type GetConsoleOutputRequest,
  type GetConsoleOutputResponse,
  GetConsoleOutputResponseSchema,
} from '../../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { consoleParts } from '../console-parts.js';
import type { InstanceRegister, KnownInstance } from '../instances/register.js';
import type { Driver } from '../ports.js';
import type { StreamCall } from './calls.js';

export interface FollowConsoleOptions {
  readonly driver: Pick<Driver, 'openConsole'>;
  readonly register: InstanceRegister;
}

const DEFAULT_BYTES = 65_536;
const MAX_BYTES = 262_144;

/** What a guest wrote on its first serial port and, where that is wanted, what it writes from now on. */
export async function followConsole(
  { maxBytes, follow }: GetConsoleOutputRequest,
  id: string,
  call: StreamCall<GetConsoleOutputResponse>,
  deadline: number,
  { driver, register }: FollowConsoleOptions,
): Promise<void> {
  const run = new Run(id, register);
  const reader = await driver.openConsole({ id, deadline }).catch((error: unknown) => {
    run.forget();
    throw error;
  });
  try {
    const wish = {
      maxBytes: Math.min(maxBytes > 0 ? maxBytes : DEFAULT_BYTES, MAX_BYTES),
      follow,
      isOver: () => run.over,
      signal: call.signal,
    };
    for await (const { content, truncated } of consoleParts(reader, wish)) {
      if (!call.write(create(GetConsoleOutputResponseSchema, { content, truncated }))) await call.drained();
    }
  } finally {
    run.forget();
    await reader.close();
  }
}

/** This run of the guest, from when it was asked for: over once the guest was seen off, whatever it does then. */
class Run {
  #over: boolean;
  readonly forget: () => void;

  constructor(id: string, register: InstanceRegister) {
    this.#over = !isOn(register.get(id));
    this.forget = register.onChange((change) => {
      if (change.id === id && !isOn(change.after ?? undefined)) this.#over = true;
    });
  }

  get over(): boolean {
    return this.#over;
  }
}

/** Not known yet: nobody has seen it off. */
function isOn(known: KnownInstance | undefined): boolean {
  return known === undefined ? true : known.powerState === 'running' || known.powerState === 'paused' || known.powerState === 'pending';
}
