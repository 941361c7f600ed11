/** What a callback threw, or its promise was rejected with: an uncaught exception, as in any event listener, after those that are told as well. */
export function uncaught(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
