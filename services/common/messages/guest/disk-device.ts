import { z } from 'zod';

/** Most that QEMU's throttling takes. */
const MAX_RATE = 1_000_000_000_000_000;

const rate = (what: string) => z.int().min(1).max(MAX_RATE).optional().describe(what);

const KINDS = ['Bytes', 'Operations'] as const;

/** A burst is no lower than the rate that it interrupts; a total stands alone. */
function problemsOf(limits: Readonly<Record<string, number | undefined>>): [string, string][] {
  const problems: [string, string][] = [];
  for (const kind of KINDS) {
    for (const way of ['total', 'read', 'write']) {
      const [name, burst] = [`${way}${kind}PerSecond`, `${way}${kind}PerSecondBurst`];
      if ((limits[burst] ?? Infinity) < (limits[name] ?? Infinity)) problems.push([burst, `${burst} needs a ${name} that is not above it`]);
    }
    const single = ['read', 'write'].find((way) => limits[`${way}${kind}PerSecond`] !== undefined);
    if (limits[`total${kind}PerSecond`] !== undefined && single)
      problems.push([`total${kind}PerSecond`, `total${kind}PerSecond and ${single}${kind}PerSecond exclude each other`]);
  }
  return problems;
}

export const DiskLimits = z
  .strictObject({
    totalBytesPerSecond: rate('Bytes read and written a second. Not with the ones for reading or writing alone.'),
    readBytesPerSecond: rate('Bytes read a second.'),
    writeBytesPerSecond: rate('Bytes written a second.'),
    totalOperationsPerSecond: rate('Reads and writes a second. Not with the ones for reading or writing alone.'),
    readOperationsPerSecond: rate('Reads a second.'),
    writeOperationsPerSecond: rate('Writes a second.'),
    totalBytesPerSecondBurst: rate('What may be reached for a second.'),
    readBytesPerSecondBurst: rate('What may be reached for a second.'),
    writeBytesPerSecondBurst: rate('What may be reached for a second.'),
    totalOperationsPerSecondBurst: rate('What may be reached for a second.'),
    readOperationsPerSecondBurst: rate('What may be reached for a second.'),
    writeOperationsPerSecondBurst: rate('What may be reached for a second.'),
    operationBytes: rate('An operation larger than this, in bytes, counts as several.'),
  })
  .superRefine((limits, context) => {
    for (const [name, message] of problemsOf(limits)) context.addIssue({ code: 'custom', message, path: [name] });
  })
  .describe('How much a disk may be used; QEMU keeps to it.');
export type DiskLimits = z.infer<typeof DiskLimits>;

/** Place in the order of boot devices. */
export const BootOrder = z
  .int()
  .min(1)
  .max(64)
  .optional()
  .describe('Place in the order of boot devices, from 1, each once. When none has one, the disks are tried in their order.');

/** How a disk is shown to the guest and kept on the host; the part of a disk's spec that is not about its contents. */
export const DISK_DEVICE_FIELDS = {
  bus: z.enum(['virtio', 'scsi', 'sata']).optional().describe('What the guest finds it on; scsi is virtio-scsi. Default virtio.'),
  cache: z
    .enum(['none', 'writeback', 'writethrough', 'directsync', 'unsafe'])
    .optional()
    .describe("Use of the host's page cache. unsafe loses data with the host. Absent: the hypervisor's choice, writeback with QEMU."),
  io: z
    .enum(['threads', 'native', 'io_uring'])
    .optional()
    .describe('How the host reads and writes. native needs cache none or directsync. Absent: threads.'),
  discard: z.enum(['unmap', 'ignore']).optional().describe('Whether what the guest trims is given back to the host. Default unmap.'),
  serial: z
    .string()
    .regex(/^[A-Za-z0-9_.+-]{1,20}$/, { error: 'a disk serial has 1 to 20 characters of A-Z a-z 0-9 _ . + -' })
    .optional()
    .describe("The serial number that the guest reads; with Linux the disk's name in /dev/disk/by-id."),
  bootOrder: BootOrder,
  limits: DiskLimits.optional(),
} as const;

export const needsDirectIo = ({ io, cache }: { readonly io?: string | undefined; readonly cache?: string | undefined }): boolean =>
  io === 'native' && cache !== 'none' && cache !== 'directsync';
