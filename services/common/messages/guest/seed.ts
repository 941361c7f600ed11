import { z } from 'zod';
import { NOT_SHOWN, secret } from '../secret.js';
import { fileText, text } from '../text.js';

const MAX_USER_DATA = 256 * 1024;
const MAX_NETWORK_CONFIG = 64 * 1024;

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

export const SeedSpec = z
  .strictObject({
    format: z
      .enum(['nocloud', 'config-2'])
      .optional()
      .describe(
        "How the guest finds it: cloud-init's NoCloud (label cidata), or OpenStack's config drive (label config-2). Default nocloud.",
      ),
    hostname: z
      .string()
      .regex(HOST_NAME, { error: 'a host name has labels of letters, digits and hyphens with dots between them' })
      .optional()
      .describe("The guest's host name. Absent: none is set."),
    sshKeys: z
      .array(text('an SSH key', 8192).refine((key) => key.trim() !== '', { error: 'an SSH key is empty' }))
      .max(32)
      .optional()
      .describe("Public keys, as in authorized_keys, for the image's default user."),
    userData: secret(fileText('userData', MAX_USER_DATA))
      .optional()
      .describe('cloud-init user data, at most 256 KiB of UTF-8. Never logged, never shown.'),
    vendorData: secret(fileText('vendorData', MAX_USER_DATA))
      .optional()
      .describe('cloud-init vendor data, at most 256 KiB of UTF-8. Never logged, never shown.'),
    networkConfig: secret(fileText('networkConfig', MAX_NETWORK_CONFIG))
      .optional()
      .describe(
        "nocloud: the guest's network-config, version 2, as YAML or JSON; config-2: its network_data.json. At most 64 KiB, passed on as it is. Never logged, never shown.",
      ),
  })
  .refine((seed) => Object.values(seed).some((value) => value !== undefined && value.length > 0), {
    error: 'a seed says at least one thing; format alone will do',
  })
  .refine(({ format, networkConfig, vendorData }) => format !== 'config-2' || [networkConfig, vendorData].every(isJsonOrAbsent), {
    error: 'config-2 needs networkConfig and vendorData to be JSON',
    path: ['format'],
  })
  .describe('What the guest configures itself from at its first boot, on a small read-only CD. Absent: there is none.');
export type SeedSpec = z.infer<typeof SeedSpec>;

/** A spec that is read back where its secrets were left out is still one. */
function isJsonOrAbsent(value: string | undefined): boolean {
  try {
    return value === undefined || value === NOT_SHOWN || typeof JSON.parse(value) === 'object';
  } catch {
    return false;
  }
}
