import { availableParallelism } from 'node:os';
import { measureInChild } from '../../child.mjs';
import { median } from '../../table.mjs';

const script = new URL('concurrency-process.mjs', import.meta.url);

/** Hooks that run at once; libuv gets one thread more. As far as the machine goes, and beyond. */
const cores = availableParallelism();
const steps = [...new Set([1, 2, 3, 4, 8, cores, 2 * cores])].toSorted((one, other) => one - other);

const figures = ['perSecond', 'p99', 'cpu', 'runMs'];

/**
 * What more hooks at once bring. Each step runs in its own process, because libuv's pool is sized once; the steps take
 * turns.
 *
 * @param {{ rounds: number, ms: number }} plan `ms`: of one kind of call in one step in one round
 * @returns {Promise<{ concurrency: number, figures: Record<string, { perSecond: number, p99: number,
 *   cpu: number, runMs: number }> }[]>} `runMs`: of a call in the plugin, as `usage` says
 */
export async function measureConcurrency({ rounds, ms }) {
  const measured = new Map(steps.map((concurrency) => [concurrency, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [concurrency, seen] of measured) {
      seen.push(await measureStep(concurrency, ms));
    }
  }
  return [...measured].map(([concurrency, seen]) => ({ concurrency, figures: middle(seen) }));
}

function measureStep(concurrency, ms) {
  const env = { ...process.env, UV_THREADPOOL_SIZE: String(concurrency + 1) };
  return measureInChild(script, [concurrency, ms], { env });
}

function middle(rounds) {
  const kinds = Object.keys(rounds[0]);
  const of = (kind, figure) => median(rounds.map((round) => round[kind][figure]));
  return Object.fromEntries(
    kinds.map((kind) => [kind, Object.fromEntries(figures.map((figure) => [figure, of(kind, figure)]))]),
  );
}
