import type { RemoteImage } from '../../services/common/messages/images.js';
import { breaksAfter, digestOf, gives, startImageServer, type ImageServer } from '../support/image-server.js';
import { Dice } from './dice.js';

const BYTES = 256 * 1024;

/** A server of images on loopback, with others for each seed, and a connection that may break the first time. */
export class Images {
  private constructor(private readonly server: ImageServer) {}

  static async open(): Promise<Images> {
    return new Images(await startImageServer());
  }

  get host(): string {
    return this.server.host;
  }

  /** One that names its digest, and one that the server has to be asked about. */
  of(seed: number): RemoteImage[] {
    return ['known', 'unknown'].map((name, index) => {
      const dice = new Dice(2 * seed + index);
      const bytes = Buffer.from(Array.from({ length: BYTES / 256 }, () => dice.below(256))).toString('latin1');
      const image = Buffer.alloc(BYTES, bytes, 'latin1');
      const first = dice.chance(0.3) ? [breaksAfter(image, dice.below(BYTES))] : [];
      const url = this.server.on(`/${seed}/${name}`, ...first, gives(image));
      return name === 'known' ? { url, sha256: digestOf(image) } : { url };
    });
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
