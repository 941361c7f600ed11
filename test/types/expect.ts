/** Whether two types are the same to the compiler, not merely assignable. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Does not compile for anything but true. */
export type Expect<T extends true> = T;

/** What a method's promise is fulfilled with. */
export type Result<F extends (...args: never[]) => unknown> = Awaited<ReturnType<F>>;
