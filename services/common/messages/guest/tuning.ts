import { z } from 'zod';

/** Highest number of a host CPU that libvirt's masks take. */
const MAX_HOST_CPU = 16_383;

const HostCpus = z
  .array(z.int().min(0).max(MAX_HOST_CPU))
  .min(1)
  .max(MAX_HOST_CPU + 1)
  .refine((cpus) => new Set(cpus).size === cpus.length, { error: 'a host CPU is named twice' });

export const CpuTune = z
  .strictObject({
    shares: z.int().min(2).max(262_144).optional().describe("Weight against other guests, the cgroup's cpu.shares; 1024 is usual."),
    quotaMicroseconds: z
      .int()
      .min(1000)
      .max(17_592_186_044_415)
      .optional()
      .describe('Processor time that each vcpu may use in a period, in microseconds.'),
    periodMicroseconds: z
      .int()
      .min(1000)
      .max(1_000_000)
      .optional()
      .describe('The period, in microseconds. Default 100000. Only with a quota.'),
    pins: z
      .array(HostCpus)
      .min(1)
      .max(4096)
      .optional()
      .describe('For each vcpu, in order, the numbers of the host CPUs that it may run on. One entry a vcpu, up to maxVcpus.'),
    emulatorPins: HostCpus.optional().describe("The host CPUs that the emulator's own threads may run on."),
    iothreadPins: HostCpus.optional().describe('The host CPUs that the iothreads may run on. Only with iothreads.'),
  })
  .refine(({ quotaMicroseconds, periodMicroseconds }) => quotaMicroseconds !== undefined || periodMicroseconds === undefined, {
    error: 'a period needs a quota',
    path: ['quotaMicroseconds'],
  })
  .describe('How the host shares its processors out.');
export type CpuTune = z.infer<typeof CpuTune>;

export const Hugepages = z
  .strictObject({
    pageSizeKiB: z
      .int()
      .min(4)
      .max(16 * 1024 * 1024)
      .refine((size) => Number.isInteger(Math.log2(size)), { error: 'a page size is a power of two' })
      .describe('Size of a page in KiB, such as 2048 or 1048576; one that the host has set pages aside of.'),
  })
  .describe("The guest's memory in huge pages of the host; its size is a whole number of them.");
export type Hugepages = z.infer<typeof Hugepages>;
