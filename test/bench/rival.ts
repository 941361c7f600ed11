import { randomUUID } from 'node:crypto';
import { PythonProcess } from './python-process.js';

/** What libvirt itself needs for a guest like the worker's. */
export interface RivalGuest {
  readonly uuid: string;
  /** Everything of the guest is in it. */
  readonly directory: string;
  readonly disk: string | null;
  readonly image: string | null;
  readonly xml: string;
}

/** CLOCK_MONOTONIC in nanoseconds, at the end of each step. */
export interface RivalTimes {
  readonly beganNs: number;
  readonly imagedNs: number;
  readonly definedNs: number;
  readonly createdNs: number;
}

/** The definition of a guest of the worker, from which the rival's are copied. */
export interface Template {
  readonly uuid: string;
  readonly directory: string;
  readonly xml: string;
}

/** Enough for eight threads: libvirtd works on five calls of one connection at a time. */
const CONNECTIONS = 2;

type Answer = { readonly id: number; readonly error?: string } & Record<string, unknown>;

/** The other side of the comparison: a resident Python loop over libvirt-python and qemu-img, without broker, journal or safety. */
export class Rival {
  readonly #pending = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  #process!: PythonProcess;
  #lastId = 0;

  static async start(uri: string): Promise<Rival> {
    const rival = new Rival();
    rival.#process = await PythonProcess.start('libvirt_loop.py', [], (line) => rival.#hear(line as Answer));
    await rival.#ask({ do: 'open', uri, connections: CONNECTIONS });
    return rival;
  }

  /** The inactive definition of a domain. */
  async definitionOf(uuid: string): Promise<string> {
    return (await this.#ask({ do: 'template', uuid }))['xml'] as string;
  }

  /** Spawns all with so many threads. */
  async spawn(guests: readonly RivalGuest[], threads = 1): Promise<{ beganMs: number; guests: readonly RivalTimes[] }> {
    const answer = await this.#ask({ do: 'spawn', guests, threads, defineFlags: 0 });
    return { beganMs: (answer['beganNs'] as number) / 1e6, guests: answer['guests'] as RivalTimes[] };
  }

  /** Does to its own guest what the worker's verb does, and says how many milliseconds libvirt and qemu-img took. */
  async verb(name: string, guest: RivalGuest): Promise<number> {
    return ((await this.#ask({ do: 'verb', verb: name, guest }))['tookNs'] as number) / 1e6;
  }

  async destroy(guests: readonly RivalGuest[], threads = 8): Promise<void> {
    await this.#ask({ do: 'destroy', guests: guests.map(({ uuid, directory }) => ({ uuid, directory })), threads });
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  #ask(order: object): Promise<Answer> {
    const id = ++this.#lastId;
    const answer = new Promise<Answer>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    this.#process.send({ id, ...order });
    return this.#process.orGone(answer);
  }

  #hear(answer: Answer): void {
    const asker = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (answer.error === undefined) asker?.resolve(answer);
    else asker?.reject(new Error(`the rival: ${answer.error}`));
  }
}

/** The worker's guest once more, under another UUID and in a directory of the rival's. */
export function likeTemplate(template: Template, root: string, image: string | null): RivalGuest {
  const uuid = randomUUID();
  const directory = `${root}/${uuid}`;
  const xml = template.xml.replaceAll(template.directory, directory).replaceAll(template.uuid, uuid);
  const disk = /<source file=['"]([^'"]+)['"]/.exec(xml)?.[1] ?? null;
  if ((disk === null) !== (image === null))
    throw new Error(`the template has ${disk ?? 'no disk'}, and ${image ?? 'no image'} was asked for`);
  if (disk !== null && !disk.startsWith(`${directory}/`)) throw new Error(`the template's disk ${disk} is not in its directory`);
  return { uuid, directory, disk, image, xml };
}
