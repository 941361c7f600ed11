import { open } from 'node:fs/promises';
import { imageError } from './image-error.js';

const SECTOR = 512;
/** Control characters that no text has; what is above ASCII may be UTF-8. */
const NO_TEXT = /[\0-\x08\x0e-\x1f\x7f]/;

/**
 * Raw is what has no format's mark, so also the page that a server sends in place of an image. For those who did not say that they want raw, nor which
 * bytes: what begins like a text, or does not end with a sector, is taken for no disk.
 * @throws invalid
 */
export async function refuseDoubtfulRaw(file: string, what: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SECTOR), 0, SECTOR, 0);
    const isText = bytesRead > 0 && !NO_TEXT.test(buffer.toString('latin1', 0, bytesRead));
    if (!isText && size % SECTOR === 0) return;
    const why = isText ? 'it begins like a text' : `its ${size} bytes are no whole number of sectors`;
    throw imageError(
      'invalid',
      what,
      `this looks like no image: ${why}, and no format has such a mark; if it is a raw disk, say that its format is raw`,
    );
  } finally {
    await handle.close();
  }
}
