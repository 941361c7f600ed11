import { z } from 'zod';
import { CpuSpec } from './guest/cpu.js';
import { Devices } from './guest/devices.js';
import { DISK_DEVICE_FIELDS, needsDirectIo } from './guest/disk-device.js';
import { InterfaceSpec } from './guest/interface.js';
import { guestProblems } from './guest/rules.js';
import { SeedSpec } from './guest/seed.js';
import { CpuTune, Hugepages } from './guest/tuning.js';
import { ImageFormat, RemoteImage } from './images.js';
import { filePath, text } from './text.js';

/** RFC 9562 text form, lower or upper case in, lower case from here on: it becomes the domain's UUID. */
export const InstanceId = z
  .string()
  .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, {
    error: 'an instance id is a UUID such as 0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f',
  })
  .transform((id) => id.toLowerCase());

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
    ...DISK_DEVICE_FIELDS,
  })
  .refine((disk) => disk.image !== undefined || disk.sizeMiB !== undefined, {
    error: 'a disk needs an image, a sizeMiB, or both',
  })
  .refine((disk) => !needsDirectIo(disk), { error: 'io native needs cache none or directsync', path: ['io'] })
  .describe('A disk made for the instance: a qcow2 overlay over an image, or an empty qcow2 file.');

export type DiskSpec = z.infer<typeof DiskSpec>;

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
    maxVcpus: z
      .int()
      .min(1)
      .max(4096)
      .optional()
      .describe(
        'Number of virtual CPUs that it can have while it runs (instance.resize, live); the host keeps room for all of them. Absent: vcpus, and no more.',
      ),
    memoryMiB: z
      .int()
      .min(1)
      .max(64 * 1024 * 1024)
      .describe('Memory in MiB.'),
    disks: z.array(DiskSpec).max(24).optional().describe('Disks in order: vda, vdb, …'),
    interfaces: z.array(InterfaceSpec).max(16).optional().describe('Network interfaces in order. Absent: none.'),
    machine: z.enum(['q35', 'pc']).optional().describe('Machine of an x86 guest. Default q35; other architectures have one of their own.'),
    firmware: z.enum(['bios', 'uefi']).optional().describe('What boots the guest. Default bios.'),
    secureBoot: z.boolean().optional().describe('Boot only what is signed. With firmware uefi and machine q35. Default false.'),
    osType: z
      .enum(['linux', 'windows'])
      .optional()
      .describe("The guest's operating system: windows gets its clock in local time and Hyper-V's enlightenments. Default linux."),
    cpu: CpuSpec.optional(),
    cpuTune: CpuTune.optional(),
    hugepages: Hugepages.optional(),
    iothreads: z
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe('Threads of their own for virtio disks, which are dealt out to them in turn. Default: none.'),
    pmu: z.enum(['on', 'off']).optional().describe("The processor's performance counters. Absent: the hypervisor's choice."),
    hideKvm: z.boolean().optional().describe('Do not tell the guest that it runs on KVM. Default false.'),
    vmcoreinfo: z.boolean().optional().describe("Let the guest leave its kernel's notes for a dump of its memory. Default false."),
    devices: Devices.optional(),
    seed: SeedSpec.optional(),
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
  })
  .superRefine((spec, context) => {
    for (const { path, message } of guestProblems(spec)) context.addIssue({ code: 'custom', path: [...path], message });
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
