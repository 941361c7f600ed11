import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ApiList } from '../../../generator/api-list.js';
import { readApiLists } from '../../../generator/locate-lists.js';

/** A file of test/generator/golden. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(`../../../../test/generator/golden/${name}`, import.meta.url));
}

export function goldenText(name: string): string {
  return readFileSync(goldenPath(name), 'utf8');
}

/** The small lists made by hand. */
export function goldenLists(): ApiList[] {
  return readApiLists({
    libvirt: goldenPath('libvirt-api.xml'),
    qemu: goldenPath('libvirt-qemu-api.xml'),
    lxc: goldenPath('libvirt-lxc-api.xml'),
  });
}
