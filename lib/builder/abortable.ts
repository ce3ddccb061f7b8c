/** Settles as the promise does, or rejects with the signal's reason as soon as that aborts. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) {
    return promise;
  }
  signal.throwIfAborted();
  const settled = new AbortController();
  try {
    return await new Promise<T>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: settled.signal });
      promise.then(resolve, reject);
    });
  } finally {
    settled.abort();
  }
}
