import { z } from 'zod';
import { PowerState } from './power-state.js';

const count = (what?: string) => {
  const counter = z.number().min(0).optional();
  return what === undefined ? counter : counter.describe(what);
};

/** The parts of a report that a hypervisor may have no answer for. */
export const DIAGNOSTIC_PARTS = ['cpu', 'vcpus', 'interfaces', 'memory', 'disks'] as const;
export type DiagnosticPart = (typeof DIAGNOSTIC_PARTS)[number];

const DiskCounters = z.strictObject({
  device: z.string().describe("The guest's name for it: vda, vdb …"),
  readRequests: count('Since the guest started, as all counters here.'),
  readBytes: count(),
  writeRequests: count(),
  writeBytes: count(),
  flushRequests: count(),
  capacityBytes: count('Size that the guest sees.'),
  allocationBytes: count('Space in use on the host.'),
});

const InterfaceCounters = z.strictObject({
  device: z.string().describe("The host's name for it: vnet0 …"),
  receivedBytes: count('As the guest sees it, as all counters here.'),
  receivedPackets: count(),
  receiveErrors: count(),
  receiveDrops: count(),
  sentBytes: count(),
  sentPackets: count(),
  sendErrors: count(),
  sendDrops: count(),
});

/** What the hypervisor knows of a guest's use of its host. A number that it does not know is left out. */
export const Diagnostics = z.strictObject({
  instanceId: z.string(),
  powerState: PowerState,
  missing: z
    .array(z.enum(DIAGNOSTIC_PARTS))
    .describe('Parts without an answer: the hypervisor has none, the guest is off, or its QEMU did not answer in time.'),
  vcpuCount: z.int(),
  maximumMemoryBytes: z.number(),
  cpuSeconds: count('Processor time of the host, all virtual CPUs and the emulator together.'),
  vcpus: z
    .array(z.strictObject({ number: z.int(), seconds: count('Processor time of the host.') }))
    .optional()
    .describe('Virtual CPUs that are there.'),
  interfaces: z.array(InterfaceCounters).optional(),
  memory: z
    .strictObject({
      balloonBytes: count('What the guest has, after ballooning.'),
      residentBytes: count("Memory of the host that the guest's process holds."),
      availableBytes: count('What the guest sees as its memory; from its balloon driver, as the rest.'),
      unusedBytes: count('What the guest does not use at all.'),
      usableBytes: count('What the guest could use without swapping.'),
    })
    .optional(),
  disks: z.array(DiskCounters).optional(),
});
export type Diagnostics = z.infer<typeof Diagnostics>;
