import type { DiskSpec } from '../../common/messages/instance-spec.js';

/** libvirt's names of targets: vda …, sda …, each once, whichever bus it is on. */
export class DeviceNames {
  private readonly taken = new Map<string, number>();

  next(bus: DiskSpec['bus'] = 'virtio'): string {
    const prefix = bus === 'virtio' ? 'vd' : 'sd';
    const index = this.taken.get(prefix) ?? 0;
    this.taken.set(prefix, index + 1);
    return `${prefix}${String.fromCharCode('a'.charCodeAt(0) + index)}`;
  }
}
