import { bootsByDevice } from './boot-order.js';
import { type DomainPlan, machineOf, onQemu } from './plan.js';

/** What the guest boots, and what with. */
export function os(plan: DomainPlan) {
  const { kernelFile, initrdFile, spec, diskFiles } = plan;
  const machine = machineOf(spec);
  const uefi = spec.firmware === 'uefi';
  return {
    ...(uefi && { '@firmware': 'efi' }),
    type: { ...(onQemu(plan) && machine && { '@machine': machine }), '#text': 'hvm' },
    ...(uefi && firmware(spec.secureBoot ?? false)),
    ...(kernelFile !== undefined && { kernel: kernelFile }),
    ...(initrdFile !== undefined && { initrd: initrdFile }),
    ...(spec.cmdline !== undefined && { cmdline: spec.cmdline }),
    ...(diskFiles.length > 0 && !bootsByDevice(spec) && { boot: { '@dev': 'hd' } }),
    ...(onQemu(plan) && { smbios: { '@mode': 'sysinfo' } }),
  };
}

/** Said either way: libvirt would otherwise take the first firmware that it finds, which may well be a locked one. */
function firmware(secure: boolean) {
  const enabled = secure ? 'yes' : 'no';
  const feature = ['enrolled-keys', 'secure-boot'].map((name) => ({ '@enabled': enabled, '@name': name }));
  return { firmware: { feature }, ...(secure && { loader: { '@secure': 'yes' } }) };
}
