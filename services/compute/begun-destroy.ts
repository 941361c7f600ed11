import type { CommandOf } from '../common/messages/commands.js';
import type { Tombstones } from './ports.js';

/** The generation that a destroy has buried, in this life or another; null when it was not begun. Tombstones that cannot be read are its handler's to tell. */
export function generationBuriedBy(
  { body, messageId }: CommandOf<'instance.destroy'>,
  tombstones: Pick<Tombstones, 'buriedBy'>,
): number | null {
  try {
    return tombstones.buriedBy(body.instance.id, messageId);
  } catch {
    return null;
  }
}
