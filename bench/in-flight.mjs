/** Makes `calls` calls, so many at a time, and resolves when the last has ended. */
export async function callInFlight(call, calls, inFlight) {
  let left = calls;
  async function worker() {
    while (left > 0) {
      left -= 1;
      await call();
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker));
}
