import { createHash } from 'node:crypto';

/**
 * An interface's own address when nobody gave one: the same at every attempt, so that a spawn which is gone on with makes the same guest.
 * Locally administered (02:…), with 40 bits that follow from the instance and the place.
 */
export function macAddress(instanceId: string, index: number): string {
  const digest = createHash('sha256').update(`${instanceId}/${index}`).digest();
  return ['02', ...Array.from(digest.subarray(0, 5), (byte) => byte.toString(16).padStart(2, '0'))].join(':');
}
