/** virError by value, in the order of libvirt-python's tuple. */
export type LibvirtErrorTuple = readonly [
  code: number,
  domain: number,
  message: string | null,
  level: number,
  str1: string | null,
  str2: string | null,
  str3: string | null,
  int1: number,
  int2: number,
];

/**
 * A call that libvirt refused or could not finish. `err` is null, and every getter null, when the failure did not come from libvirt
 * (a full queue of calls, say); the message tells.
 */
export class libvirtError extends Error {
  override readonly name = 'libvirtError';
  /** What libvirt left behind: the nine values of libvirt-python's `err`. */
  readonly err: LibvirtErrorTuple | null;
  /** The C function that failed. */
  readonly function: string | null;

  constructor(defaultMessage: string, err: LibvirtErrorTuple | null = null, failedFunction: string | null = null) {
    super(err?.[2] ?? defaultMessage);
    this.err = err;
    this.function = failedFunction;
  }

  /** One of VIR_ERR_...; the same as get_error_code(). */
  get code(): number | null {
    return this.err?.[0] ?? null;
  }

  /** One of VIR_FROM_...: the part of libvirt that raised it. */
  get domain(): number | null {
    return this.err?.[1] ?? null;
  }

  /** 0 none, 1 warning, 2 error. */
  get level(): number | null {
    return this.err?.[3] ?? null;
  }

  get_error_code(): number | null {
    return this.code;
  }

  get_error_domain(): number | null {
    return this.domain;
  }

  get_error_message(): string | null {
    return this.err?.[2] ?? null;
  }

  get_error_level(): number | null {
    return this.level;
  }

  get_str1(): string | null {
    return this.err?.[4] ?? null;
  }

  get_str2(): string | null {
    return this.err?.[5] ?? null;
  }

  get_str3(): string | null {
    return this.err?.[6] ?? null;
  }

  get_int1(): number | null {
    return this.err?.[7] ?? null;
  }

  get_int2(): number | null {
    return this.err?.[8] ?? null;
  }
}
