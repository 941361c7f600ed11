import type { CommandOf } from '../../common/messages/commands.js';
import type { PrefetchedImage } from '../../common/messages/images.js';
import type { LaneContext } from './lane-context.js';

/** Sees to it that an image is here before somebody waits for it. Where it is, it is only looked at. */
export function prefetch(
  { body, deadline }: CommandOf<'image.prefetch'>,
  { driver, signal, onProgress }: LaneContext,
): Promise<PrefetchedImage> {
  return driver.prefetch({ image: body.image, deadline, signal, onProgress });
}
