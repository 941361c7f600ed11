import { z } from 'zod';
import { secret } from './secret.js';

/** What images may be; qcow2 and raw are used as they are, the others are turned into qcow2 first. By qemu-img's names (vpc is .vhd). */
export const IMAGE_FORMATS = ['qcow2', 'raw', 'vmdk', 'vdi', 'vpc', 'vhdx'] as const;
export const ImageFormat = z.enum(IMAGE_FORMATS);
export type ImageFormat = z.infer<typeof ImageFormat>;

export const Sha256 = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, { error: 'a sha256 has 64 hexadecimal digits' })
  .transform((digest) => digest.toLowerCase());

const MAX_URL = 2048;

export const RemoteImage = z
  .strictObject({
    // Its query may hold a signature, which is as good as a password.
    url: secret(
      z
        .string()
        .max(MAX_URL, { error: `a URL has at most ${MAX_URL} characters` })
        .regex(/^[Hh][Tt][Tt][Pp][Ss]?:\/\/[\x21-\x7e]+$/, { error: 'the URL of an image is http: or https:, in printable ASCII' })
        .refine((url) => URL.canParse(url), { error: 'this is no URL' })
        .describe('http: or https:, of a host that the worker may fetch from (NOVALET_IMAGE_HOSTS); without user and password.'),
    ),
    sha256: Sha256.optional().describe(
      'Digest of what the URL gives. With it an image that is here is used without asking anybody, and nothing else is ever used.',
    ),
    format: ImageFormat.optional().describe('Format that it must have. Absent: as qemu-img finds it.'),
  })
  .describe('An image that is fetched once and kept.');
export type RemoteImage = z.infer<typeof RemoteImage>;

/** What was really used. */
export const ImageFacts = z.strictObject({
  sha256: z.string().describe('Digest of what was fetched.'),
  format: ImageFormat.describe('As qemu-img found it.'),
});
export type ImageFacts = z.infer<typeof ImageFacts>;

export const DiskImage = ImageFacts.extend({ disk: z.int().describe('Place of the disk in `disks`, from 0.') });
export type DiskImage = z.infer<typeof DiskImage>;

export const PrefetchedImage = ImageFacts.extend({
  sizeBytes: z.int().describe('Bytes that it takes on the host, as it is kept.'),
  virtualSizeBytes: z.int().describe('Size of the disk that it holds.'),
  fetched: z.boolean().describe('false: it was here, and is whole.'),
});
export type PrefetchedImage = z.infer<typeof PrefetchedImage>;
