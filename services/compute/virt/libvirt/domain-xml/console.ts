import { type DomainPlan, onQemu } from './plan.js';

/** How people reach the guest: the first serial port with its log, and a screen when one is asked for. */
export function console(plan: DomainPlan) {
  const { spec, consoleLog, vncListen = '127.0.0.1' } = plan;
  const { vnc = 'off', video } = spec.devices ?? {};
  const screen = vnc === 'on';
  const model = video ?? (screen ? 'virtio' : onQemu(plan) ? 'none' : undefined);
  return {
    ...(onQemu(plan) && { serial: { '@type': 'pty', log: { '@file': consoleLog, '@append': 'off' } } }),
    ...(screen && { input: { '@type': 'tablet', '@bus': pointerOnUsb(plan) ? 'usb' : 'virtio' }, graphics: graphics(vncListen) }),
    ...(model && { video: { model: { '@type': model } } }),
  };
}

/** Windows has no driver for a virtio pointer out of the box. */
export const pointerOnUsb = ({ spec }: DomainPlan): boolean => spec.devices?.vnc === 'on' && spec.osType === 'windows';
export const pointerOnVirtio = ({ spec }: DomainPlan): boolean => spec.devices?.vnc === 'on' && spec.osType !== 'windows';

const graphics = (address: string) => ({
  '@type': 'vnc',
  '@port': -1,
  '@autoport': 'yes',
  listen: { '@type': 'address', '@address': address },
});
