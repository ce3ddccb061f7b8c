import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { Folder } from './support/folder';
import { COMMAND } from './support/hookcell';

const folder = new Folder();
const RUST = path.join(__dirname, '../../../pdk/rust/validate_email.wasm');
const ROUNDS = 9;

/** The least time of each program over some rounds, in which they take turns: other work on the machine meets all of them. */
function leastTimes(programs: Record<string, readonly string[]>): Record<string, number> {
  const times: Record<string, number> = {};
  const env = { ...process.env, HOOKCELL_CACHE_DIR: folder.at('cache') };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, args] of Object.entries(programs)) {
      const start = performance.now();
      expect(spawnSync(process.execPath, args, { env, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
      times[name] = Math.min(times[name] ?? Infinity, performance.now() - start);
    }
  }
  return times;
}

test('run of a plugin that did not change takes less than twice as long as to load the library', () => {
  const context = folder.write('context.json', { input: { email: ' A@b.c ' } });
  const times = leastTimes({
    library: ['-e', `require(${JSON.stringify(require.resolve('hookcell'))})`],
    run: [COMMAND, 'run', RUST, '--context', context],
  });
  expect(times['run']).toBeLessThan(2 * (times['library'] ?? 0));
}, 60_000);

test('a command still works if nothing can be kept', () => {
  const context = folder.write('context.json', { input: { email: ' A@b.c ' } });
  const env = { ...process.env, HOOKCELL_CACHE_DIR: folder.write('a file', '') };
  const ended = spawnSync(process.execPath, [COMMAND, 'run', RUST, '--context', context], { env, encoding: 'utf8' });
  expect(ended).toMatchObject({ status: 0, stderr: '' });
});
