import { readFileSync } from 'node:fs';
import path from 'node:path';
import initWabt from 'wabt';
import { root } from './command.mjs';

/**
 * Assembles one of the plugins in fixtures/.
 *
 * @param {string} name the name of its file, without `.wat`
 */
export async function assembleFixture(name) {
  const wabt = await initWabt();
  const module = wabt.parseWat(name, readFileSync(path.join(root, 'fixtures', `${name}.wat`), 'utf8'));
  try {
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}
