import { ComputeError } from '../../../common/errors.js';
import type { SnapshotRequest } from '../../ports.js';
import type { Changing } from './changing.js';
import { delay, timeLeft } from './deadline.js';
import { virtualSize } from './disk-growth.js';
import { elementXml } from './domain-xml.js';
import { amount } from './job-progress.js';
import { atRest } from './guest-agent.js';
import {
  type Domain,
  type Stats,
  VIR_DOMAIN_BACKUP_BEGIN_REUSE_EXTERNAL,
  VIR_DOMAIN_JOB_COMPLETED,
  VIR_DOMAIN_JOB_NONE,
  VIR_DOMAIN_JOB_OPERATION_BACKUP,
  VIR_DOMAIN_JOB_STATS_COMPLETED,
} from './libvirt-calls.js';
import { qemuImg } from './qemu-img.js';

const FIRST_POLL_MS = 50;
const LAST_POLL_MS = 1000;

export interface LiveCopy {
  readonly device: string;
  /** The disk's file. */
  readonly source: string;
  /** A qcow2 file that is made; whole when the call is over, and needs no other. */
  readonly target: string;
}

/**
 * Copies a disk of a guest that runs or is paused, as it is at the moment of the beginning: QEMU's own backup, which keeps what the guest overwrites
 * meanwhile until it is copied. Called off, nothing of it goes on.
 * @throws unsupported where the hypervisor has no backup
 */
export async function copyLive(changing: Changing, domain: Domain, copy: LiveCopy, request: SnapshotRequest): Promise<void> {
  const { id, deadline, tools } = changing;
  const what = `snapshot ${id}`;
  // Ours before it is QEMU's, so that whoever the worker runs as may read it afterwards.
  const size = await virtualSize(copy.source);
  await qemuImg(['create', '-q', '-f', 'qcow2', copy.target, String(size)], timeLeft(deadline, what), request.signal);
  const begin = () => domain.backupBegin(backupXml(copy), null, VIR_DOMAIN_BACKUP_BEGIN_REUSE_EXTERNAL);
  const begun = () =>
    tools.link.call('virDomainBackupBegin', what, begin, deadline).catch((error: unknown) => {
      if (!(error instanceof ComputeError) || error.kind !== 'unsupported') throw error;
      throw new ComputeError('unsupported', `${error.message}; stop it first`, error.details, { cause: error });
    });
  await (request.quiesce ? atRest(changing, domain, what, begun) : begun());
  let ended = false;
  try {
    await watch(changing, domain, request, what);
    ended = true;
  } finally {
    if (!ended) await abort(changing, domain);
  }
}

/** Ends the copying of an attempt that was cut off: its file is written anew. */
export async function endEarlierCopy(changing: Changing, domain: Domain): Promise<void> {
  const { id, deadline, tools } = changing;
  const ask = () => tools.link.call('virDomainGetJobStats', `job of ${id}`, () => domain.jobStats(0), deadline);
  const found = await ask().catch(() => null); // off, or a hypervisor without jobs
  if (found === null || typeOf(found) === VIR_DOMAIN_JOB_NONE || found['operation'] !== VIR_DOMAIN_JOB_OPERATION_BACKUP) return;
  await abort(changing, domain);
  while (typeOf((await ask().catch(() => null)) ?? {}) !== VIR_DOMAIN_JOB_NONE) {
    await delay(Math.min(FIRST_POLL_MS, timeLeft(deadline, `snapshot ${id}`)));
  }
}

/** Until libvirt has no job any more; what became of it is asked afterwards. */
async function watch(changing: Changing, domain: Domain, { signal }: SnapshotRequest, what: string): Promise<void> {
  const { deadline, tools, progress } = changing;
  const ask = (flags: number) => tools.link.call('virDomainGetJobStats', what, () => domain.jobStats(flags), deadline);
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(LAST_POLL_MS, pause * 2)) {
    signal?.throwIfAborted();
    const now = await ask(0);
    if (typeOf(now) === VIR_DOMAIN_JOB_NONE) break;
    const [bytes, totalBytes] = [amount(now, 'disk_processed'), amount(now, 'disk_total')];
    if (bytes !== undefined) progress({ phase: 'copy', bytes, ...(totalBytes !== undefined && totalBytes > 0 && { totalBytes }) });
    await delay(Math.min(pause, timeLeft(deadline, what)));
  }
  const end = await ask(VIR_DOMAIN_JOB_STATS_COMPLETED);
  if (typeOf(end) === VIR_DOMAIN_JOB_COMPLETED) return;
  const words = typeof end['errmsg'] === 'string' ? end['errmsg'] : 'it ended before it was whole';
  const kind = /No space left|Disk quota/i.test(words) ? 'exhausted' : 'internal';
  throw new ComputeError(kind, `${what}: the copying failed: ${words}`);
}

/** Bounded by itself: it comes when the deadline may have passed. */
async function abort({ id, tools }: Changing, domain: Domain): Promise<void> {
  await tools.link.call('virDomainAbortJob', `end the copying of ${id}`, () => domain.abortJob(), Infinity, ABORT_MS).catch(() => {});
}

const ABORT_MS = 5000;

const typeOf = (stats: Stats): number => Number(stats['type'] ?? VIR_DOMAIN_JOB_NONE);

function backupXml({ device, target }: LiveCopy): string {
  const disk = { '@name': device, '@backup': 'yes', '@type': 'file', driver: { '@type': 'qcow2' }, target: { '@file': target } };
  return elementXml({ domainbackup: { '@mode': 'push', disks: { disk } } });
}
