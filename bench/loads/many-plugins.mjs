import { measureInChild } from '../child.mjs';

const script = new URL('many-process.mjs', import.meta.url);

/**
 * So many plugins in one process, no two the same.
 *
 * @typedef {object} Many
 * @property {number} plugins
 * @property {number} loadMs of one load, compiled in this process
 * @property {number} bytes resident memory that each plugin adds, called once
 * @property {number | null} descriptors that all of them hold; null if the platform does not tell
 * @property {number} sync p50 of `callHookSync`, in microseconds, each plugin after the other
 * @property {number} perSecond calls with 16 in flight, each plugin after the other
 */

/**
 * @param {{ counts: number[], ms: number }} plan `ms`: of each manner of calling
 * @returns {Promise<Many[]>}
 */
export async function measureMany({ counts, ms }) {
  const measured = [];
  const most = mostPlugins();
  for (const plugins of new Set(counts.map((count) => Math.min(count, most)))) {
    measured.push({ plugins, ...(await measureInChild(script, [plugins, ms], { execArgv: ['--expose-gc'] })) });
  }
  return measured;
}

/**
 * @param {Many[]} measured
 * @returns {{ heading: string[], rows: string[][] }}
 */
export function manyTable(measured) {
  const [first] = measured;
  return {
    heading: ['', 'a load', 'memory of each', 'descriptors', 'callHookSync p50', '/ first', '16 in flight', '/ first'],
    rows: measured.map(({ plugins, loadMs, bytes, descriptors, sync, perSecond }) => [
      plugins === 1 ? '1 plugin' : `${plugins.toLocaleString('en')} plugins`,
      `${loadMs.toFixed(2)} ms`,
      // The memory of a few is lost in the noise of the process.
      plugins < 100 ? '' : `${(bytes / 1_000).toFixed(0)} kB`,
      descriptors === null ? '' : descriptors.toLocaleString('en'),
      `${sync.toFixed(1)} µs`,
      (sync / first.sync).toFixed(2),
      `${Math.round(perSecond).toLocaleString('en')}/s`,
      (perSecond / first.perSecond).toFixed(2),
    ]),
  };
}

/** Each plugin with data holds a file descriptor, and the rest of the process needs some, too. */
function mostPlugins() {
  const { hard } = process.report.getReport().userLimits?.open_files ?? {};
  return typeof hard === 'number' ? Math.max(1, hard - 256) : Infinity;
}
