import type { InstanceSpec } from '../../../../common/messages/instance-spec.js';

/** cloud-init and people in the guest read the instance id from here. */
export function sysinfo(spec: InstanceSpec) {
  const entry = (name: string, value: string) => ({ '@name': name, '#text': value });
  const system = [entry('manufacturer', 'novalet'), entry('product', 'novalet instance'), entry('serial', spec.id), entry('uuid', spec.id)];
  return { '@type': 'smbios', system: { entry: [...system, entry('family', 'Virtual Machine')] } };
}
