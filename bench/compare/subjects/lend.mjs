/**
 * Lends each of `free` to one call at a time. With none left, a call waits.
 *
 * @template T
 * @param {T[]} free
 * @param {(lent: T) => Promise<unknown>} use
 */
export function inTurns(free, use) {
  const waiting = [];
  return async () => {
    const lent = free.pop() ?? (await new Promise((resolve) => waiting.push(resolve)));
    try {
      return await use(lent);
    } finally {
      const next = waiting.shift();
      if (next === undefined) {
        free.push(lent);
      } else {
        next(lent);
      }
    }
  };
}
