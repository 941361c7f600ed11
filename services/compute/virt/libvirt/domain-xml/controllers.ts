import { pointerOnUsb, pointerOnVirtio } from './console.js';
import { type DomainPlan, machineOf, onQemu } from './plan.js';

/** Ports for devices that are plugged into a running guest; without any, nothing can be. Each costs the guest's QEMU 90 KiB. */
const FREE_PCIE_PORTS = 8;

/** USB only where something hangs on it: its emulation costs every guest wake-ups. */
export function controllers(plan: DomainPlan) {
  const scsi = usesScsi(plan) ? [{ '@type': 'scsi', '@index': 0, '@model': 'virtio-scsi' }] : [];
  if (!onQemu(plan)) return scsi;
  return [{ '@type': 'usb', '@model': pointerOnUsb(plan) ? 'qemu-xhci' : 'none' }, ...scsi, ...pciePorts(plan)];
}

/** libvirt gives the ports that it finds to the devices of the guest first, so there are as many more. */
function pciePorts(plan: DomainPlan) {
  if (machineOf(plan.spec) !== 'q35' && machineOf(plan.spec) !== 'virt') return [];
  const ports = (plan.spec.devices?.pciePorts ?? FREE_PCIE_PORTS) + onPcie(plan);
  return [
    { '@type': 'pci', '@model': 'pcie-root' },
    ...Array.from({ length: ports }, () => ({ '@type': 'pci', '@model': 'pcie-root-port' })),
  ];
}

/** How many of the guest's own devices libvirt puts behind a port each. For the bridge to conventional PCI devices it adds one itself. */
function onPcie(plan: DomainPlan): number {
  const { disks = [], interfaces = [], devices = {} } = plan.spec;
  const virtioDisks = plan.diskFiles.filter((_, index) => (disks[index]?.bus ?? 'virtio') === 'virtio').length;
  const pcieNics = interfaces.filter(({ model = 'virtio' }) => model === 'virtio' || model === 'e1000e').length;
  const single = [
    devices.agent !== 'off',
    devices.rng !== 'off',
    devices.balloon !== 'off',
    usesScsi(plan),
    pointerOnUsb(plan),
    pointerOnVirtio(plan),
  ];
  return virtioDisks + pcieNics + single.filter(Boolean).length;
}

function usesScsi({ spec, seedFile }: DomainPlan): boolean {
  const seedOnScsi = seedFile !== undefined && process.arch !== 'x64';
  return seedOnScsi || (spec.disks ?? []).some(({ bus }) => bus === 'scsi');
}
