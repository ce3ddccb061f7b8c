import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../build/command.mjs';

/**
 * The targets: the length of the longest input in bytes, the first inputs, and the number of runs that take about ten
 * seconds.
 *
 * @type {Record<string, { maxBytes: number, briefRuns: string, seeds: () => Promise<Array<Uint8Array>> }>}
 */
export const targets = {
  // The first two read their input as a sequence of choices, so any bytes will do.
  abi: { maxBytes: 512, briefRuns: '1000', seeds: async () => choices(512) },
  load_module: { maxBytes: 4096, briefRuns: '200', seeds: async () => choices(4096) },
  // Larger modules may take so long to compile that they look like a hang.
  load_bytes: { maxBytes: 8192, briefRuns: '5000', seeds: assembledFixtures },
  result: { maxBytes: 4096, briefRuns: '20000', seeds: results },
};

async function assembledFixtures() {
  // Imported here, because the assembler is a development dependency.
  const { assembleFixture } = await import('../build/fixture.mjs');
  const files = readdirSync(path.join(root, 'fixtures')).filter((file) => file.endsWith('.wat'));
  return Promise.all(files.map((file) => assembleFixture(path.basename(file, '.wat'))));
}

async function results() {
  const texts = JSON.parse(readFileSync(path.join(root, 'fuzz', 'seeds', 'results.json'), 'utf8'));
  return texts.map((text) => Buffer.from(text));
}

/** Inputs of up to this length that look random and are the same every time. */
function choices(maxBytes) {
  const lengths = Array.from({ length: 16 }, (_, index) => ((index + 1) * maxBytes) / 16);
  return lengths.map((outputLength) => createHash('shake256', { outputLength }).update(`${outputLength}`).digest());
}
