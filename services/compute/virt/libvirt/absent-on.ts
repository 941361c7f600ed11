import { libvirtCode } from './libvirt-failure.js';

/** For `catch`: what libvirt says is not there is null, every other failure stays one. */
export function absentOn(...codes: number[]) {
  return (error: unknown): null => {
    if (codes.includes(libvirtCode(error) ?? -1)) return null;
    throw error;
  };
}
