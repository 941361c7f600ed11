/**
 * The few calls of the binding that the driver makes, as it needs to see them. `@novalet/libvirt` fits it as it is; tests may
 * put something smaller in its place.
 */
export interface Libvirt {
  open(uri: string): Promise<Connection>;
  openReadOnly(uri: string): Promise<Connection>;
}

export interface Connection {
  lookupByUUIDString(uuid: string): Promise<Domain>;
  defineXMLFlags(xml: string, flags: number): Promise<Domain>;
  numOfDomains(): Promise<number>;
  getCapabilities(): Promise<string>;
  isAlive(): Promise<number>;
  close(): Promise<number>;
  registerCloseCallback(callback: (connection: unknown, reason: number, opaque: unknown) => void, opaque: null): unknown;
  domainEventRegisterAny(
    domain: null,
    eventId: number,
    callback: (connection: unknown, domain: Domain, event: number, detail: number, opaque: unknown) => void,
    opaque: null,
  ): unknown;
}

export interface Domain {
  UUIDString(): string;
  createWithFlags(flags: number): Promise<number>;
  destroyFlags(flags: number): Promise<number>;
  undefineFlags(flags: number): Promise<number>;
  resume(): Promise<number>;
  /** [virDomainState, reason] */
  state(flags: number): Promise<readonly number[]>;
  /** 1: there is one. */
  hasManagedSaveImage(flags: number): Promise<number>;
  metadata(type: number, uri: string, flags: number): Promise<string>;
}

// Numbers of libvirt's stable interface, by their C names.
export const VIR_DOMAIN_START_PAUSED = 1;
export const VIR_DOMAIN_START_AUTODESTROY = 2;
export const VIR_DOMAIN_START_BYPASS_CACHE = 4;
export const VIR_DOMAIN_START_FORCE_BOOT = 8;
export const VIR_DOMAIN_METADATA_ELEMENT = 2;
export const VIR_DOMAIN_PAUSED = 3;
export const VIR_DOMAIN_PAUSED_STARTING_UP = 11;
export const VIR_DOMAIN_SHUTOFF = 5;
export const VIR_DOMAIN_EVENT_ID_LIFECYCLE = 0;
export const VIR_DOMAIN_EVENT_STARTED = 2;
export const VIR_DOMAIN_UNDEFINE_MANAGED_SAVE = 1;
export const VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA = 2;
export const VIR_DOMAIN_UNDEFINE_NVRAM = 4;
export const VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA = 16;
export const VIR_DOMAIN_UNDEFINE_TPM = 32;
