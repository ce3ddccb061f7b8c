import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root, run } from '../../../scripts/build/command.mjs';
import { cargoOptions } from '../cargo-options.mjs';

/**
 * Builds the addon in this folder and loads it.
 *
 * @returns {Promise<{ emptyTask(): Promise<void>, echoTask(text: string): Promise<string> }>}
 */
export async function loadFloor() {
  let library;
  const readMessage = (line) => {
    const { reason, target, filenames } = JSON.parse(line);
    if (reason === 'compiler-artifact' && target.name === 'hookcell_bench_floor') {
      library = filenames.find((file) => /\.(so|dylib|dll)$/.test(file));
    }
  };
  const args = ['build', ...cargoOptions];
  await run('cargo', [...args, '--message-format=json-render-diagnostics'], { output: readMessage });

  const addon = path.join(root, 'target', 'bench-floor.node');
  copyFileSync(library, addon);
  return createRequire(import.meta.url)(addon);
}
