import { ComputeError, type ErrorKind } from '../../../../common/errors.js';
import type { InterfaceSpec } from '../../../../common/messages/guest/interface.js';
import type { InstanceSpec } from '../../../../common/messages/instance-spec.js';
import type { LocalHost } from './local-host.js';
import { isSession, namedInterfaces, refuseNoRight } from './network-rights.js';

/**
 * Refuses what the machine itself does not have. What cannot be told is let through.
 * @throws precondition where somebody can set it up, denied where a right is missing, unsupported where this kind of hypervisor cannot use it; with the
 * field
 */
export async function refuseHostLacks(spec: InstanceSpec, uri: string, local: LocalHost): Promise<void> {
  await refuseShares(spec, uri, local);
  await refuseHugepages(spec, local);
  for (const { nic, at } of namedInterfaces(spec)) await refuseInterface(nic, at, uri, local);
}

async function refuseShares({ cpuTune }: InstanceSpec, uri: string, local: LocalHost): Promise<void> {
  const name = cpuTune?.shares !== undefined ? 'shares' : cpuTune?.quotaMicroseconds !== undefined ? 'quotaMicroseconds' : undefined;
  if (name === undefined) return;
  const field = `instance.cpuTune.${name}`;
  if (isSession(uri)) throw refusal('unsupported', field, 'a libvirt session has no cgroups; use qemu:///system');
  if ((await local.hasCpuController()) === false)
    throw refusal('precondition', field, 'this host has no cgroup controller for processors; mount one, or leave it out');
}

async function refuseHugepages({ hugepages }: InstanceSpec, local: LocalHost): Promise<void> {
  if (!hugepages) return;
  const field = 'instance.hugepages.pageSizeKiB';
  const { pageSizeKiB } = hugepages;
  if ((await local.hugepages(pageSizeKiB)) === 0)
    throw refusal(
      'precondition',
      field,
      `this host has set no pages of ${pageSizeKiB} KiB aside (nr_hugepages in /sys/kernel/mm/hugepages)`,
    );
  if ((await local.mountsHugepages()) === false)
    throw refusal('precondition', field, 'this host has no hugetlbfs mounted; mount it on /dev/hugepages and restart libvirtd');
}

/** The same for one interface. @param at where it stands in the message */
export async function refuseInterface(nic: InterfaceSpec, at: string, uri: string, local: LocalHost): Promise<void> {
  switch (nic.kind) {
    case 'bridge':
      if ((await local.hasNetworkDevice(nic.bridge, 'bridge')) === false)
        throw refusal('precondition', `${at}.bridge`, `this host has no Linux bridge ${nic.bridge}; make it, or name one that is there`);
      return;
    case 'ovs':
      if (!(await local.hasProgram('ovs-vsctl')))
        throw refusal('precondition', `${at}.kind`, 'this host has no Open vSwitch (ovs-vsctl); Debian: openvswitch-switch');
      return refuseNoDevice(nic.bridge, `${at}.bridge`, local);
    case 'tap':
      await refuseNoDevice(nic.device, `${at}.device`, local);
      if ((await local.isTap(nic.device)) === false)
        throw refusal(
          'precondition',
          `${at}.device`,
          `${nic.device} is no tap device; make one (ip tuntap add), or name one that is there`,
        );
      return refuseNoRight(nic, at, uri, local);
    case 'macvtap':
      await refuseNoDevice(nic.device, `${at}.device`, local);
      return refuseNoRight(nic, at, uri, local);
    case 'passt':
      if (!(await local.hasProgram('passt'))) throw refusal('precondition', `${at}.kind`, 'this host has no passt; Debian: passt');
      return;
    case 'network':
    case 'user':
      return; // libvirt is asked for its networks: network-needs.ts
  }
}

async function refuseNoDevice(name: string, field: string, local: LocalHost): Promise<void> {
  if ((await local.hasNetworkDevice(name)) === false)
    throw refusal('precondition', field, `this host has no network device ${name}; make it first`);
}

const refusal = (kind: ErrorKind, field: string, words: string): ComputeError => new ComputeError(kind, `${field}: ${words}`, { field });
