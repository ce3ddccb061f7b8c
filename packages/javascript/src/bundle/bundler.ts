import { stop } from 'esbuild';

import { PluginBuildError } from '../errors.js';

/** How many bundlers have died, or were ended. */
let deaths = 0;

/**
 * Uses the bundler, which is a process that all builds share. If it dies, perhaps of another build's source, a new one is started
 * and the work is done again, once. It is also ended, with all that it does, if the work takes longer than its time: nothing else
 * ends a bundler that waits for a file.
 *
 * @param what what is bundled, for messages
 * @param timeoutMs the most time that the work may take, in milliseconds
 * @throws {@link PluginBuildError} `ERR_TIMEOUT`
 */
export async function withBundler<T>(what: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const end = performance.now() + timeoutMs;
  const late = () =>
    new PluginBuildError({
      code: 'ERR_TIMEOUT',
      message: `bundling ${what} took too long: it was not done after ${timeoutMs} ms (timeoutMs)`,
    });
  const first = await attempt(work, end, late);
  if ('result' in first) {
    return first.result;
  }
  const second = await attempt(work, end, late);
  if ('result' in second) {
    return second.result;
  }
  throw new Error('it ended while it read this source, which may nest too deeply', { cause: second.death });
}

async function attempt<T>(
  work: () => Promise<T>,
  end: number,
  late: () => PluginBuildError,
): Promise<{ result: T } | { death: Error }> {
  const before = deaths;
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), Math.max(0, end - performance.now()));
  });
  try {
    return { result: await Promise.race([work(), isLate]) };
  } catch (error) {
    const isDeath = error instanceof Error && /^The service (?:was stopped|is no longer running)/.test(error.message);
    if (!isDeath && !(error instanceof PluginBuildError)) {
      throw error;
    }
    // Another build may have replaced it already.
    if (deaths === before) {
      deaths += 1;
      await stop();
    }
    if (!isDeath) {
      throw error;
    }
    return { death: error };
  } finally {
    clearTimeout(timer);
  }
}
