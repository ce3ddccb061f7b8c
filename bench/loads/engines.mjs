import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { measureInChild } from '../child.mjs';
import { median } from '../table.mjs';

const script = new URL('engine-process.mjs', import.meta.url);
const languages = { javascript: 'JavaScript', python: 'Python' };
const PLUGINS = 6;

/**
 * What an engine of plugins costs a process that finds its code in `cacheDir`, in milliseconds.
 *
 * @typedef {object} EngineFigures
 * @property {string} language
 * @property {number} start until plugins can be built: `prepareLoadSource` in a new process
 * @property {number} first of the first plugin that a new process loads
 * @property {number} other of every other plugin
 */

/**
 * @param {{ rounds: number }} plan new processes of each kind
 * @returns {Promise<EngineFigures[]>}
 */
export async function measureEngines({ rounds }) {
  const home = mkdtempSync(path.join(tmpdir(), 'hookcell-bench-'));
  try {
    const measured = [];
    for (const [language, name] of Object.entries(languages)) {
      const places = [language, path.join(home, language, 'code'), path.join(home, language, 'plugins')];
      await measureInChild(script, ['build', ...places, PLUGINS]);
      const processes = [];
      for (let round = 0; round < rounds; round += 1) {
        const { start } = await measureInChild(script, ['start', ...places]);
        processes.push({ start, ...(await measureInChild(script, ['load', ...places])) });
      }
      measured.push({
        language: name,
        start: median(processes.map(({ start }) => start)),
        first: median(processes.map(({ first }) => first)),
        other: median(processes.flatMap(({ others }) => others)),
      });
    }
    return measured;
  } finally {
    rmSync(home, { recursive: true });
  }
}

/**
 * @param {EngineFigures[]} measured
 * @returns {{ heading: string[], rows: string[][] }}
 */
export function enginesTable(measured) {
  return {
    heading: ['', 'prepareLoadSource', 'first plugin', 'another plugin'],
    rows: measured.map(({ language, start, first, other }) => [
      language,
      ...[start, first, other].map((ms) => `${ms.toFixed(1)} ms`),
    ]),
  };
}
