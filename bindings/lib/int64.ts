/**
 * A program that calls setInt64Mode('bigint') says so to the compiler by adding to this interface:
 *
 *     declare module '@novalet/libvirt' {
 *       interface Int64Mode {
 *         bigint: true;
 *       }
 *     }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- there to be added to
export interface Int64Mode {}

/**
 * A 64-bit integer of libvirt's, as a result: a number, rounded above 2^53 (relative error 1e-16); or a bigint, exact, in a program that has
 * chosen so by setInt64Mode and Int64Mode.
 */
export type Int64 = Int64Mode extends { bigint: true } ? bigint : number;

/** A 64-bit integer of libvirt's, as an argument. */
export type Int64In = number | bigint;
