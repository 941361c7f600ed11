import { ComputeError } from '../../common/errors.js';
import type { PrefetchedImage } from '../../common/messages/images.js';
import type { PrefetchRequest } from '../ports.js';
import { untilDeadline } from '../virt/libvirt/deadline.js';
import type { ImageCache } from './image-cache.js';

/** Uses an image for as long as it takes to say what it is. All bytes of one that is here are read again: this is how its decay is found. */
export async function prefetch(
  { image, deadline, signal: wish, onProgress }: PrefetchRequest,
  cache: ImageCache,
): Promise<PrefetchedImage> {
  const late = () =>
    new ComputeError('timeout', 'image: the deadline came first; what was fetched is kept, and the next attempt goes on there');
  const { signal, end } = untilDeadline(deadline, wish, late);
  try {
    const { facts, sizeBytes, virtualSizeBytes, fetched, release } = await cache.use(image, {
      what: 'image',
      signal,
      onProgress,
      thorough: true,
    });
    release();
    return { ...facts, sizeBytes, virtualSizeBytes, fetched };
  } finally {
    end();
  }
}
