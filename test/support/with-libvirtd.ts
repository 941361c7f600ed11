import { startLibvirtd, type Libvirtd, type LibvirtdOptions } from '../../ops/private/libvirtd.js';
import { takeAwayAfter, type TakeAway } from './take-away.js';

/** A private libvirtd for this test or file (half a second with its first guest); gone with it, guests and files included. */
export async function withLibvirtd(t: TakeAway, options: LibvirtdOptions = {}): Promise<Libvirtd> {
  const libvirtd = await startLibvirtd(options);
  takeAwayAfter(t, () => libvirtd.stop());
  return libvirtd;
}
