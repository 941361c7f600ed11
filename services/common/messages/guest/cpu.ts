import { z } from 'zod';

/** Names of libvirt's CPU models and features: Skylake-Server-IBRS, sse4.2, kvm_pv_unhalt … */
const CPU_WORD = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const count = (what: string) => z.int().min(1).max(4096).optional().describe(what);

export const CpuTopology = z
  .strictObject({
    sockets: count('Sockets. Default 1.'),
    dies: count('Dies in a socket. Default 1.'),
    cores: count('Cores in a die. Default 1.'),
    threads: count('Threads in a core. Default 1.'),
  })
  .describe('Its product is the number of vcpus, or of maxVcpus. Absent: one socket with as many cores.');

export const CpuSpec = z
  .strictObject({
    mode: z
      .enum(['host-model', 'host-passthrough', 'maximum', 'custom'])
      .optional()
      .describe(
        "host-model: the host's CPU as far as it can be named; host-passthrough: the host's own; maximum: all that the hypervisor has; custom: a model by name. Absent: host-model with KVM, else maximum.",
      ),
    model: z
      .string()
      .regex(CPU_WORD, { error: 'a CPU model has 1 to 64 characters of A-Z a-z 0-9 . _ -' })
      .optional()
      .describe("A CPU model of libvirt's, such as Skylake-Server. With mode custom, and only there."),
    features: z
      .array(
        z.string().regex(/^[+-][A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, { error: 'a CPU feature is + or - and its name, such as +aes or -hle' }),
      )
      .max(64)
      .optional()
      .describe(
        "CPU features by libvirt's names: +name must be there, -name must not. One that libvirt does not know, or that the host's CPU lacks with mode host-model, is refused.",
      ),
    topology: CpuTopology.optional(),
  })
  .refine(({ mode, model }) => (mode === 'custom') === (model !== undefined), {
    error: 'mode custom needs a model, and a model needs mode custom',
    path: ['model'],
  })
  .describe('What the guest sees as its processor.');
export type CpuSpec = z.infer<typeof CpuSpec>;
