/** A file, directory (no content) or symbolic link (`target`) of an initramfs. Paths have no leading slash. */
export interface CpioEntry {
  readonly path: string;
  readonly mode: number;
  readonly content?: Buffer;
  readonly target?: string;
}

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;

/** A cpio archive of the format "newc", as the kernel reads it (Documentation/driver-api/early-userspace/buffer-format.rst). */
export function cpio(entries: readonly CpioEntry[]): Buffer {
  const parts = entries.map((entry, index) => record(entry, index + 1));
  parts.push(record({ path: 'TRAILER!!!', mode: 0, content: Buffer.alloc(0) }, 0));
  return Buffer.concat(parts);
}

function record({ path, mode, content, target }: CpioEntry, inode: number): Buffer {
  const data = content ?? Buffer.from(target ?? '');
  const type = content ? S_IFREG : target === undefined ? S_IFDIR : S_IFLNK;
  const name = Buffer.from(`${path}\0`);
  const fields = [inode, type | mode, 0, 0, type === S_IFDIR ? 2 : 1, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return Buffer.concat([padded(Buffer.concat([header, name])), padded(data)]);
}

const padded = (data: Buffer): Buffer => Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
