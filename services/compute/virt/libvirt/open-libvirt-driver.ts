import type * as Binding from '@novalet/libvirt';
import type { Log } from '../../log.js';
import type { LibvirtMetrics, PoolState } from '../../metrics.js';
import type { Checkpoint } from '../../checkpoint.js';
import type { Driver } from '../../ports.js';
import { claimLimits } from '../../claims/claim-limits.js';
import type { ComputeConfig } from '../../config.js';
import { UNMEASURED } from '../../images/metrics.js';
import { bounded } from '../../bounded.js';
import { LibvirtDriver } from './libvirt-driver.js';

let loaded: typeof Binding | undefined;

/** The binding comes with the first connection: the worker consumes meanwhile, and a host without libvirt says so in its answers. */
async function binding(): Promise<typeof Binding> {
  loaded ??= await import('@novalet/libvirt');
  return loaded;
}

/** The driver that the settings describe. */
export function openLibvirtDriver(settings: ComputeConfig, metrics: LibvirtMetrics, log: Log, checkpoint?: Checkpoint): Driver {
  const libvirt = {
    open: async (uri: string) => (await binding()).open(uri),
    openReadOnly: async (uri: string) => (await binding()).openReadOnly(uri),
  };
  const address = shownUri(settings.NOVALET_LIBVIRT_URI);
  return new LibvirtDriver(libvirt, {
    uri: settings.NOVALET_LIBVIRT_URI,
    virtType: settings.NOVALET_VIRT_TYPE,
    host: settings.NOVALET_HOST,
    stateDir: settings.NOVALET_STATE_DIR,
    imageDirs: settings.NOVALET_IMAGE_DIRS,
    vncListen: settings.NOVALET_VNC_LISTEN,
    images: {
      hosts: settings.NOVALET_IMAGE_HOSTS,
      ca: settings.imageCa,
      limitBytes: settings.NOVALET_IMAGE_CACHE_BYTES,
      maxImageBytes: settings.NOVALET_IMAGE_MAX_BYTES,
      diskReserveBytes: claimLimits(settings).diskReserveMiB * 1024 ** 2,
      maxDiskBytes: settings.NOVALET_IMAGE_MAX_DISK_BYTES,
      metrics: metrics.images ?? UNMEASURED,
    },
    ...(settings.NOVALET_SNAPSHOT_DIR !== undefined && { snapshotDir: settings.NOVALET_SNAPSHOT_DIR }),
    metrics,
    claims: {
      limits: claimLimits(settings),
      unbounded: settings.NOVALET_VIRT_TYPE === 'test',
      onRooms: (rooms) => metrics.rooms?.(rooms),
      onRefused: (resources) => metrics.refused?.(resources),
    },
    ...(checkpoint && { checkpoint }),
    reach: {
      reached: () => log.info({ address }, 'libvirt connected'),
      lost: (why, before) => log.warn({ address, error: bounded(why, 1000) }, before ? 'libvirt connection lost' : 'libvirt not reached'),
    },
    warn: (what) => log.warn({ error: what }, 'hypervisor cannot do what is set'),
    // Four commands fit on one, and each of the two queues has so many in hand.
    controlConnections: Math.ceil(settings.NOVALET_CONCURRENCY / 2),
  });
}

/** A URI of libvirt's has no password of its own, but its user may have written one. */
const shownUri = (uri: string): string => uri.replace(/(:\/\/[^/@:]*):[^/@]*@/, '$1:…@');

/** The threads that libvirt calls run on; none before the binding is there. */
export function libvirtPool(): PoolState {
  return loaded?.poolStats() ?? { size: 0, active: 0, queued: 0 };
}
