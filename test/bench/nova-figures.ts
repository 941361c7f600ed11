/**
 * nova-compute 26.2.2 (Zed) with its whole control plane on a two-core machine of the same kind, libvirt 9.0.0, QEMU 7.2 under TCG.
 * Measured elsewhere, once; here for scale only, and the one place with figures that this run did not measure.
 */
export const NOVA = {
  spawn: '1149 ms, 610 ms above',
  destroy: '713 ms, 218 of them in libvirt',
  burst: '0.78/s where libvirt could 3.8–4.2',
  burstFake: '0.97/s, no hypervisor at all',
  start: '4.4 s',
  memory: '190 MiB',
  cpuPerSpawn: '0.22–0.31 s',
} as const;
