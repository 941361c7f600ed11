import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { RemoteImage } from '../../../../services/common/messages/images.js';
import { type HeldImage, ImageCache, type ImageCacheOptions } from '../../../../services/compute/images/image-cache.js';
import type { Progress } from '../../../../services/compute/ports.js';
import { ImageInfos } from '../../../../services/compute/virt/libvirt/image-info.js';
import { withImageServer } from '../../../support/image-server.js';
import { temporaryDirectory } from '../virt/libvirt/temporary-directory.js';

export const KIB = 1024;
/** Longer than any test, and no test waits for it. */
const LATE = 20_000;

/** A raw image: bytes that are no other format. */
export const rawImage = (bytes = 300 * KIB): Buffer => randomBytes(Math.ceil(bytes / 512) * 512);

/** A cache with a state directory of its own, beside a server that does as it is told. */
export async function cacheBench(t: TestContext, options: Partial<ImageCacheOptions> = {}, maxDiskBytes?: number) {
  const { stateDir = temporaryDirectory(t) } = options;
  const instances = path.join(stateDir, 'instances');
  mkdirSync(instances);
  const server = await withImageServer(t);
  const counted = { hit: 0, miss: 0, fetched: 0, held: 0, evicted: 0, failed: 0 };
  const metrics = {
    hit: () => void counted.hit++,
    miss: () => void counted.miss++,
    fetched: (bytes: number) => void (counted.fetched += bytes),
    held: (bytes: number) => void (counted.held = bytes),
    evicted: () => void counted.evicted++,
    verificationFailed: () => void counted.failed++,
  };
  const bounds = { limitBytes: 64 * KIB * KIB, maxImageBytes: 16 * KIB * KIB, stallMs: 500 };
  const warnings: string[] = [];
  const open = () =>
    new ImageCache({
      ...{ stateDir, hosts: [server.host], infos: new ImageInfos(maxDiskBytes), metrics, warn: (what) => void warnings.push(what) },
      ...bounds,
      ...options,
    });
  const cache = open();
  const use = (image: RemoteImage, more: { signal?: AbortSignal; onProgress?: (progress: Progress) => void; of?: ImageCache } = {}) => {
    const { signal = AbortSignal.timeout(LATE), onProgress, of = cache } = more;
    return of.use(image, { what: 'instance.disks[0].image', signal, onProgress });
  };
  /** Uses it as a spawn does, and gives the bytes. */
  const bytesOf = async (image: RemoteImage, of = cache): Promise<Buffer> => {
    const held: HeldImage = await use(image, { of });
    try {
      return readFileSync(held.file);
    } finally {
      held.release();
    }
  };
  /** An overlay of an instance over a file. */
  const standOn = (base: string, id = 'an-instance'): void => {
    mkdirSync(path.join(instances, id), { recursive: true });
    const overlay = path.join(instances, id, 'disk-0.qcow2');
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', base, overlay]);
  };
  const partials = () => readdirSync(cache.files.partial).filter((name) => !/\.json(?:\.part)?$/.test(name));
  return { cache, open, server, counted, warnings, use, bytesOf, standOn, partials, stateDir };
}
