import { z } from 'zod';
import { ImageFormat, RemoteImage } from './images.js';

/** Longest name or value, in bytes of UTF-8: what libvirt, a file system and an index all take. */
const MAX_TEXT_BYTES = 255;

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

/** What XML 1.0 cannot carry at all, escaped or not; tabs and line breaks, which survive it only as references; and what UTF-8 cannot carry. */
const REFUSED: readonly [RegExp, string][] = [
  [/[\u0000-\u001f]/u, 'a control character, such as a tab or a line break'],
  [/[\ufffe\uffff]/u, 'U+FFFE or U+FFFF, which are no characters'],
  [/\p{Surrogate}/u, 'half a surrogate pair'],
];

const text = (what: string, maxBytes = MAX_TEXT_BYTES) =>
  z
    .string()
    .refine((value) => bytesOf(value) <= maxBytes, { error: `${what} is longer than ${maxBytes} bytes of UTF-8` })
    .superRefine((value, context) => {
      for (const [characters, words] of REFUSED)
        if (characters.test(value)) context.addIssue({ code: 'custom', message: `${what} holds ${words}` });
    });

/** RFC 9562 text form, lower or upper case in, lower case from here on: it becomes the domain's UUID. */
export const InstanceId = z
  .string()
  .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, {
    error: 'an instance id is a UUID such as 0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f',
  })
  .transform((id) => id.toLowerCase());

const filePath = (what: string) => text(what, 4095).refine((value) => value.length > 0, { error: `${what} is empty` });

export const DiskSpec = z
  .strictObject({
    image: z
      .union([filePath('a disk image'), RemoteImage])
      .optional()
      .describe(
        "File under one of the host's image directories (an absolute path, or one relative to them), or an image to fetch. Absent: an empty disk.",
      ),
    imageFormat: ImageFormat.optional().describe('Format that the image must have. Absent: as qemu-img finds it.'),
    sizeMiB: z
      .int()
      .min(1)
      .max(64 * 1024 * 1024)
      .optional()
      .describe('Virtual size in MiB; at least the size of the image. Needed for an empty disk.'),
  })
  .refine((disk) => disk.image !== undefined || disk.sizeMiB !== undefined, {
    error: 'a disk needs an image, a sizeMiB, or both',
  })
  .describe('A disk made for the instance: a qcow2 overlay over an image, or an empty qcow2 file.');

/** Metadata keys become XML attribute values and, one day, label names: kept to what both can hold. */
const MetadataKey = z
  .string()
  .regex(/^[A-Za-z0-9_.:/-]{1,255}$/, { error: 'a metadata key has 1 to 255 characters of A-Z a-z 0-9 _ . : / -' });

export const UserMetadata = z
  .record(MetadataKey, text('a metadata value'))
  .refine((all) => Object.keys(all).length <= 128, { error: 'at most 128 metadata entries' });
export type UserMetadata = z.infer<typeof UserMetadata>;

/** What a user asks for. Every field that shapes the guest is here, and nothing else: its hash tells a copy from another wish. */
export const InstanceSpec = z
  .strictObject({
    id: InstanceId.describe('UUID of the instance; becomes the UUID of the libvirt domain.'),
    name: text('a name')
      .refine((value) => value.trim().length > 0, { error: 'a name is empty' })
      .describe("What people call it; kept as the domain's title. 1 to 255 bytes of UTF-8, no control characters."),
    vcpus: z.int().min(1).max(4096).describe('Number of virtual CPUs.'),
    memoryMiB: z
      .int()
      .min(1)
      .max(64 * 1024 * 1024)
      .describe('Memory in MiB.'),
    disks: z.array(DiskSpec).max(24).optional().describe('Disks in order: vda, vdb, …'),
    kernel: filePath('a kernel').optional().describe('Kernel to boot directly, under the image directories.'),
    initrd: filePath('an initrd').optional().describe('Initial RAM disk for the kernel, under the image directories.'),
    cmdline: text('a kernel command line', 2048).optional().describe('Kernel command line. Only with a kernel.'),
    metadata: UserMetadata.optional().describe(
      "Free key/value pairs, kept in the domain's metadata. instance.setMetadata changes them later.",
    ),
  })
  .refine((spec) => spec.kernel !== undefined || (spec.initrd === undefined && spec.cmdline === undefined), {
    error: 'initrd and cmdline need a kernel',
    path: ['kernel'],
  });
export type InstanceSpec = z.infer<typeof InstanceSpec>;

/** How the guest is started, libvirt's virDomainCreateFlags by their plain names. */
export const StartOptions = z.strictObject({
  paused: z.boolean().optional().describe('Leave the CPUs stopped (VIR_DOMAIN_START_PAUSED).'),
  autodestroy: z.boolean().optional().describe("End the guest when the worker's connection ends (VIR_DOMAIN_START_AUTODESTROY)."),
  bypassCache: z
    .boolean()
    .optional()
    .describe('Avoid the file system cache when restoring a managed save (VIR_DOMAIN_START_BYPASS_CACHE).'),
  forceBoot: z.boolean().optional().describe('Drop a managed save and boot afresh (VIR_DOMAIN_START_FORCE_BOOT).'),
});
export type StartOptions = z.infer<typeof StartOptions>;
