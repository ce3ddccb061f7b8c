import { fork } from 'node:child_process';
import { once } from 'node:events';
import { median } from '../../table.mjs';

/** Hooks that run at once; libuv gets one thread more. */
const steps = [1, 2, 3, 4, 8];

/**
 * What more hooks at once bring. Each step runs in its own process, because libuv's pool is sized once; the steps take
 * turns.
 *
 * @param {{ rounds: number, ms: number }} plan `ms`: of one kind of call in one step in one round
 * @returns {Promise<{ concurrency: number, figures: Record<string, { perSecond: number, p99: number }> }[]>}
 */
export async function measureConcurrency({ rounds, ms }) {
  const measured = new Map(steps.map((concurrency) => [concurrency, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [concurrency, figures] of measured) {
      figures.push(await measureStep(concurrency, ms));
    }
  }
  return [...measured].map(([concurrency, figures]) => ({ concurrency, figures: middle(figures) }));
}

async function measureStep(concurrency, ms) {
  const child = fork(new URL('concurrency-process.mjs', import.meta.url), [String(concurrency), String(ms)], {
    env: { ...process.env, UV_THREADPOOL_SIZE: String(concurrency + 1) },
  });
  let figures;
  child.once('message', (message) => (figures = message));
  const [code] = await once(child, 'exit');
  if (figures === undefined) {
    throw new Error(`the process with ${concurrency} hooks at once ended with exit code ${code}`);
  }
  return figures;
}

function middle(rounds) {
  const kinds = Object.keys(rounds[0]);
  const of = (kind, figure) => median(rounds.map((round) => round[kind][figure]));
  return Object.fromEntries(kinds.map((kind) => [kind, { perSecond: of(kind, 'perSecond'), p99: of(kind, 'p99') }]));
}
