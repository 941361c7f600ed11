/** Compiled, not run: callbacks know their arguments by the event's constant, and constants their enums. */
import type { VIR_DOMAIN_RUNNING } from '@novalet/libvirt';
import {
  VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE,
  VIR_DOMAIN_EVENT_ID_DISK_CHANGE,
  VIR_DOMAIN_EVENT_ID_GRAPHICS,
  VIR_DOMAIN_EVENT_ID_LIFECYCLE,
  VIR_DOMAIN_EVENT_ID_REBOOT,
  VIR_NETWORK_EVENT_ID_LIFECYCLE,
  VIR_STORAGE_POOL_EVENT_ID_REFRESH,
  openAuth,
  virDomain,
  type Int64,
  type virConnect,
  type virDomainState,
  type virStoragePool,
} from '@novalet/libvirt';
import { qemuMonitorEventRegister } from '@novalet/libvirt/qemu';
import type { Equal, Expect } from './expect.js';

export async function registrations(conn: virConnect, dom: virDomain): Promise<void> {
  await conn.domainEventRegisterAny(null, VIR_DOMAIN_EVENT_ID_LIFECYCLE, (c, d, event, detail, opaque) => {
    same<virConnect>(c);
    same<virDomain>(d);
    same<number>(event);
    same<number>(detail);
    same<undefined>(opaque);
  });
  await conn.domainEventRegisterAny(dom, VIR_DOMAIN_EVENT_ID_REBOOT, (_c, _d, opaque) => same<string>(opaque), 'opaque');
  await conn.domainEventRegisterAny(null, VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, (_c, _d, actual) => same<Int64>(actual));
  await conn.domainEventRegisterAny(null, VIR_DOMAIN_EVENT_ID_DISK_CHANGE, (_c, _d, before) => same<string | null>(before));
  await conn.domainEventRegisterAny(null, VIR_DOMAIN_EVENT_ID_GRAPHICS, (_c, _d, _phase, local) => same<string | null>(local.service));
  await conn.networkEventRegisterAny(null, VIR_NETWORK_EVENT_ID_LIFECYCLE, (_c, net) => same<string>(net.name()));
  await conn.storagePoolEventRegisterAny(null, VIR_STORAGE_POOL_EVENT_ID_REFRESH, (_c, pool, opaque) => {
    same<virStoragePool>(pool);
    same<undefined>(opaque);
  });
  await qemuMonitorEventRegister(conn, dom, 'SHUTDOWN', (_c, _d, event, _seconds, _micros, details) => {
    same<string>(event);
    same<string | null>(details);
  });
  // @ts-expect-error -- an event's callback has no more arguments than the event
  await conn.domainEventRegisterAny(null, VIR_DOMAIN_EVENT_ID_REBOOT, (_c: virConnect, _d: virDomain, _o: undefined, _x: number) => {});
  // @ts-expect-error -- a callback is a function
  await conn.domainEventRegisterAny(null, VIR_DOMAIN_EVENT_ID_LIFECYCLE, 'callback');
  // @ts-expect-error -- a network is no domain
  await conn.domainEventRegisterAny(await conn.networkLookupByName('default'), VIR_DOMAIN_EVENT_ID_LIFECYCLE, () => {});
  await openAuth('test:///default', [[], (credentials, opaque) => (credentials.length === opaque ? 0 : -1), 5]);
}

/** Compiles where the argument's type is exactly T. */
function same<T>(value: T): void {
  void value;
}

export async function calls(conn: virConnect, dom: virDomain): Promise<void> {
  // @ts-expect-error -- objects come from libvirt
  void new virDomain();
  // @ts-expect-error -- a number is no name
  await conn.lookupByName(7);
  // @ts-expect-error -- a connection is no domain
  await conn.domainListGetStats([conn]);
  // @ts-expect-error -- a snapshot is wanted
  await dom.revertToSnapshot(dom);
  // @ts-expect-error -- an answer is a promise, not a value
  const wrong: string = dom.XMLDesc();
  void wrong;
  await dom.setMemory(1n << 40n);
}

/** An enum's values are its type's. */
export type Constants = [
  Expect<Equal<typeof VIR_DOMAIN_RUNNING, 1>>,
  Expect<typeof VIR_DOMAIN_RUNNING extends virDomainState ? true : false>,
];
