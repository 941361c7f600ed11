import type { ModuleName } from './api-list.js';

/** One decision and its reason, for one symbol of libvirt. */
export interface PlanRow {
  readonly kind: 'function' | 'enum' | 'macro' | 'callback';
  readonly module: ModuleName;
  readonly name: string;
  readonly since: string | null;
  readonly by: 'generated' | 'hand' | 'nobody';
  readonly why: string;
  /** By hand: the file that has it. */
  readonly where?: string;
  /** By hand, but not written yet. */
  readonly notYet?: true;
  /** Where a Python program finds it: `virDomain.shutdownFlags`, or null when libvirt-python hides it too. */
  readonly python: string | null;
  /** libvirt-python wraps this function without help. */
  readonly plainInPython?: true;
  /** Belongs to the language's plumbing: reference counts, frees, error copies. */
  readonly plumbing?: true;
}
