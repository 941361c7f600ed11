/** A 64-bit integer of libvirt's. As a result: a number, rounded above 2^53 (relative error 1e-16). */
export type Int64 = number;
