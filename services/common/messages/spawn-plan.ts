import { z } from 'zod';

export const CLAIM_RESOURCES = ['vcpus', 'memory', 'disk', 'pinned-cpus', 'hugepages'] as const;

/** One resource of the host, and what a guest would take of it. */
export const ClaimLine = z.strictObject({
  resource: z.enum(CLAIM_RESOURCES),
  unit: z.string().describe('What the numbers count.'),
  wanted: z.int(),
  free: z.int().optional().describe('What no other guest has and nothing keeps back. Absent: the host does not say.'),
  total: z
    .int()
    .optional()
    .describe('What the host may promise to its guests in all, the reserve included. Absent: the host does not say.'),
  fits: z.boolean(),
});
export type ClaimLine = z.infer<typeof ClaimLine>;

const PlannedDisk = z.strictObject({
  name: z.string().describe("File in the instance's directory."),
  format: z.literal('qcow2'),
  virtualSizeBytes: z.int().optional().describe('Absent: that of an image that is not on the host yet.'),
  image: z
    .strictObject({ file: z.string(), format: z.string(), virtualSizeBytes: z.int() })
    .optional()
    .describe('What it is an overlay of, as it was found. Absent: an empty disk.'),
});

/** What a spawn would do. */
export const SpawnPlan = z.strictObject({
  fits: z.boolean().describe('false: the spawn would be refused as exhausted; the claim says for want of what.'),
  exists: z.boolean().describe('true: this very spawn has come, or was on its way, before; it would be reported or gone on with.'),
  claim: z.array(ClaimLine).describe('What it takes of the host, a line a resource.'),
  disks: z.array(PlannedDisk),
  domainXml: z.string().optional().describe('The libvirt domain as it would be defined. Only in the reply, never in the event.'),
});
export type SpawnPlan = z.infer<typeof SpawnPlan>;
