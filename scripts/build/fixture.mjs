import { readFileSync } from 'node:fs';
import path from 'node:path';
import initWabt from 'wabt';
import { root } from './command.mjs';

/**
 * Assembles one of the plugins in fixtures/.
 *
 * @param {string} name the name of its file, without `.wat`
 */
export function assembleFixture(name) {
  return assemble(name, readFileSync(path.join(root, 'fixtures', `${name}.wat`), 'utf8'));
}

/**
 * Assembles a module.
 *
 * @param {string} name its name in errors
 * @param {string} source in the text format
 */
export async function assemble(name, source) {
  const wabt = await initWabt();
  const module = wabt.parseWat(name, source);
  try {
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}
