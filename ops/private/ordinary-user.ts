/** Numeric identity that a process runs under. */
export interface UserIdentity {
  readonly uid: number;
  readonly gid: number;
}

/** nobody and nogroup, on every Debian. */
const NOBODY: UserIdentity = { uid: 65534, gid: 65534 };

/** Whom daemons and the worker run as: whoever we are, except that root steps down to nobody. */
export function ordinaryUser(): UserIdentity {
  const uid = process.getuid?.() ?? NOBODY.uid;
  return uid === 0 ? NOBODY : { uid, gid: process.getgid?.() ?? NOBODY.gid };
}

/** Options for spawn that step down to `user`; none where we are that user already, because only root may change identity. */
export function spawnAs(user: UserIdentity): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: user.uid, gid: user.gid } : {};
}
