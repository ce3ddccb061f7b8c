import { stop } from 'esbuild';

/** How many bundlers have died. */
let deaths = 0;

/**
 * Uses the bundler, which is a process that all builds share. If it dies, perhaps of another build's source, a new one is started
 * and the work is done again, once.
 */
export async function withBundler<T>(work: () => Promise<T>): Promise<T> {
  const first = await attempt(work);
  if ('result' in first) {
    return first.result;
  }
  const second = await attempt(work);
  if ('result' in second) {
    return second.result;
  }
  throw new Error('it ended while it read this source, which may nest too deeply', { cause: second.death });
}

async function attempt<T>(work: () => Promise<T>): Promise<{ result: T } | { death: Error }> {
  const before = deaths;
  try {
    return { result: await work() };
  } catch (error) {
    if (!(error instanceof Error) || !/^The service (?:was stopped|is no longer running)/.test(error.message)) {
      throw error;
    }
    // Another build may have replaced it already.
    if (deaths === before) {
      deaths += 1;
      await stop();
    }
    return { death: error };
  }
}
