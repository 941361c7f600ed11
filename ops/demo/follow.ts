import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 50;

/** Gives each line of a file as it is written, also of a file that is not there yet; ends when `signal` says so. */
export async function* follow(path: string, signal: AbortSignal): AsyncGenerator<string> {
  let file: FileHandle | undefined;
  let rest = '';
  try {
    for (;;) {
      file ??= await open(path).catch(() => undefined);
      const text = rest + (file ? await news(file) : '');
      const lines = text.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      if (signal.aborted) return;
      await delay(EVERY_MS, undefined, { signal }).catch(() => undefined); // one more look after the end
    }
  } finally {
    await file?.close();
  }
}

async function news(file: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(64 * 1024) });
  return buffer.toString('utf8', 0, bytesRead);
}
