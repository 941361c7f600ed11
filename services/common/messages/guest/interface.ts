import { z } from 'zod';
import { BootOrder } from './disk-device.js';

/** Linux's names of network devices: 15 bytes, no slash, no space. */
const deviceName = (what: string) =>
  z.string().regex(/^(?!\.\.?$)[A-Za-z0-9_.-]{1,15}$/, {
    error: `${what} is the name of a network device: 1 to 15 characters of A-Z a-z 0-9 _ . -`,
  });

const uuid = (what: string) => z.guid({ error: `${what} is a UUID` }).transform((id) => id.toLowerCase());

const Rate = z
  .strictObject({
    averageKiBPerSecond: z.int().min(1).max(100_000_000).describe('Rate over time, in KiB a second.'),
    peakKiBPerSecond: z.int().min(1).max(100_000_000).optional().describe('Rate of a burst, in KiB a second.'),
    burstKiB: z.int().min(1).max(100_000_000).optional().describe('What may go out at the peak, in KiB.'),
  })
  .refine(({ averageKiBPerSecond, peakKiBPerSecond }) => (peakKiBPerSecond ?? Infinity) >= averageKiBPerSecond, {
    error: 'the peak is below the average',
    path: ['peakKiBPerSecond'],
  });

const Bandwidth = z
  .strictObject({
    inbound: Rate.optional().describe('What comes to the guest.'),
    outbound: Rate.optional().describe('What the guest sends.'),
  })
  .describe("Limits that the host's traffic control keeps.");

export const MacAddress = z
  .string()
  .regex(/^[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}$/, {
    error: 'a MAC address is six pairs of hexadecimal digits with colons between them, and its second digit is even (unicast)',
  })
  .transform((mac) => mac.toLowerCase());

const COMMON = {
  mac: MacAddress.optional().describe("The guest's address. Absent: one that follows from the instance's id and the place in this list."),
  model: z.enum(['virtio', 'e1000e', 'e1000', 'rtl8139']).optional().describe('What the guest sees. Default virtio.'),
  linkState: z.enum(['up', 'down']).optional().describe('Whether its cable is plugged in. Default up.'),
  bootOrder: BootOrder,
};
const MTU = { mtu: z.int().min(68).max(65_535).optional().describe('Largest packet in bytes, told to the guest.') };
const QUEUES = {
  queues: z.int().min(1).max(256).optional().describe('Queues, for as many vcpus to use it at once. Only with model virtio. Default 1.'),
};
const BANDWIDTH = { bandwidth: Bandwidth.optional() };
const Vlan = z.int().min(1).max(4095).optional().describe('VLAN tag (802.1Q) of what it sends and gets.');

const kind = <T extends string, F extends z.ZodRawShape>(name: T, fields: F) =>
  z.strictObject({ kind: z.literal(name), ...fields, ...COMMON });

/** How a guest's interface is connected to the host. */
export const InterfaceSpec = z
  .discriminatedUnion('kind', [
    kind('bridge', { bridge: deviceName('bridge').describe('A Linux bridge of the host.'), ...MTU, ...QUEUES, ...BANDWIDTH }),
    kind('network', {
      network: z
        .string()
        .regex(/^[A-Za-z0-9_.+-]{1,64}$/, { error: 'a network has 1 to 64 characters of A-Z a-z 0-9 _ . + -' })
        .describe('A virtual network of libvirt, by name.'),
      portgroup: z
        .string()
        .regex(/^[A-Za-z0-9_.+-]{1,64}$/, { error: 'a port group has 1 to 64 characters of A-Z a-z 0-9 _ . + -' })
        .optional()
        .describe('A port group of it.'),
      vlan: Vlan,
      ...MTU,
      ...QUEUES,
      ...BANDWIDTH,
    }),
    kind('ovs', {
      bridge: deviceName('bridge').describe('A bridge of Open vSwitch.'),
      interfaceId: uuid('interfaceId').describe('UUID of the port, by which a network controller knows it (external-ids:iface-id).'),
      vlan: Vlan,
      ...MTU,
      ...QUEUES,
    }),
    kind('tap', {
      device: deviceName('device').describe('A tap device that somebody else made and connects; libvirt opens it and leaves it.'),
      ...MTU,
      ...QUEUES,
      ...BANDWIDTH,
    }),
    kind('macvtap', {
      device: deviceName('device').describe("The host's network device that it sits on."),
      mode: z
        .enum(['bridge', 'vepa', 'private', 'passthrough'])
        .optional()
        .describe('How guests on one device reach each other. Default bridge.'),
      ...QUEUES,
      ...BANDWIDTH,
    }),
    kind('user', {}).describe('Outgoing connections through the emulator itself (slirp); for tests and unprivileged hosts.'),
    kind('passt', {}).describe('Outgoing connections through passt; for unprivileged hosts.'),
  ])
  .refine((nic) => !('queues' in nic) || nic.queues === undefined || nic.model === undefined || nic.model === 'virtio', {
    error: 'queues need the model virtio',
    path: ['queues'],
  });
export type InterfaceSpec = z.infer<typeof InterfaceSpec>;
