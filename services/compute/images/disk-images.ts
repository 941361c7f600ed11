import type { ImageFacts, ImageFormat, RemoteImage } from '../../common/messages/images.js';
import type { ImageInfos } from '../virt/libvirt/image-info.js';
import type { ImagePaths } from '../virt/libvirt/image-paths.js';
import type { ImageCache, ImageRequest } from './image-cache.js';
import { refuseDoubtfulRaw } from './raw-doubt.js';

/** The file that a disk's overlay is made over; it stays where it is until it is released. */
export interface DiskBase {
  readonly file: string;
  readonly format: 'qcow2' | 'raw';
  readonly virtualSizeBytes: number;
  /** Of an image that was fetched. */
  readonly facts?: ImageFacts;
  readonly release: () => void;
}

const NOTHING_HELD = (): void => {};

/** What a disk's image is, wherever it comes from: a file of the host's as it is, a copy of it that QEMU may use, or one that is fetched. */
export class DiskImages {
  constructor(
    private readonly paths: ImagePaths,
    private readonly infos: ImageInfos,
    private readonly cache: ImageCache,
  ) {}

  async use(image: string | RemoteImage, wanted: ImageFormat | undefined, request: ImageRequest): Promise<DiskBase> {
    if (typeof image !== 'string') return this.cache.use({ ...image, format: image.format ?? wanted }, request);
    const file = await this.paths.resolve(image, request.what);
    const { format, virtualSizeBytes } = await this.infos.of(file, wanted, request.what);
    if (format === 'raw' && wanted === undefined) await refuseDoubtfulRaw(file, request.what);
    if (format === 'qcow2' || format === 'raw') return { file, format, virtualSizeBytes, release: NOTHING_HELD };
    const { facts: _facts, ...converted } = await this.cache.convert(file, { format, virtualSizeBytes }, request);
    return converted;
  }
}
