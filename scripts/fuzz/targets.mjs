import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../build/command.mjs';

/**
 * The targets, and the inputs that each starts from. Those of the first two are read as a row of choices, where any
 * bytes will do.
 *
 * @type {Record<string, () => Promise<Array<Uint8Array>>>}
 */
export const targets = {
  abi: async () => arbitraryInputs(256),
  load_module: async () => arbitraryInputs(2048),
  load_bytes: fixtures,
  result: async () => {
    const file = path.join(root, 'fuzz', 'seeds', 'results.json');
    return JSON.parse(readFileSync(file, 'utf8')).map((text) => Buffer.from(text));
  },
};

async function fixtures() {
  // Only now: the assembler is a development dependency.
  const { assembleFixture } = await import('../build/fixture.mjs');
  const files = readdirSync(path.join(root, 'fixtures')).filter((file) => file.endsWith('.wat'));
  return Promise.all(files.map((file) => assembleFixture(path.basename(file, '.wat'))));
}

/** Inputs of this length that look like chance and are the same every time. */
function arbitraryInputs(length) {
  return Array.from({ length: 16 }, (_, input) =>
    Buffer.concat(
      Array.from({ length: length / 32 }, (_, block) => createHash('sha256').update(`${input} ${block}`).digest()),
    ),
  );
}
