/** What comes next on the event loop has had its turn then. */
export const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Resolves when it is so, which is looked at once in each turn of the event loop. */
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
