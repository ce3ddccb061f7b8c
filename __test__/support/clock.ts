/** Resolves after the next turn of the event loop. */
export const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Resolves when the condition is true, which is checked on each turn of the event loop. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await soon();
  }
}

/** Moves the clock that `performance.now` reads. */
export function passTime() {
  const now = performance.now.bind(performance);
  let ahead = 0;
  const spy = jest.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
  return { later: (ms: number) => void (ahead += ms), restore: () => spy.mockRestore() };
}
