import type { PowerState } from '../common/messages/power-state.js';
import type { Room } from './claims/rooms.js';

/** What the hypervisor tells of its host; what it does not say is absent. */
export interface HostFacts {
  /** Of the machine. */
  readonly uid?: string | undefined;
  readonly libvirtVersion?: string | undefined;
  /** Such as `QEMU 7.2.0`. */
  readonly hypervisor?: string | undefined;
  /** kvm, qemu or test. */
  readonly virtType: string;
  readonly architecture?: string | undefined;
  readonly cpuModel?: string | undefined;
  /** For guests of the host's own architecture. */
  readonly machines: readonly string[];
  readonly firmwares: readonly string[];
  /** Whatever else guests may have, by name. */
  readonly features: Readonly<Record<string, string>>;
}

/** A domain of somebody else's. */
export interface ForeignDomain {
  readonly id: string;
  readonly name: string;
  readonly powerState: PowerState;
  /** The instance that its name looks like, or whose directory is here; null: it looks like none. */
  readonly suspected: string | null;
}

/** A console's log while its guest writes it. */
export interface ConsoleReader {
  /** Bytes that the log has now; fewer than before: the guest was started anew. */
  size(): Promise<number>;
  /** At most `maxBytes` from there on; empty: nothing is there yet. */
  read(position: number, maxBytes: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Our port to what is to be known of the host itself. Throws ComputeError and nothing else; changes nothing. */
export interface HostView {
  /** Asked of the hypervisor once, and again when it was away. @throws unavailable */
  facts(): Promise<HostFacts>;
  /** What guests have of the host now; null: nobody counts. @throws unavailable */
  rooms(): Promise<readonly Room[] | null>;
  foreignDomains(): Promise<readonly ForeignDomain[]>;
}
