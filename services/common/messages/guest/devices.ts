import { z } from 'zod';

// Every empty value (false, 0, "") means the same as absent, as the hash of a spec cannot tell them apart: what is on by default is
// therefore switched off with a word.
const switchable = (what: string) => z.enum(['on', 'off']).optional().describe(`${what} Default on.`);

export const Devices = z
  .strictObject({
    agent: switchable('A channel for the QEMU guest agent.'),
    rng: switchable("A virtio source of random numbers, fed from the host's /dev/urandom."),
    rngBytesPerSecond: z
      .int()
      .min(1)
      .max(1_000_000_000)
      .optional()
      .describe('How many random bytes the guest may take a second. Absent: no limit.'),
    balloon: switchable('A virtio balloon, which also tells what the guest does with its memory, every 10 s.'),
    vnc: z
      .enum(['on', 'off'])
      .optional()
      .describe(
        'A screen, keyboard and pointer for VNC clients, at a free port of the address that the host is set to (NOVALET_VNC_LISTEN). Default off.',
      ),
    video: z.enum(['virtio', 'vga', 'bochs', 'none']).optional().describe('The graphics adapter. Default: virtio with VNC, else none.'),
    watchdog: z
      .enum(['reset', 'poweroff', 'pause', 'none'])
      .optional()
      .describe('A watchdog (i6300esb), and what happens to a guest that stops feeding it. Absent: there is no watchdog.'),
    pciePorts: z
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe('PCIe root ports that are free for devices plugged in later. Only with machines that have PCIe. Default 8.'),
  })
  .refine((devices) => devices.rngBytesPerSecond === undefined || devices.rng !== 'off', {
    error: 'a rate of random bytes needs the rng',
    path: ['rngBytesPerSecond'],
  })
  .describe('Devices beside disks and interfaces.');
export type Devices = z.infer<typeof Devices>;
