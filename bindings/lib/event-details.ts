import type { Int64 } from './int64.js';

/** One end of a viewer's connection. `family` is one of VIR_DOMAIN_EVENT_GRAPHICS_ADDRESS_..., `node` an address or a path, `service` a port. */
export interface GraphicsAddress {
  readonly family: number;
  readonly node: string | null;
  readonly service: string | null;
}

/** As whom a viewer was let in: pairs such as ['x509dname', 'CN=...']. */
export type GraphicsSubject = [type: string, name: string][];

/** Typed parameters that an event brings, by their names. */
export type EventParameters = Record<string, Int64 | string | boolean>;
