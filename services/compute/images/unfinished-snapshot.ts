import { unfinishedName } from '../virt/libvirt/disks.js';
import { UUID } from '../virt/libvirt/instance-directory.js';

const UNFINISHED = new RegExp(`\\.(${UUID})\\.part$`);

/** What a snapshot of an instance is written under before it has its name. */
export const unfinishedSnapshot = (file: string, id: string): string => unfinishedName(`${file}.${id}`);

/** The instance that an unfinished snapshot is of; undefined for every other file. */
export const ofUnfinishedSnapshot = (name: string): string | undefined => UNFINISHED.exec(name)?.[1];
