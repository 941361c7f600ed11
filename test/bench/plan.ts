/** How much is measured. */
export interface Plan {
  readonly starts: number;
  readonly qemu: {
    readonly oneAtATime: number;
    readonly burst: { readonly size: number; readonly rounds: number; readonly threads: readonly number[] };
    /** Lives of a guest through every verb. */
    readonly lives: number;
  };
  readonly test: {
    readonly oneAtATime: number;
    readonly burst: { readonly size: number; readonly rounds: number; readonly threads: readonly number[] };
    readonly many: { readonly size: number; readonly rounds: number; readonly threads: readonly number[] };
    /** Spawns that are under way while instances are looked at. */
    readonly underLoad: number;
    /** Instances on the host when its worker is started again. */
    readonly recovery: { readonly size: number; readonly rounds: number };
    /** Watches that are told of the changes of one instance. */
    readonly fanOut: { readonly watches: number; readonly changes: number };
    /** Calls of the gRPC API, spawns by it, and connections that say nothing. */
    readonly grpc: { readonly calls: number; readonly creates: number; readonly connections: number };
  };
}

export const FULL: Plan = {
  starts: 5,
  qemu: { oneAtATime: 20, burst: { size: 50, rounds: 3, threads: [4, 8] }, lives: 10 },
  test: {
    oneAtATime: 50,
    burst: { size: 50, rounds: 7, threads: [2, 4, 8] },
    many: { size: 1000, rounds: 3, threads: [4, 8] },
    underLoad: 1000,
    recovery: { size: 1000, rounds: 3 },
    fanOut: { watches: 200, changes: 50 },
    grpc: { calls: 2000, creates: 30, connections: 1000 },
  },
};

/** Shows that everything works; its figures mean little. */
export const QUICK: Plan = {
  starts: 1,
  qemu: { oneAtATime: 2, burst: { size: 6, rounds: 1, threads: [4] }, lives: 1 },
  test: {
    oneAtATime: 3,
    burst: { size: 20, rounds: 1, threads: [4] },
    many: { size: 50, rounds: 1, threads: [4] },
    underLoad: 50,
    recovery: { size: 50, rounds: 1 },
    fanOut: { watches: 20, changes: 3 },
    grpc: { calls: 50, creates: 2, connections: 20 },
  },
};
