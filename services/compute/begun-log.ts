import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Which commands were begun and have not come to their end, kept where the end of the process does not take it. */
export interface BegunLog {
  /**
   * Notes that the command is begun, and says how often it was before without coming to its end: so often the worker died in the middle of it. Null:
   * nobody knows.
   */
  begin(key: string): number | null;
  /** It came to its end, or goes back with nothing under way. Fine when it was never begun. */
  end(key: string): void;
}

export const NO_BEGUN_LOG: BegunLog = { begin: () => null, end: () => {} };

/** More commands than can be in hand at once. */
const PLACES = 1024;
const DIGEST_BYTES = 32;
/** The digest of the key, how often it was begun, and a number that grows. */
const PLACE_BYTES = DIGEST_BYTES + 4 + 8;

interface Place {
  readonly at: number;
  readonly times: number;
  readonly number: number;
}

/**
 * A place for each command in a file of one size, written without waiting for the storage: it must outlive this process and not the host. Where no
 * place is left the one that was begun longest ago gives way: its message has never come again.
 */
export class BegunFile implements BegunLog {
  readonly #file: number;
  readonly #places = new Map<string, Place>();
  readonly #free: number[] = [];
  #number = 0;

  constructor(path: string) {
    closeSync(openSync(path, 'a', 0o600));
    this.#file = openSync(path, 'r+');
    this.#load();
  }

  begin(key: string): number | null {
    const digest = digestOf(key);
    const known = this.#places.get(digest.toString('base64'));
    const place = { at: known?.at ?? this.#room(), times: (known?.times ?? 0) + 1, number: ++this.#number };
    try {
      this.#write(place, digest);
    } catch {
      if (!known) this.#free.push(place.at);
      return known ? known.times : null; // a full disk: no room was ever found for it
    }
    this.#places.set(digest.toString('base64'), place);
    return place.times - 1;
  }

  end(key: string): void {
    const name = digestOf(key).toString('base64');
    const place = this.#places.get(name);
    if (!place) return;
    this.#places.delete(name);
    this.#free.push(place.at);
    try {
      this.#write({ ...place, times: 0 }, Buffer.alloc(DIGEST_BYTES));
    } catch {
      return; // it counts once too often, should a command of this key ever be begun again
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #room(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    let oldest: [string, Place] | undefined;
    for (const entry of this.#places) if (!oldest || entry[1].number < oldest[1].number) oldest = entry;
    if (!oldest) throw new Error('a file of no places'); // there are PLACES of them, free or taken
    this.#places.delete(oldest[0]);
    return oldest[1].at;
  }

  #write({ at, times, number }: Place, digest: Buffer): void {
    const bytes = Buffer.alloc(PLACE_BYTES);
    digest.copy(bytes);
    bytes.writeUInt32LE(times, DIGEST_BYTES);
    bytes.writeBigUInt64LE(BigInt(number), DIGEST_BYTES + 4);
    writeSync(this.#file, bytes, 0, PLACE_BYTES, at);
  }

  #load(): void {
    const content = Buffer.alloc(PLACES * PLACE_BYTES);
    readFileSync(this.#file).copy(content);
    try {
      writeSync(this.#file, content, 0, content.length, 0); // later ones find their room on a full disk, too
    } catch {
      // Room is found place by place, or not at all.
    }
    for (let at = (PLACES - 1) * PLACE_BYTES; at >= 0; at -= PLACE_BYTES) {
      const times = content.readUInt32LE(at + DIGEST_BYTES);
      if (times === 0) {
        this.#free.push(at);
        continue;
      }
      const number = Number(content.readBigUInt64LE(at + DIGEST_BYTES + 4));
      this.#places.set(content.toString('base64', at, at + DIGEST_BYTES), { at, times, number });
      this.#number = Math.max(this.#number, number);
    }
  }
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
